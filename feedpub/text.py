"""Cleaning rules for plain text, one small function a rule.

Records carry text that passed through several systems: HTML entities, stray markup, invisible
characters. What leaves here is plain text that may stand in XML 1.0 (§2.2) and in a log.
"""

import html
import re
import unicodedata
from bisect import bisect_left

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
# Whatever any rule below could act on: a text without it is clean as it stands, as nearly all are.
_SUSPECT = re.compile(
    "[&<\x00-\x1f\x7f-\xa0\xad\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff\U0001fffe-\U0001ffff\U0002fffe-\U0010ffff]|  "
)
# Overrides and isolates reorder what follows them: harmful in a title, rightful in a body.
_BIDI_CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ODD_SPACES = re.compile("[\t\x0b\x0c\x85\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")

_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
_EXTENDER = re.compile("[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")  # skin tones, tags of flags

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
# Such a tag does something without any attribute: what follows it is no longer text, or is shown,
# sent or nested in another way.
_LIVE_ELEMENTS = frozenset(
    """applet area audio base body button canvas dialog embed form frame frameset head html iframe
    input link map marquee math meta noembed noframes noscript object param plaintext portal script
    select slot source style svg template textarea track video xmp""".split()
)
_BREAKING_ELEMENTS = frozenset("p br div li tr h1 h2 h3 h4 h5 h6".split())
_BRACKET = re.compile("[<>]")
_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9:-]*)(?=[\s/]|\Z)")
_BEGINS_LIKE_A_TAG = re.compile(r"</?[A-Za-z]")
_WITH_ATTRIBUTES = re.compile(r"</?[A-Za-z][^\s/<>]*[\s/][^<>]*=")
_LIVE_ATTRIBUTE = re.compile(
    r"""[\s/"'](on\w*|style|src\w*|(xlink:)?href|(form)?action)\s*=""", re.IGNORECASE
)
# To HTML, `/name=` is an attribute even within what we take for an address.
_ADDRESS = re.compile(r"""<https?://[\w.-]+(?::\d+)?(?=[/?#]|\Z)(?:(?!/[\w-]+=)[^\s<>"'`])*""")
_END_OF_INVISIBLE = re.compile(r"</(script|style)\s*>", re.IGNORECASE)
_LONGEST_HEAD = 40


def without_forbidden(text: str) -> str:
    """Drop the characters XML 1.0 §2.2 forbids, C1 controls and noncharacters."""
    return _FORBIDDEN.sub("", text)


def without_markup(text: str) -> str:
    """Strip what is really markup from `text`; angle brackets that are text stay.

    `<scr<b>ipt>` leaves no tag behind, and the time is linear in the length of the text.
    """
    return _MarkupStripper(text).stripped() if "<" in text else text


