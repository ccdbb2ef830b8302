"""What is active in HTML, and texts that try to be; what no feed or log may hold."""

import re
from html.parser import HTMLParser

# What a browser or a feed reader could run, load or be moved by.
ACTIVE_TAGS = frozenset(
    """script iframe object embed applet form input button textarea select style link meta base
    frame frameset svg math template noscript dialog portal audio video source track body html head
    plaintext xmp noembed noframes marquee canvas area map param slot""".split()
)
ADDRESS_ATTRIBUTES = frozenset(
    """href src action formaction cite background poster longdesc data srcset ping xlink:href
    manifest usemap codebase classid dynsrc lowsrc icon""".split()
)
_HANDLER = re.compile("on[a-z]+")
# Not tab, line feed and carriage return, which XML allows.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")

MARKUP = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1) ",
    "<img src=x onerror=alert(1)//",
    "<svg/onload=alert(1)>",
    "<svg\u00a0onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    '"><script>alert(1)</script>',
    "]]><script>alert(1)</script><![CDATA[",
    "--><script>alert(1)</script><!--",
    "</title><script>alert(1)</script>",
    "</textarea></style><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<math><mi xlink:href='data:x,y'>z</mi></math>",
    "<object data='data:text/html,x'></object><embed src=x>",
    "<form action=javascript:x><input type=submit></form>",
    "<base href='javascript:/x/'><link rel=stylesheet href=x><meta http-equiv=refresh content=0>",
    "<style>@import 'x'</style><p style='background:url(javascript:x)'>p</p>",
    "<?xml-stylesheet href='javascript:x'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///x'>]>&e;",
    "<details open ontoggle=alert(1)>x</details>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<x onclick=alert(1)>y</x>",
    '" onerror=alert(1) x="',
    "' onerror=alert(1) x='",
    "{{ 7 * 7 }} {% include '/etc/passwd' %} ${7*7} <%= 7*7 %>",
]


class _Activity(HTMLParser):
    """Collects what is active in HTML."""

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.allowed = allowed
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE_TAGS - self.allowed:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if value and (_HANDLER.fullmatch(name) or name in {"style", "srcdoc"}):
                self.found.append(f"<{tag} {name}>")
            address = re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\ufeff]", "", value or "").lower()
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", address)
            if name in ADDRESS_ATTRIBUTES and scheme and scheme[1] not in {"http", "https"}:
                self.found.append(f"<{tag} {name}={scheme[0]}>")


def activity(text: str, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Return what is active in HTML, or comes alive before a tag that follows it."""
    found = []
    for ending in ("", "</p>"):
        parser = _Activity(allowed)
        # To HTML a comment up to the next `>`; to Python's parser a mistake of its own.
        parser.feed((text + ending).replace("<![", "<! ["))
        parser.close()
        found += parser.found
    return found
