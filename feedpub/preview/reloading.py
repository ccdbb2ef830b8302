"""Pages that load themselves anew when the output changes: a script put into them on the way.

A page forbids all scripts by a Content-Security-Policy in a `meta` element; there, the script is
allowed by its hash, and its requests to the server the page came from.
"""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape, unescape
from pathlib import Path

from feedpub.destinations.ledger import NAME as LEDGER

# Hidden names are never served, so this hides no file.
VERSION_PATH = "/.feedpub-version"
_SCRIPT = """\
setInterval(async () => {
  try {
    const answer = await fetch("%(path)s");
    if (answer.ok && (await answer.text()) !== "%(version)s") location.reload();
  } catch {}
}, 1000);
"""
_POLICY = re.compile(rb'(<meta http-equiv="Content-Security-Policy" content=")([^"]*)(">)')
_END = b"</body>"


def version(root: Path) -> str:
    """Return what changes with every byte of the output: a hash of feedpub's list of its files."""
    try:
        return sha256((root / LEDGER).read_bytes()).hexdigest()
    except OSError:
        return ""


def reloading(page: bytes, of: str) -> bytes:
    """Return a page that loads itself anew once the version is no longer `of`."""
    script = (_SCRIPT % {"path": VERSION_PATH, "version": of}).encode()
    allowed = f"'sha256-{b64encode(sha256(script).digest()).decode()}'"
    page = _POLICY.sub(lambda found: found[1] + _allowing(found[2], allowed) + found[3], page)
    start, end, rest = page.rpartition(_END)
    return start + b"<script>" + script + b"</script>\n" + end + rest


def _allowing(policy: bytes, script: str) -> bytes:
    """Return a policy that also allows a script and requests to the page's own server."""
    parts = (directive.split() for directive in unescape(policy.decode()).split(";"))
    directives = {words[0]: words[1:] for words in parts if words}
    for name, source in (("script-src", script), ("connect-src", "'self'")):
        sources = directives.get(name, directives.get("default-src", []))
        directives[name] = [*(each for each in sources if each not in {"'none'", source}), source]
    text = "; ".join(" ".join((name, *sources)) for name, sources in directives.items())
    return escape(text, quote=False).encode()
