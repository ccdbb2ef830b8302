"""What the fuzzer calls with bytes of its own: each target raises for what must never happen."""

import html

from active_content import ILLEGAL, MARKUP, UNPRINTABLE, activity
from feed_checks import html_faults
from msgspec.structs import replace
from support import article, record

from feedpub.article import Article
from feedpub.content import entry_content, sanitised_body
from feedpub.errors import Problem, RecordError
from feedpub.limits import DEFAULT_LIMITS
from feedpub.records import RecordRules, read_article
from feedpub.sources.files import SourceFile
from feedpub.sources.front_matter import read_related, split
from feedpub.sources.plain_block import parse_plain
from feedpub.sources.readers import read_data
from feedpub.steps import done
from feedpub.text import one_line, plain_text, shortened
from feedpub.tree import Mapping, Node, Sequence, parse_yaml

SUFFIXES = (".md", ".html", ".yaml", ".json", ".jsonl")
SECRET = "Canary4JkpfCGj8tVbkbazyLrckVk648tfpIao"
_YAML = b"title: T\nwebUrl: https://x.example/\ndate: 2026-01-01\n%b\n"
_JSON = b'{"title": "T", "webUrl": "https://x.example/", "date": "2026-01-01", %b}'
FRAMES = {
    ".md": b"---\n" + _YAML + b"---\nA *body*.\n",
    ".html": b"---\n" + _YAML.replace(b"%b", b"") + b"---\n%b",
    ".yaml": _YAML,
    ".json": _JSON,
    ".jsonl": _JSON + b"\n" + _JSON,
}
RULES = RecordRules(tag="example.org,2026", base="https://feeds.example.org/")
LATER_FIELDS = {"related": (), "related_unread": False, "fingerprint": b"", "related_keys": b""}


def read_records(data: bytes) -> None:
    """Read a file of the kind that the first byte chooses, a secret put in where the second says.

    It is a whole file, or lines of a record that could be published.

    No exception, no secret, no line of a log forged; and what is read around the parser is what the
    parser reads.
    """
    if len(data) < 2:
        return
    suffix = SUFFIXES[data[0] % len(SUFFIXES)]
    framed = FRAMES[suffix] if data[0] & 64 else b"%b"
    data = _with_secret(
        framed.replace(b"%b", data[2:]), data[1], is_json=suffix.startswith(".json")
    )
    file = SourceFile(location=f"a{suffix}", shown=f"articles/a{suffix}", path="a")
    whole = _found(data, file, whole=True)
    short = _found(data, file, whole=False)
    assert [_core(item) for item in whole] == [_core(item) for item in short], "the short way errs"
    for item in whole:
        assert SECRET not in repr(item), "the secret is kept"
        if isinstance(item, Article):
            _check_article(item)
        else:
            assert not UNPRINTABLE.search(str(item)), f"a line of a log is forged: {item}"
    if suffix == ".md":
        _check_plain(data)
        if any(isinstance(item, Article) and item.related_unread for item in short):
            _check_related(data, whole)


def _with_secret(data: bytes, number: int, *, is_json: bool) -> bytes:
    """Put a secret behind a line, as deep as that one is; in JSON, behind a brace."""
    if is_json:
        parts = data.split(b"{")
        place = number % len(parts)
        parts[place] = (b'"secured": "' + SECRET.encode() + b'", ' if place else b"") + parts[place]
        return b"{".join(parts)
    lines = data.split(b"\n")
    place = number % len(lines)
    before = lines[place]
    indent = before[: len(before) - len(before.lstrip(b" "))]
    lines.insert(place + 1, indent + b'secured: "' + SECRET.encode() + b'=="')
    return b"\n".join(lines)


def _found(data: bytes, file: SourceFile, *, whole: bool) -> list[Article | Problem]:
    found: list[Article | Problem] = []
    for item in done(read_data(data, file, DEFAULT_LIMITS, whole=whole)):
        if isinstance(item, Problem):
            found.append(item)
            continue
        result, problems = read_article(item, RULES)
        if isinstance(result, Article) and item.related_unread:
            list(item.related_unread(RULES.base))
        found += [result if isinstance(result, Article) else result.problem, *problems]
    return found


