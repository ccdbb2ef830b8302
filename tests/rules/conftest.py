"""A site of awkward records, built once, and its feeds parsed: what the rules are tested on."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from feed_checks import ENCODED, PREFIXES, parse_json, parse_xml
from support import PROJECT, Workspace, record

AWKWARD_CONFIG = """
site:
  title: R&D <Every> Day
  url: https://feeds.example.org/site/
  description: What "the world" writes & reads
  language: en-GB
  tag: feeds.example.org,2026
  author: {name: The Editors, url: "https://feeds.example.org/editors"}
  logo: https://feeds.example.org/logo.png?v=1&w=2
  icon: https://feeds.example.org/icon.png
  rights: © Example & Co.
sources:
  - articles/
min_entries: 3
include_children: true
topics:
  - {name: Libraries, slug: libraries, description: Shelves & readers}
  - {name: Repair, slug: repair, parent: Libraries}
providers:
  - {domain: example.com, name: Example Daily, url: "https://www.example.com/", feed: "https://www.example.com/feed.xml?a=1&b=2"}
  - {domain: svg.example.net, logo: "https://svg.example.net/logo.svg"}
named:
  hot: {min_heat: 100, title: Most <discussed>}
  nothing: {min_heat: 9999, title: Nothing at all}
"""

_RELATED = """
  - {title: "R&amp;D <EXMP.O>: “drills” \\"and\\" 👩‍🔧",
     webUrl: "https://www.example.net/a b?x=1&y=’2’",
     publishedDateTime: 2026-01-02T03:04:05Z,
     provider: {name: "Example%2c Net", domain: example.net}, quality: 9}
  - {title: "Another", webUrl: "https://www.example.org/other", quality: 8}
  - {title: "Script", webUrl: "javascript:alert(1)", quality: 99}
  - {title: "Data", webUrl: "data:text/html,x", quality: 99}
  - {title: "Itself", quality: 99,
     webUrl: "https://www.example.com/news/a%20b%E2%80%99s?id=1&lang=en"}
"""

_PICTURES = """
  - {url: "https://images.example.com/a b/laptop’s.jpg?auto=webp&quality=85,70",
     width: 1200, height: 800, title: "The “laptop” & <EXMP.O>"}
  - {url: "https://images.example.com/two.PNG?w=600", width: 600}
  - {url: "https://images.example.com/clip.mp4", width: 640, height: 360}
  - {url: "https://images.example.com/a%20b/laptop%E2%80%99s.jpg?auto=webp&quality=85,70"}
  - {url: "javascript:alert(1)"}
  - {url: "https://images.example.com/pixel.php", width: 1, height: 1}
"""

HOSTILE_HTML = """<html><head><title>x</title><style>p{}</style></head><body onload="x()">
<p style="position:fixed" class="a" id="b" onclick="x()">A &amp; B < C ]]> <b><i>crossed</b></i>
<script>alert(1)</script><iframe src="https://www.example.com/f"></iframe>
<object data="x"></object><embed src="y"><form action="/z"><input></form>
<a href="javascript:alert(1)">one</a> <a href="//cdn.example.net/two?a=1&b=2">two</a>
<a href="../up">three</a> <a href="https://www.example.com/four’s x">four</a>
<img src="/pictures/five.png" onerror="x()" width="10" height="20" alt="5 < 6">
<img src="data:image/png;base64,AAAA" alt="gone"><svg onload="x()"><circle/></svg>
<blockquote cite="/cited">q</blockquote><video src="/v.mp4"></video><!-- note --><?php x ?>
<unknown>kept text</unknown>&nbsp;&copy;&#8217;</body></html>"""

MARKDOWN = """# A heading & more

Some *text* with [a link](/relative "t") and ![a picture](pictures/six.png), <https://www.example.com/auto>.

| a | b |
|---|---|
| 1 | 2 |

```
if (a < b && c) {}
```

<script>alert(1)</script> <span onclick="x()">inline</span> <EXMP.O>
"""