class _MarkupStripper:
    """Reads a text from left to right once, and takes back what a `>` makes a tag.

    `_kept` is the text so far, in pieces, a `<` by itself; `_opened` are the places in it of those
    `<` that the next `>` may close; `_equals` tells for each piece where the last `=` stood.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._kept: list[str] = []
        self._equals: list[int] = []
        self._opened: list[int] = []
        self._last_comment_end = text.rfind("-->")
        self._ends: dict[str, list[tuple[int, int]]] = {"script": [], "style": []}
        for end in _END_OF_INVISIBLE.finditer(text):
            self._ends[end[1].lower()].append(end.span())

    def stripped(self) -> str:
        """Return the text without its markup."""
        position = 0
        while bracket := _BRACKET.search(self._text, position):
            self._keep(self._text[position : bracket.start()])
            if bracket[0] == "<":
                position = self._open(bracket.start())
            else:
                position = self._close(bracket.end())
        self._keep(self._text[position:])
        self._cut_unclosed()
        return "".join(self._kept)

    def _keep(self, piece: str) -> None:
        if piece:
            last = self._equals[-1] if self._equals else -1
            self._equals.append(len(self._kept) if "=" in piece else last)
            self._kept.append(piece)

    def _cut(self, start: int) -> None:
        del self._kept[start:], self._equals[start:]

    def _open(self, position: int) -> int:
        if position < self._last_comment_end and self._text.startswith("<!--", position):
            return self._text.index("-->", position + 2) + 3
        self._opened.append(len(self._kept))
        self._keep("<")
        return position + 1

    def _close(self, position: int) -> int:
        name = self._take_back_tag()
        if name is None:
            self._keep(">")
            return position
        if name.removeprefix("/") in _BREAKING_ELEMENTS:
            self._keep("\n")
        ends = self._ends.get(name, [])
        following = bisect_left(ends, (position, 0))
        return ends[following][1] if following < len(ends) else position

    def _take_back_tag(self) -> str | None:
        """Cut off the innermost tag a `>` closes, and return its name; None if there is none."""
        innermost = True
        while self._opened:
            start = self._opened.pop()
            name = self._name_of_tag(start, innermost=innermost)
            if name is not None:
                self._cut(start)
                return name
            innermost = False
        return None

    def _name_of_tag(self, start: int, *, innermost: bool) -> str | None:
        head = self._head(start)
        if head.startswith(("<!", "<?")):
            return "!"
        name = _known_name(head)
        if name or not _BEGINS_LIKE_A_TAG.match(head) or self._equals[-1] < start:
            return name
        if innermost:
            whole = "".join(self._kept[start:])
            if _ADDRESS.fullmatch(whole) or not _WITH_ATTRIBUTES.match(whole):
                return None
        return "unknown"

    def _head(self, start: int) -> str:
        """Return what follows a `<`, as far as a name may reach."""
        head = "<"
        for index in range(start + 1, len(self._kept)):
            piece = self._kept[index]
            if piece == "<" or len(head) > _LONGEST_HEAD:
                break
            head += piece[:_LONGEST_HEAD]
        return head

    def _cut_unclosed(self) -> None:
        """Cut off a tag that never ends: it comes alive before the next `>`."""
        may_be_live = True
        for start in self._opened:
            head = self._head(start)
            if name := _known_name(head):
                slash = head.startswith("/", len(name) + 1)
                if self._equals[-1] >= start or slash or name in _LIVE_ELEMENTS:
                    self._cut(start)
                    return
            elif may_be_live and _BEGINS_LIKE_A_TAG.match(head):
                # What does not follow the first does not follow a later one.
                may_be_live = bool(_LIVE_ATTRIBUTE.search("".join(self._kept[start:])))
                if may_be_live:
                    self._cut(start)
                    return


def _known_name(head: str) -> str | None:
    """Return the name of an element of HTML, with a slash if the tag ends it."""
    match = _NAME.match(head)
    if match is None or match[1].lower() not in _HTML_ELEMENTS:
        return None
    return match[0][1:].lower()


def plain_text(raw: str) -> str:
    """Return `raw` as plain text of one or more paragraphs, which blank lines separate.

    Entities are decoded once, markup is stripped, odd spaces become spaces, zero-width marks go.
    """
    if not _SUSPECT.search(raw):
        return raw.strip()
    return _tidied(_decoded(raw))


def _decoded(raw: str) -> str:
    text = without_forbidden(html.unescape(without_forbidden(raw)))
    text = _LINE_BREAKS.sub("\n", text)
    return _ZERO_WIDTH.sub("", _ODD_SPACES.sub(" ", text))


def _tidied(text: str) -> str:
    """Strip markup and needless space; whatever could hide markup must be gone before."""
    text = without_markup(text)
    lines = [re.sub(" {2,}", " ", line).strip() for line in text.split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()


def one_line(raw: str) -> str:
    """Return `raw` as plain text on one line, without marks that reorder it: a title, a name.

    It is empty if nothing of it can be seen.
    """
    if _SUSPECT.search(raw):
        text = " ".join(_tidied(_BIDI_CONTROLS.sub("", _decoded(raw))).split())
    else:
        text = raw.strip()
    return text if _can_be_seen(text) else ""


def _can_be_seen(text: str) -> bool:
    """Tell whether there is more to a text than joiners, other controls, marks and spaces."""
    return text[:1].isalnum() or any(unicodedata.category(one)[0] not in "CMZ" for one in text)


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
    end = len(head)
    while end > 1 and _joined(text, end):
        end -= 1
    return text[:end]


def _joined(text: str, index: int) -> bool:
    """Tell whether the characters before and at `index` are shown as one (UAX #29, roughly)."""
    before, after = text[index - 1], text[index]
    if _FLAG_LETTER.match(before) and _FLAG_LETTER.match(after):
        start = index
        while start and _FLAG_LETTER.match(text[start - 1]):
            start -= 1
        return (index - start) % 2 == 1
    extends = unicodedata.category(after) in {"Mn", "Me", "Mc"} or _EXTENDER.match(after)
    return "\u200d" in {before, after} or bool(extends)


def paragraphs(text: str) -> tuple[str, ...]:
    """Split plain text at its blank lines."""
    return tuple(part for part in (p.strip() for p in text.split("\n\n")) if part)
