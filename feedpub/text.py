"""Cleaning rules for plain text, one small function a rule.

Records carry text that passed through several systems: HTML entities, stray markup, invisible
characters. What leaves here is plain text that may stand in XML 1.0 (§2.2) and in a log.
"""

import html
import re
import unicodedata

# XML 1.0 §2.2 forbids C0 controls (but tab, LF, CR), surrogates and U+FFFE/U+FFFF. C1 controls,
# DEL, the other noncharacters and U+FFFD are legal or nearly so, and never what an author meant.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
    )
    + "]"
)
# Soft hyphen, zero-width space, word joiner, byte order mark. ZWJ and ZWNJ stay: they join emoji
# and spell Persian and Indic words.
_ZERO_WIDTH = re.compile("[\u00ad\u200b\u2060\ufeff]")
# Overrides and isolates reorder what follows them: harmful in a title, rightful in a body.
_BIDI_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ODD_SPACES = re.compile("[\t\x0b\x0c\x85\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")

# The elements of HTML, living and obsolete, and the roots of SVG and MathML: `<b>` is markup,
# `<MSFT.O>` and `<https://example.org>` are text.
_HTML_ELEMENTS = frozenset(
    """a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big
    blink blockquote body br button canvas caption center cite code col colgroup data datalist dd
    del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins isindex kbd
    keygen label legend li link listing main map mark marquee math menu menuitem meta meter nav
    nobr noembed noframes noscript object ol optgroup option output p param picture plaintext
    portal pre progress q rb rp rt rtc ruby s samp script search section select slot small source
    spacer span strike strong style sub summary sup svg table tbody td template textarea tfoot th
    thead time title tr track tt u ul var video wbr xmp""".split()
)
_INVISIBLE_ELEMENT = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*)(?=[\s/>])([^<>]*)(>|\Z)")
_DECLARATION = re.compile(r"<!--.*?-->|<[!?][^<>]*>", re.DOTALL)
_BREAKING_TAG = re.compile(r"</?(?:p|br|div|li|tr|h[1-6])\b[^<>]*>", re.IGNORECASE)


def without_forbidden(text: str) -> str:
    """Drop the characters XML 1.0 §2.2 forbids, C1 controls and noncharacters."""
    return _FORBIDDEN.sub("", text)


def without_markup(text: str) -> str:
    """Strip what is really markup from `text`; angle brackets that are text stay.

    Repeated until nothing changes, so that `<scr<b>ipt>` cannot leave a tag behind.
    """
    while "<" in text:
        stripped = _INVISIBLE_ELEMENT.sub("", text)
        stripped = _DECLARATION.sub("", stripped)
        stripped = _BREAKING_TAG.sub("\n", stripped)
        stripped = _TAG.sub(_text_of_tag, stripped)
        if stripped == text:
            break
        text = stripped
    return text


def _text_of_tag(match: re.Match[str]) -> str:
    name, attributes = match.group(1).lower(), match.group(2)
    if match.group(3):
        return "" if name in _HTML_ELEMENTS or "=" in attributes else match.group(0)
    # A tag that never ends may be the tail of a cut text, and comes alive before the next `>`.
    return "" if name in _HTML_ELEMENTS and "=" in attributes else match.group(0)


def plain_text(raw: str) -> str:
    """Return `raw` as plain text of one or more paragraphs, which blank lines separate.

    Entities are decoded once, markup is stripped, odd spaces become spaces, zero-width marks go.
    """
    text = without_forbidden(html.unescape(without_forbidden(raw)))
    text = _LINE_BREAKS.sub("\n", text)
    text = without_markup(text)
    text = _ZERO_WIDTH.sub("", _ODD_SPACES.sub(" ", text))
    lines = [re.sub(" {2,}", " ", line).strip() for line in text.split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()


def one_line(raw: str) -> str:
    """Return `raw` as plain text on one line, without marks that reorder it: a title, a name."""
    return " ".join(_BIDI_CONTROLS.sub("", plain_text(raw)).split())


def shortened(text: str, limit: int) -> str:
    """Cut `text` to at most `limit` characters at a word, ending in an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    words = head.rpartition(" ")[0]
    head = words if len(words) > limit // 2 else _without_broken_cluster(head, text)
    return head.rstrip() + "…"


def _without_broken_cluster(head: str, text: str) -> str:
    """Drop characters from the end of `head` until no combined character of `text` is cut."""

    def joins(index: int) -> bool:
        before, after = text[index - 1], text[index]
        return "\u200d" in {before, after} or unicodedata.category(after) in {"Mn", "Me", "Mc"}

    end = len(head)
    while end > 1 and joins(end):
        end -= 1
    return text[:end]


def paragraphs(text: str) -> tuple[str, ...]:
    """Split plain text at its blank lines."""
    return tuple(part for part in (p.strip() for p in text.split("\n\n")) if part)