CONTROL_RECORDS = [
    {
        "id": "bells",
        "title": "Bell\u0007 and \ufffe and \ud800 and \u0085 and \ufffd end\u0000",
        "excerpt": "C0 \u0001\u001f, C1 \u0080\u009f, none \uffff\udfff left",
        "date": "2026-03-01T08:00:00Z",
        "url": "https://www.example.com/news/bells",
        "provider": {"name": "Bell\u0008s \ufffe", "domain": "bells.example.org"},
        "topics": ["Bell\u0002s"],
        "authors": [{"name": "A\u0003nn"}],
        "related": [{"title": "Rel\u0004ated", "webUrl": "https://www.example.net/bell"}],
        "images": [{"url": "https://images.example.com/bell.jpg", "title": "B\u0005ell"}],
        "content": "A body with \u0006 and \ufffe and \ud800 in it.",
    }
]

RECORDS = {
    "addresses.md": record(
        title='"Addresses with blanks"',
        webUrl='"https://www.example.com/news/a b’s?id=1&lang=en"',
        originalUrl='"https://original.example.net/a?b=1&c=®"',
        images=_PICTURES,
        related=_RELATED,
        heat="120",
        publishedDateTime="2026-02-10T08:00:00Z",
    ),
    "entities.md": record(
        title='"AT&amp;T&#8217;s R&D: 5 &lt; 6 & 7 > 3, <b>bold</b> &quot;said&quot;"',
        excerpt='"Q&amp;A &#8212; A & B < C; <i>stripped</i>"',
        webUrl='"https://www.example.com/news/entities"',
        publishedDateTime="2026-02-09T08:00:00Z",
    ),
    "ticker.md": record(
        title='"Shares of <EXMP.O> rise, <https://www.example.com/> says"',
        excerpt='"Up: <EXMP.O> 5 %"',
        webUrl='"https://www.example.com/news/ticker"',
        publishedDateTime="2026-02-08T08:00:00Z",
    ),
    "spaces.md": record(
        title='"\\u00a0Ten\\u00a0books,\\u200b two\\u00adhundred\\u2003readers "',
        excerpt='"First paragraph\\r\\nwith a line.\\r\\n\\r\\nSecond\\u00a0paragraph."',
        webUrl='"https://www.example.com/news/spaces"',
        publishedDateTime="2026-02-07T08:00:00Z",
    ),
    "long.md": record(
        title=f'"{"Very long " * 29}title end"',
        webUrl='"https://www.example.com/news/long"',
        publishedDateTime="2026-02-06T08:00:00Z",
        topics="[Repair, repair, Libraries]",
    ),
    "emoji.md": record(
        title='"👩‍👩‍👧 reads 📚 in 🇩🇪 — ﷽"',
        webUrl='"https://www.example.com/news/emoji"',
        publishedDateTime="2026-02-05T08:00:00Z",
    ),
    "bells.json": json.dumps(CONTROL_RECORDS),
    "cdata.md": record(
        title='"Ends ]]> in the middle"',
        excerpt='"]]> <![CDATA[x]]> and --> too"',
        webUrl='"https://www.example.com/news/cdata"',
        publishedDateTime="2026-02-04T08:00:00Z",
        topics='["C", "C++", "C#", "Künstliche Intelligenz", "AI & Law"]',
    ),
    "hostile.html": record(
        title='"Hostile \\"onmouseover=x\\" page"',
        webUrl='"https://www.example.com/news/hostile/page"',
        publishedDateTime="2026-02-03T08:00:00Z",
        body=HOSTILE_HTML,
    ),
    "markdown.md": record(
        webUrl='"https://www.example.com/news/markdown"',
        publishedDateTime="2026-02-02T08:00:00Z",
        images='[{url: "https://images.example.com/lead.jpg"}]',
        body=MARKDOWN,
    ),
    "deutsch.md": record(
        title='"Bücher für alle"',
        locale="de_DE",
        webUrl='"https://bücher.example.net/straße"',
        provider="{name: Zeitung, domain: bücher.example.net, authors: [{name: Jo Beispiel,"
        " url: 'https://bücher.example.net/jo'}, {name: Ann Exempel}]}",
        publishedDateTime="2026-02-01T08:00:00Z",
    ),
    "arabic.md": record(
        title='"المكتبات العامة"',
        locale="ar",
        webUrl='"https://www.example.org/ar"',
        provider="{name: Example Org, domain: svg.example.net}",
        publishedDateTime="2026-01-31T08:00:00Z",
    ),
    "bare.md": record(
        title='"No excerpt, no body, no picture"',
        excerpt='""',
        webUrl='"https://www.example.com/news/bare"',
        publishedDateTime="2026-01-29T08:00:00Z",
    ),
    "blank.html": record(
        title='"Blank excerpt, but a body"',
        excerpt='"  &nbsp; "',
        webUrl='"https://www.example.com/news/blank"',
        body="<p>The body speaks.</p>",
        publishedDateTime="2026-01-28T08:00:00Z",
    ),
    "film.md": record(
        title='"Only a film"',
        webUrl='"https://www.example.com/news/film"',
        images='[{url: "https://images.example.com/film.mp4", width: 640}]',
        publishedDateTime="2026-01-27T08:00:00Z",
    ),
    "borrowed.md": record(
        title='"Borrows a picture"',
        webUrl='"https://www.example.com/news/borrowed"',
        related='[{title: "With picture", webUrl: "https://www.example.net/pictured",'
        ' images: [{url: "https://images.example.net/borrowed.webp", width: 0, height: x}]}]',
        publishedDateTime="2026-01-26T08:00:00Z",
    ),
    "nobody.md": record(
        title='"From nobody"',
        provider=None,
        webUrl='"https://www.example.com/news/nobody"',
        topics=None,
        publishedDateTime="2026-01-25T08:00:00Z",
    ),
    "mail.md": record(
        title='"Written by an address"',
        authors='[{name: "Ann Exempel <ann@example.com>"}, {name: "only@example.com"}]',
        webUrl='"https://www.example.com/news/mail"',
        publishedDateTime="2026-01-24T08:00:00Z",
    ),
    "edited.md": record(
        title='"Edited later"',
        webUrl='"https://www.example.com/news/edited"',
        publishedDateTime="2026-01-23T08:00:00+02:00",
        updatedDateTime="2026-04-01T10:00:00Z",
    ),
    "backwards.md": record(
        title='"Updated before it was published"',
        webUrl='"https://www.example.com/news/backwards"',
        publishedDateTime="2026-01-22T08:00:00Z",
        updatedDateTime="2025-01-01T08:00:00Z",
    ),
    "own-id.md": record(
        id='"urn:uuid:11111111-2222-5333-8444-555555555555"',
        title='"Has an id of its own"',
        webUrl='"https://www.example.com/news/own-id"',
        publishedDateTime="2026-01-21T08:00:00Z",
    ),
    "twice-1.md": record(
        title='"The same address"',
        webUrl='"https://www.example.com/news/twice"',
        publishedDateTime="2026-01-20T08:00:00Z",
    ),
    "twice-2.md": record(
        title='"The same address again"',
        webUrl='"http://www.example.com/news/twice"',
        quality="9",
        publishedDateTime="2026-01-20T09:00:00Z",
    ),
    "same-moment.md": record(
        title='"Published at the same moment"',
        webUrl='"https://www.example.com/news/same-moment"',
        publishedDateTime="2026-02-10T08:00:00Z",
    ),
    "mit leer & ü.md": record(
        title='"An awkward file name"',
        webUrl='"https://www.example.com/news/file-name"',
        publishedDateTime="2026-01-19T08:00:00Z",
    ),
    "script-link.md": record(title='"Refused"', webUrl='"javascript:alert(1)"'),
    "withheld-1.md": record(title='"Withheld one"', published="false", webUrl='"https://www.example.com/w1"'),
    "withheld-2.md": record(title='"Withheld two"', removed="true", webUrl='"https://www.example.com/w2"'),
    "withheld-3.md": record(title='"Withheld three"', draft="true", webUrl='"https://www.example.com/w3"'),
    "withheld-4.md": record(
        title='"Withheld four"', publishedDateTime="2027-01-01T00:00:00Z", webUrl='"https://www.example.com/w4"'
    ),
}  # fmt: skip
TAG = "tag:feeds.example.org,2026:"
ADDRESS = "https://feeds.example.org/site/"


