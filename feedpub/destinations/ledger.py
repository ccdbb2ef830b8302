"""The list of the files that feedpub wrote into a folder, in the form `sha256sum -c` reads."""

import re
from collections.abc import Mapping

NAME = ".feedpub"
_HEADER = "# Written by feedpub, which replaces and removes only these files.\n"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def parsed(text: str) -> dict[str, str]:
    """Return the SHA-256 of every file in a list, by path; a damaged line is passed over."""
    matches = filter(None, map(_LINE.fullmatch, text.splitlines()))
    return {match[2]: match[1] for match in matches if is_safe(match[2])}


def formatted(ledger: Mapping[str, str]) -> bytes:
    """Return a list as it is written, sorted by path."""
    written = bytearray(_HEADER.encode())  # grows in place: the list of a large site is long
    for path in sorted(ledger):
        written += f"{ledger[path]}  {path}\n".encode()
    return bytes(written)


def is_safe(path: str) -> bool:
    """Tell whether a path stays below the folder it is joined to."""
    parts = path.split("/")
    return bool(path) and not any(part in {"", ".", ".."} or "\0" in part for part in parts)