def _core(item: Article | Problem) -> object:
    return replace(item, **LATER_FIELDS) if isinstance(item, Article) else item


def _check_article(item: Article) -> None:
    names = [item.title, *item.topics, *(person.name for person in item.authors)]
    names += [related.title for related in item.related]
    for name in names:
        assert name.strip(), "a name of nothing"
        assert not UNPRINTABLE.search(name.replace("\u200c", "").replace("\u200d", "")), ascii(name)
        assert activity(name) == [], ascii(name)
    if item.summary:
        assert not ILLEGAL.search(item.summary), ascii(item.summary)
        assert activity(item.summary) == [], ascii(item.summary)
    _check_html(entry_content(item, lead=None, related=(), full=True))


def _check_plain(data: bytes) -> None:
    """Check that what is read of front matter without the parser is what the parser reads."""
    try:
        parts = split(data, DEFAULT_LIMITS)
    except RecordError:
        return
    header = parts.text[parts.start : parts.end]
    plain = parse_plain(header)
    if plain is not None:
        assert [_kinds(plain)] == [_kinds(node) for node in parse_yaml(header)], "not as YAML"


def _check_related(data: bytes, whole: list[Article | Problem]) -> None:
    """Check that a related list that is read later is the one that is read at once."""
    later = read_related(data, RULES.base, RULES.zone, DEFAULT_LIMITS)
    (article_read,) = [item for item in whole if isinstance(item, Article)]
    assert [item for each in later if (item := each.full())] == list(article_read.related)


def _kinds(node: Node) -> object:
    """Return a node with all that tells it from others: order, kinds of texts, lines."""
    if isinstance(node, Mapping):
        return [(key, _kinds(value)) for key, value in node.items()], node.lines
    if isinstance(node, Sequence):
        return [_kinds(item) for item in node], node.lines
    return type(node), str(node)


def sanitise(data: bytes) -> None:
    """Clean a text as a title, an excerpt and a body of either kind: nothing of it is ever live."""
    text = data.decode("utf-8", "surrogateescape")
    for cleaned in (one_line(text), plain_text(text), shortened(plain_text(text), 40)):
        assert not ILLEGAL.search(cleaned), ascii(cleaned)
        assert activity(cleaned) == [], ascii(cleaned)
    for body_format in ("markdown", "html"):
        item = article(body=text, body_format=body_format, summary=None)
        _check_html(sanitised_body(item))


def _check_html(fragment: str) -> None:
    assert not ILLEGAL.search(fragment), ascii(fragment)
    found = activity(fragment) + html_faults(fragment)
    assert found == [], f"{found} in {fragment!a}"
    assert activity(html.escape(fragment)) == []


def seeds_of_records() -> list[bytes]:
    """Return files of each kind to begin with."""
    related = '\n  - title: "R"\n    webUrl: "https://r.example.org/"\n    quality: 1'
    plain = record(
        topics="\n  - AI\n  - C++",
        provider="\n  name: A\n  domain: example.com",
        related=related,
        images='\n  - url: "https://i.example.com/a.jpg"\n    width: 5',
        body="Some *text* and <b>markup</b>.\n",
    )
    json = '{"title": "T", "webUrl": "https://x.example/", "date": "2026-01-01", "tags": ["a"]}'
    texts = [
        (0, plain), (1, record(body="<p>x</p>")), (2, f"- {json}\n- {{title: b}}\n"),
        (3, f'{{"value": [{json}]}}'), (4, f"{json}\n{json}\n"),
    ]  # fmt: skip
    lines = "topics: [AI]\nexcerpt: x\nimages:\n  - url: /a.jpg\nrelated: [{title: b, url: /c}]"
    texts += [(66, "<p>x</p>"), (70, lines), (68, '"topics": ["AI"], "related": [{"url": "/c"}]')]
    return [bytes([kind, line]) + text.encode() for kind, text in texts for line in (0, 2)]


def seeds_of_texts() -> list[bytes]:
    """Return texts to begin with."""
    return [text.encode() for text in MARKUP]


TARGETS = {"records": (read_records, seeds_of_records), "sanitiser": (sanitise, seeds_of_texts)}