@dataclass(frozen=True)
class Built:
    """The files of a site by path, and its feeds as trees."""

    files: dict[str, bytes]

    @cached_property
    def rss(self) -> dict[str, Any]:
        return {path: parse_xml(self.files[path]) for path in self._named("rss.xml")}

    @cached_property
    def atom(self) -> dict[str, Any]:
        return {path: parse_xml(self.files[path]) for path in self._named("atom.xml")}

    @cached_property
    def json(self) -> dict[str, Any]:
        return {path: parse_json(self.files[path]) for path in self._named("feed.json")}

    @property
    def xml(self) -> dict[str, Any]:
        return self.rss | self.atom

    @property
    def channels(self) -> dict[str, Any]:
        return {path: root[0] for path, root in self.rss.items()}

    @property
    def items(self) -> list[Any]:
        return [item for root in self.rss.values() for item in root.iter("item")]

    @property
    def entries(self) -> list[Any]:
        return [e for root in self.atom.values() for e in root.iterfind("a:entry", PREFIXES)]

    @property
    def json_items(self) -> list[dict[str, Any]]:
        return [item for feed in self.json.values() for item in feed["items"]]

    def item(self, name: str) -> Any:
        """Return the RSS item of a record, from the feed of everything."""
        return next(
            item
            for item in self.rss["all/rss.xml"].iter("item")
            if item.findtext("guid") == TAG + name
        )

    def entry(self, name: str) -> Any:
        """Return the Atom entry of a record, from the feed of everything."""
        return next(
            entry
            for entry in self.atom["all/atom.xml"].iterfind("a:entry", PREFIXES)
            if entry.findtext("a:id", None, PREFIXES) == TAG + name
        )

    def json_item(self, name: str) -> dict[str, Any]:
        """Return the JSON item of a record, from the feed of everything."""
        items = self.json["all/feed.json"]["items"]
        return next(item for item in items if item["id"] == TAG + name)

    @property
    def fragments(self) -> list[str]:
        """Return every piece of HTML in all feeds of all formats."""
        return [
            *(text for item in self.items for text in _texts(item, "description", ENCODED)),
            *(e.findtext("a:content", None, PREFIXES) for e in self.entries),
            *(item["content_html"] for item in self.json_items),
        ]

    def _named(self, name: str) -> list[str]:
        return [path for path in sorted(self.files) if path.rpartition("/")[2] == name]


def _texts(element: Any, *names: str) -> list[str]:
    return [text for text in map(element.findtext, names) if text is not None]


def build_awkward(folder: Path, **options: Any) -> Built:
    workspace = Workspace(folder, AWKWARD_CONFIG)
    for name, text in RECORDS.items():
        workspace.write(name, text)
    workspace.build(**options)
    return Built(workspace.destination.files)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The feeds of a site whose records are as awkward as real ones."""
    return build_awkward(tmp_path_factory.mktemp("awkward"))


@pytest.fixture(scope="session")
def sample() -> Built:
    """The feeds committed with the project."""
    folder = PROJECT / "feeds"
    files = (path for path in folder.rglob("*") if path.is_file())
    return Built({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})


@pytest.fixture(params=["site", "sample"])
def feeds(request: pytest.FixtureRequest) -> Built:
    """The awkward site and the sample site in turn."""
    return request.getfixturevalue(request.param)
