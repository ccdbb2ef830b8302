"""Markdown and HTML files with YAML front matter: one record a file."""

import re
from collections.abc import Iterator

from feedpub.errors import Problem, RecordError
from feedpub.records import Record
from feedpub.sources.files import SourceFile
from feedpub.tree import SECRET_KEYS, Mapping, parse_yaml

MAX_BYTES = 1024 * 1024

# Anchored to lines, and no `\s` that could run across them: `---` occurs in titles and addresses,
# and a greedy pattern takes seconds on a file of dashes.
_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
# What a secret looks like where no parser dropped it: the front matter ended too early.
_STRAY_SECRET = re.compile(
    rf"""^[ \t]*["']?(?:{"|".join(sorted(SECRET_KEYS))})["']?[ \t]*:[ \t]*["']?[\w+/=-]{{20,}}""",
    re.IGNORECASE | re.MULTILINE,
)


def read_records(text: str, file: SourceFile) -> Iterator[Record | Problem]:
    """Yield the one record of a file; raise `RecordError` if it is none."""
    header, body = split(text)
    if _STRAY_SECRET.search(body):
        raise RecordError(
            "stray-front-matter", "front matter goes on after its closing ---", line=1
        )
    documents = parse_yaml(header, first_line=2)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise RecordError("not-a-mapping", "the front matter is not a list of `key: value`", line=2)
    yield Record(
        source=file.shown,
        line=1,
        path=file.path,
        fields=documents[0],
        body=body,
        body_format="html" if file.suffix in {".html", ".htm"} else "markdown",
    )


def split(text: str) -> tuple[str, str]:
    """Return front matter and body; raise `RecordError` where there is no whole front matter."""
    opening = _OPENING.match(text)
    if opening is None:
        hint = "feedpub reads YAML front matter, between two lines of ---"
        if text.startswith("+++"):
            raise RecordError("toml", "TOML front matter (+++) is not read", line=1, help=hint)
        raise RecordError("no-front-matter", "no front matter", line=1, help=hint)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise RecordError("no-front-matter", "the front matter has no closing ---", line=1)
    return text[opening.end() : closing.start()], text[closing.end() :].lstrip("\r\n")
