"""From a record, as a source found it, to an `Article`: every rule about one record alone."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, tzinfo
from urllib.parse import quote

from msgspec import Struct, field

from feedpub.article import Article, BodyFormat, Person, Withheld
from feedpub.bodies import is_costly
from feedpub.errors import Problem, RecordError, quoted
from feedpub.fields import FieldNames, FieldReader, items, line_of_text, lookup, merged_names
from feedpub.limits import DEFAULT_LIMITS, RecordLimits
from feedpub.links import clean_url
from feedpub.nodes import Mapping, Node, is_null
from feedpub.parts import images_of, person_of, provider_of, related_of
from feedpub.slugs import topic_key
from feedpub.text import without_forbidden

_MAX_ID = 1000
_MAX_TOPIC = 100
_FIRST_PLAUSIBLE_YEAR = 1990  # the W3C feed validator's ImplausibleDate

# RFC 3986, escapes normalised (§6.2.2): in capitals, and none that stands for a plain letter.
_ABSOLUTE_URI = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]+):"
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%(?!2D|2E|5F|7E|3[0-9]|[46][1-9A-F]|[57][0-9A])"
    r"[0-9A-F]{2})+",
    re.ASCII,
)
# Schemes whose addresses a reader might execute or open on its own machine.
_HARMFUL_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob"})
_FORMS = {
    "tag": re.compile(  # RFC 4151
        r"(?:[a-z0-9._-]+@)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
        r",\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?:.*"
    ),
    "urn": re.compile(  # RFC 8141, RFC 4122
        r"uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?!uuid:)[a-z0-9][a-z0-9-]{0,31}:.+",
        re.IGNORECASE,
    ),
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)
# pchar of RFC 3986 without `:`, which sets the ids of feeds apart from those of records.
_TAG_CHARACTERS = "/-._~!$&'()*+,;=@"


class Record(Struct, frozen=True, kw_only=True):
    """What a source hands on: the fields of one record, and where it stood.

    `path` is its identity within the source: relative, `/`-separated, without extension.
    `related_unread` is there if the field `related` was left in the file: it yields the addresses
    in it, made absolute with a base.
    """

    source: str
    path: str
    fields: Mapping
    line: int | None = None
    body: str | None = None
    body_format: BodyFormat = "markdown"
    related_unread: Callable[[str], Iterable[str]] | None = None


class RecordRules(Struct, frozen=True, kw_only=True):
    """What the configuration says about reading records.

    `tag` is `authority,date` of RFC 4151; `base` resolves relative addresses; `link` is a template
    for records that carry no address.
    """

    tag: str
    base: str
    zone: tzinfo = UTC
    names: FieldNames = field(default_factory=merged_names)
    link: str | None = None
    limits: RecordLimits = DEFAULT_LIMITS


class Unusable(Struct, frozen=True, kw_only=True):
    """A record that could not become an article, and whether it was to be withheld anyway.

    `id` is there if the record was parsed; `hides` says why it is not to be seen as far as a text
    that could not be parsed tells. `last_good` are the articles it was, or, without an id, may have
    been, until the moment `since` (seconds since 1970).
    """

    problem: Problem
    id: str | None = None
    withheld: Withheld | None = None
    hides: Withheld | None = None
    addresses: tuple[str, ...] = ()
    last_good: tuple[Article, ...] = ()
    since: int = 0


def read_article(record: Record, rules: RecordRules) -> tuple[Article | Unusable, list[Problem]]:
    """Return the article a record describes, or why there is none, and the warnings."""
    reader = FieldReader(
        source=record.source,
        fields=record.fields,
        names=rules.names,
        zone=rules.zone,
    )
    withheld = _withheld(reader)
    id_ = article_id(record, rules, reader)
    try:
        article = _article(record, id_, rules, reader, withheld)
    except RecordError as error:
        problem = error.problem(record.source, record.line)
        addresses = _addresses(reader, rules) if withheld else ()
        return (
            Unusable(problem=problem, id=id_, withheld=withheld, addresses=addresses),
            reader.problems,
        )
    return article, reader.problems


def _article(
    record: Record, id_: str, rules: RecordRules, reader: FieldReader, withheld: Withheld | None
) -> Article:
    limits = rules.limits
    title = reader.line_of_text("title", limits.title)
    if title is None:
        raise RecordError("no-title", "no title", help="add title: to the record", field="title")
    published = reader.date("publishedDateTime")
    if published is None:
        raise RecordError(
            "no-date",
            "no date",
            help="add publishedDateTime: to the record",
            field="publishedDateTime",
        )
    if published.year < _FIRST_PLAUSIBLE_YEAR:
        said = f"dated {published.year}, which feed validators find implausible"
        reader.warn("old-date", said, key="publishedDateTime")
    updated = reader.date("updatedDateTime")
    link = _link(record, rules, reader)
    provider = provider_of(reader.node("provider"), link, rules.base, limits)
    body, body_format = _body(record, reader, limits.body)
    return Article(
        id=id_,
        source=record.source,
        line=record.line,
        title=title,
        link=link,
        via=_via(reader, link, rules),
        summary=reader.text("excerpt", limits.excerpt),
        body=body,
        body_format=body_format,
        published=published,
        updated=max(updated, published) if updated else None,
        type=(reader.line_of_text("type", 60) or "").lower() or None,
        language=language_tag(line_of_text(reader.node("locale"), 40)),
        provider=provider,
        authors=_authors(reader, limits),
        topics=_topics(reader, limits.topics),
        images=tuple(images_of(reader.node("images"), rules.base, limits)),
        related_unread=record.related_unread is not None,
        related=tuple(related_of(reader.node("related"), rules.base, rules.zone, limits)),
        quality=reader.number("quality") or 0.0,
        heat=reader.number("heat"),
        withheld=withheld,
    )


def article_id(record: Record, rules: RecordRules, reader: FieldReader) -> str:
    """Return the record's own id if it is an absolute URI, else a tag URI of its path (RFC 4151).

    Never made from the link or the title, which change in place.
    """
    found = reader.found("id")
    if found and isinstance(found[1], str):
        key, own = found[0], str(found[1])
        if is_normal_uri(own):
            return own
        if ":" in own:
            said = f"{key}: {quoted(own, 60)} is no normalised absolute URI; the path is used"
            reader.warn("bad-id", said, key=key)
    path = unicodedata.normalize("NFC", record.path)
    return f"tag:{rules.tag}:{quote(path, safe=_TAG_CHARACTERS, errors='surrogateescape')}"


def is_normal_uri(text: str) -> bool:
    """Tell whether a text can be an id: an absolute URI in normal form (RFC 4287 §4.2.6.1)."""
    match = _ABSOLUTE_URI.fullmatch(text)
    if match is None or len(text) > _MAX_ID or match[1].lower() in _HARMFUL_SCHEMES:
        return False
    scheme, rest = match[1].lower(), text[len(match[1]) + 1 :]
    if scheme in {"http", "https"}:
        url = f"{scheme}:{rest}"
        host = rest.lstrip("/").partition("/")[0]
        dots = re.search(r"/\.{1,2}(?:[/?#]|$)", rest)
        return clean_url(url) == url and host == host.lower() and not dots
    return scheme not in _FORMS or _FORMS[scheme].fullmatch(rest) is not None


def _withheld(reader: FieldReader) -> Withheld | None:
    """Tell why a record wants to stay unseen; doubt counts as a wish to."""
    flags = {name: reader.flag(name) for name in ("removed", "deleted", "draft", "published")}
    if "yes" in {flags["removed"], flags["deleted"]}:
        return "removed"
    if "doubtful" in flags.values():
        return "doubtful"
    if flags["draft"] == "yes":
        return "draft"
    return "unpublished" if flags["published"] == "no" else None


def _link(record: Record, rules: RecordRules, reader: FieldReader) -> str:
    refused = None
    for key in reader.names["webUrl"]:
        node = lookup(reader.fields, key)
        if is_null(node):
            continue
        link = _clean_url(node, rules) if isinstance(node, str) else None
        if link is not None:
            if refused:
                said = f"{refused}: not a usable http or https address; {key} is used instead"
                reader.warn("bad-link", said, key=refused)
            return link
        refused = refused or key
    if refused:
        raise RecordError(
            "bad-link",
            f"{refused}: not a usable http or https address",
            line=reader.line(refused),
            field=refused,
        )
    if rules.link:
        return _templated_link(record, rules, rules.link, reader)
    raise RecordError(
        "no-link",
        "no link",
        help="add webUrl: to the record, or link: to its source",
        field="webUrl",
    )


def _templated_link(record: Record, rules: RecordRules, template: str, reader: FieldReader) -> str:
    day = reader.date("publishedDateTime")
    name = record.path.rpartition("/")[2]
    slug = line_of_text(reader.fields.get("slug")) or re.sub(r"^\d{4}-\d{2}-\d{2}-", "", name)
    words = {
        key: quote(value, errors="surrogateescape")
        for key, value in (
            ("path", record.path),
            ("name", name),
            ("slug", slug),
        )
    }
    for key, part in (("year", "%Y"), ("month", "%m"), ("day", "%d")):
        words[key] = day.strftime(part) if day else ""
    try:
        raw = template.format_map(words)
    except (LookupError, ValueError, AttributeError, TypeError) as error:
        said = f"the source's link: {quoted(template)} is no template feedpub knows"
        raise RecordError("bad-link", said) from error
    link = _clean_url(raw, rules)
    if link is None:
        raise RecordError("bad-link", f"the source's link: makes {quoted(raw)}, no usable address")
    return link


def _clean_url(raw: str, rules: RecordRules) -> str | None:
    return clean_url(raw, rules.base, rules.limits.url)


def _addresses(reader: FieldReader, rules: RecordRules) -> tuple[str, ...]:
    """Return every address a record names, under which others may list it."""
    nodes = (lookup(reader.fields, key) for key in reader.names["webUrl"])
    urls = (_clean_url(str(node), rules) for node in nodes if isinstance(node, str))
    return tuple(dict.fromkeys(url for url in urls if url))


def _via(reader: FieldReader, link: str, rules: RecordRules) -> str | None:
    """Return the original address where it is another than the link (RFC 4287 §4.2.7.2, via)."""
    node = reader.node("originalUrl")
    url = _clean_url(node, rules) if isinstance(node, str) else None
    return url if url != link else None


def _body(record: Record, reader: FieldReader, limit: int) -> tuple[str | None, BodyFormat]:
    body, body_format = record.body, record.body_format
    if not (body and body.strip()):
        found = reader.found("body")
        body = found[1] if found and isinstance(found[1], str) else None
        body_format = "html" if found and found[0] == "content_html" else "markdown"
    if not (body and body.strip()):
        return None, record.body_format
    if len(body) > limit:
        raise RecordError("too-large", f"body longer than {limit} characters", field="body")
    if is_costly(body, body_format):
        said = "body: more markup than an article has; the excerpt stands in its place"
        reader.warn("costly-body", said, key="body")
        return None, body_format
    return without_forbidden(body), body_format


def _authors(reader: FieldReader, limits: RecordLimits) -> tuple[Person, ...]:
    provider = reader.node("provider")
    listed = provider.get("authors") if isinstance(provider, Mapping) else None
    nodes = items(listed) if listed and not is_null(listed) else items(reader.node("authors"))
    people = (person_of(node, limits) for node in nodes)
    return tuple(dict.fromkeys(person for person in people if person))


def _topics(reader: FieldReader, limit: int) -> tuple[str, ...]:
    """Return the topics' names as written, each once; tags and categories where there are none."""
    nodes = list(items(reader.node("topics")))
    if not nodes:
        nodes = [*items(reader.node("tags")), *items(reader.node("categories"))]
    names = dict.fromkeys(name for name in map(_topic, nodes) if name)
    if not names:
        reader.warn(
            "no-topic", "no topics: it is in no topic's feed", key="topics", severity="note"
        )
    if len(names) > limit:
        said = f"topics: {len(names)} topics, only the first {limit} are used"
        reader.warn("too-many-topics", said, key="topics")
    return tuple(names)[:limit]


def _topic(node: Node) -> str | None:
    name = line_of_text(node.get("name") if isinstance(node, Mapping) else node, _MAX_TOPIC)
    return name if name and topic_key(name) else None  # a lone dash names nothing


def language_tag(raw: str | None) -> str | None:
    """Return a well-formed BCP 47 tag, hyphenated, or None."""
    tag = (raw or "").strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None
