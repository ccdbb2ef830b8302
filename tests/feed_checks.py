"""What the specifications demand of a document's structure; each check returns its complaints.

RFC 4287 (Atom), RSS 2.0, Media RSS 1.5.1 and the HTML of feeds, as tables of what may stand where.
"""

import json
import re
from collections import Counter
from email.utils import format_datetime, parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
SY = "http://purl.org/rss/1.0/modules/syndication/"
XML = "http://www.w3.org/XML/1998/namespace"
PREFIXES = {"atom": ATOM, "content": CONTENT, "dc": DC, "media": MEDIA, "sy": SY, "a": ATOM}
ENCODED = f"{{{CONTENT}}}encoded"
LANG = f"{{{XML}}}lang"

ANY = 10**6
Table = dict[str, tuple[int, int]]

RELATIONS = frozenset({"alternate", "self", "via", "related", "enclosure", "hub", "license"})
# What no feed of ours may hold, though RSS 2.0 knows it (RSS Profile; feed-rules 23).
UNWANTED_IN_RSS = frozenset({"textInput", "rating", "cloud"})

_MEDIA: Table = {"media:content": (0, ANY), "media:thumbnail": (0, ANY), "media:group": (0, ANY)}
_PERSON: Table = {"name": (1, 1), "uri": (0, 1), "email": (0, 1)}
ATOM_CHILDREN: dict[str, Table] = {
    "feed": {
        "id": (1, 1), "title": (1, 1), "updated": (1, 1), "subtitle": (0, 1), "rights": (0, 1),
        "generator": (0, 1), "icon": (0, 1), "logo": (0, 1), "author": (0, ANY),
        "contributor": (0, ANY), "category": (0, ANY), "link": (0, ANY), "entry": (0, ANY),
    },
    "entry": {
        "id": (1, 1), "title": (1, 1), "updated": (1, 1), "published": (0, 1), "rights": (0, 1),
        "summary": (0, 1), "content": (0, 1), "source": (0, 1), "author": (0, ANY),
        "contributor": (0, ANY), "category": (0, ANY), "link": (0, ANY), **_MEDIA,
    },
    "source": {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "link": (0, ANY)},
    "author": _PERSON,
    "contributor": _PERSON,
}  # fmt: skip
RSS_CHILDREN: dict[str, Table] = {
    "rss": {"channel": (1, 1)},
    "channel": {
        "title": (1, 1), "link": (1, 1), "description": (1, 1), "language": (0, 1),
        "copyright": (0, 1), "managingEditor": (0, 1), "webMaster": (0, 1), "pubDate": (0, 1),
        "lastBuildDate": (0, 1), "category": (0, ANY), "generator": (0, 1), "docs": (0, 1),
        "ttl": (0, 1), "image": (0, 1), "skipHours": (0, 1), "skipDays": (0, 1),
        "atom:link": (0, ANY), "item": (0, ANY), "sy:updatePeriod": (0, 1),
        "sy:updateFrequency": (0, 1),
    },
    "image": {
        "url": (1, 1), "title": (1, 1), "link": (1, 1), "width": (0, 1), "height": (0, 1),
        "description": (0, 1),
    },
    "item": {
        "title": (0, 1), "link": (0, 1), "description": (0, 1), "author": (0, 1),
        "comments": (0, 1), "enclosure": (0, 1), "guid": (0, 1), "pubDate": (0, 1),
        "source": (0, 1), "category": (0, ANY), "dc:creator": (0, ANY), "content:encoded": (0, 1),
        "atom:link": (0, ANY), **_MEDIA,
    },
}  # fmt: skip

# Required attributes, then optional ones; what is not here has none.
_LINK_ATTRIBUTES = ({"href", "rel"}, {"type", "hreflang", "title", "length"})
_MEDIA_ATTRIBUTES = {
    "media:content": ({"url"}, {"type", "medium", "width", "height", "fileSize", "lang"}),
    "media:thumbnail": ({"url"}, {"width", "height"}),
}
ATOM_ATTRIBUTES: dict[str, tuple[set[str], set[str]]] = {
    "link": _LINK_ATTRIBUTES,
    "category": ({"term"}, {"scheme", "label"}),
    "content": (set(), {"type", "src"}),
    "title": (set(), {"type"}),
    "subtitle": (set(), {"type"}),
    "summary": (set(), {"type"}),
    "rights": (set(), {"type"}),
    "generator": (set(), {"uri", "version"}),
    "feed": (set(), {LANG}),
    "entry": (set(), {LANG}),
    **_MEDIA_ATTRIBUTES,
}
RSS_ATTRIBUTES: dict[str, tuple[set[str], set[str]]] = {
    "rss": ({"version"}, set()),
    "guid": (set(), {"isPermaLink"}),
    "enclosure": ({"url", "length", "type"}, set()),
    "source": ({"url"}, set()),
    "category": (set(), {"domain"}),
    "atom:link": _LINK_ATTRIBUTES,
    **_MEDIA_ATTRIBUTES,
}

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII
)
_ADDRESS = re.compile(
    r"https?://[a-z0-9.\[\]:_-]+/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-Fa-f]{2})*", re.ASCII
)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"]+", re.ASCII)
_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)
_POSITIVE = re.compile(r"[1-9][0-9]*", re.ASCII)
_WHOLE = re.compile(r"[0-9]+", re.ASCII)
_LINK_VALUES = {
    "type": _TYPE,
    "length": _WHOLE,
    "hreflang": _LANGUAGE,
    "title": re.compile(r".*\S.*"),
}


def parse_xml(data: bytes) -> Any:
    """Return the root as lxml's strictest reading, once expat has read the same bytes."""
    reader = expat.ParserCreate(namespace_separator=" ")
    reader.Parse(data, True)
    parser = etree.XMLParser(
        recover=False, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    return etree.fromstring(data, parser)


def parse_json(data: bytes) -> Any:
    """Read JSON as RFC 8259 means it: UTF-8 without BOM, no NaN, no key twice."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
        if twice:
            raise ValueError(f"keys appear twice: {twice}")
        return dict(pairs)

    text = data.decode("utf-8")
    if text.startswith("\ufeff"):
        raise ValueError("a byte order mark")
    return json.loads(text, parse_constant=refuse, object_pairs_hook=unique)


def name_of(element: Any) -> str:
    """Return an element's name with the usual prefix, without one where it is the format's own."""
    qualified = etree.QName(element)
    prefixes = {namespace: prefix for prefix, namespace in PREFIXES.items() if prefix != "a"}
    prefix = prefixes.get(qualified.namespace or "", qualified.namespace or "")
    return f"{prefix}:{qualified.localname}" if prefix else qualified.localname


def children(element: Any) -> list[str]:
    """Return the names of an element's children in their order."""
    return [name_of(child) for child in element]


def atom_faults(root: Any) -> list[str]:
    """Check a feed document against RFC 4287."""
    return [
        *_table_faults(root, ATOM_CHILDREN, ATOM_ATTRIBUTES, own="atom:"),
        *_atom_feed_faults(root),
        *(fault for entry in root.iterfind("a:entry", PREFIXES) for fault in _entry_faults(entry)),
        *(fault for link in root.iter(f"{{{ATOM}}}link") for fault in link_faults(link)),
        *_atom_text_faults(root),
        *media_faults(root),
    ]


def _atom_feed_faults(root: Any) -> list[str]:
    faults = []
    names = children(root)
    if "atom:entry" in names and set(names[names.index("atom:entry") :]) != {"atom:entry"}:
        faults.append("metadata after the first entry (4.1.1)")
    if root.find("a:author", PREFIXES) is None and any(
        entry.find("a:author", PREFIXES) is None for entry in root.iterfind("a:entry", PREFIXES)
    ):
        faults.append("an entry without author in a feed without author (4.1.1)")
    ids = [element.text for element in root.iterfind("a:entry/a:id", PREFIXES)]
    faults += [f"id {found!r} appears twice" for found, count in Counter(ids).items() if count > 1]
    return faults + _alternate_faults(root, "feed")


def _alternate_faults(parent: Any, where: str) -> list[str]:
    found = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in parent.iterfind("a:link", PREFIXES)
        if link.get("rel", "alternate") == "alternate"
    )
    return [
        f"{where}: two alternates of {kind} (4.1.1)" for kind, count in found.items() if count > 1
    ]


def _entry_faults(entry: Any) -> list[str]:
    where = f"entry {entry.findtext('a:id', None, PREFIXES)}"
    alternates = entry.xpath("a:link[@rel='alternate' or not(@rel)]", namespaces=PREFIXES)
    faults = _alternate_faults(entry, where)
    if entry.find("a:content", PREFIXES) is None and not alternates:
        faults.append(f"{where}: neither alternate nor content (4.1.2)")
    return faults


def _atom_text_faults(root: Any) -> list[str]:
    return [
        fault
        for element in root.iter(etree.Element)
        for fault in (*_atom_content_faults(element), *_atom_attribute_faults(element))
    ]


def _atom_content_faults(element: Any) -> list[str]:
    name, text = name_of(element).removeprefix("atom:"), element.text or ""
    faults = []
    if name in {"updated", "published"} and not is_rfc3339(text):
        faults.append(f"{name} {text!r} is no RFC 3339 date (3.3)")
    if name in {"icon", "logo", "uri"} and not is_address(text):
        faults.append(f"{name} {text!r} is no absolute address")
    if name == "id" and not _ABSOLUTE.fullmatch(text):
        faults.append(f"id {text!r} is no absolute IRI (4.2.6)")
    if name in {"name", "title", "subtitle", "summary", "content"} and not text.strip():
        faults.append(f"{name} is blank")
    return faults


def _atom_attribute_faults(element: Any) -> list[str]:
    name = name_of(element).removeprefix("atom:")
    kind, language = element.get("type", "text"), element.get(LANG, "en")
    faults = []
    texts = {"title", "subtitle", "summary", "rights", "content"}
    if name in texts and kind not in {"text", "html", "xhtml"}:
        faults.append(f"{name} has type {kind!r} (3.1.1)")
    if name == "category" and not element.get("term", "").strip():
        faults.append("category with a blank term (4.2.2)")
    scheme = element.get("scheme")
    if name == "category" and scheme is not None and not is_address(scheme):
        faults.append(f"category scheme {scheme!r} is no absolute IRI (4.2.2)")
    if not is_language(language):
        faults.append(f"xml:lang {language!r} is no language tag")
    return faults


def link_faults(link: Any) -> list[str]:
    """Check an `atom:link` (RFC 4287 §4.2.7), wherever it stands."""
    rel, href = link.get("rel", "alternate"), link.get("href", "")
    faults = []
    if len(link) or (link.text or "").strip():
        faults.append(f"link {rel} is not empty")
    if rel not in RELATIONS and not _ABSOLUTE.fullmatch(rel):
        faults.append(f"link has an unknown rel {rel!r}")
    if not is_address(href):
        faults.append(f"link {rel}: {href!r} is no absolute address")
    for attribute, right in _LINK_VALUES.items():
        value = link.get(attribute)
        if value is not None and not right.fullmatch(value):
            faults.append(f"link {rel}: {attribute}={value!r}")
    return faults


def rss_faults(root: Any) -> list[str]:
    """Check a document against RSS 2.0 and the namespaces the RSS Profile allows."""
    channel = root.find("channel")
    faults = _table_faults(root, RSS_CHILDREN, RSS_ATTRIBUTES)
    if root.get("version") != "2.0":
        faults.append("not version 2.0")
    if channel is None:
        return faults
    names = children(channel)
    if "item" in names and set(names[names.index("item") :]) != {"item"}:
        faults.append("metadata after the first item")
    faults += [f"unwanted {name}" for name in UNWANTED_IN_RSS.intersection(names)]
    for item in channel.iterfind("item"):
        faults += _item_faults(item)
    guids = Counter(channel.xpath("item/guid/text()"))
    faults += [f"guid {guid!r} appears twice" for guid, count in guids.items() if count > 1]
    for element in root.iter(etree.Element):
        faults += _rss_text_faults(element)
    faults += [fault for link in root.iter(f"{{{ATOM}}}link") for fault in link_faults(link)]
    return faults + media_faults(root)


def _item_faults(item: Any) -> list[str]:
    guid = item.find("guid")
    where = f"item {guid.text if guid is not None else '?'}"
    faults = []
    if item.find("title") is None and item.find("description") is None:
        faults.append(f"{where}: neither title nor description")
    if guid is not None and guid.get("isPermaLink") not in {"true", "false", None}:
        faults.append(f"{where}: isPermaLink={guid.get('isPermaLink')!r}")
    if guid is not None and guid.get("isPermaLink") != "false" and not is_address(guid.text or ""):
        faults.append(f"{where}: a permalink that is no address")
    if item.xpath("atom:link[@rel='alternate' or @rel='self']", namespaces=PREFIXES):
        faults.append(f"{where}: an atom:link that readers take for the link of the item")
    enclosure = item.find("enclosure")
    if enclosure is not None:
        url, length, kind = (enclosure.get(name, "") for name in ("url", "length", "type"))
        if not is_address(url) or "." not in (urlsplit(url).hostname or ""):
            faults.append(f"{where}: enclosure url {url!r}")
        if not _WHOLE.fullmatch(length):
            faults.append(f"{where}: enclosure length {length!r}")
        if not _TYPE.fullmatch(kind):
            faults.append(f"{where}: enclosure type {kind!r}")
    return faults


def _rss_text_faults(element: Any) -> list[str]:
    name, text = name_of(element), element.text or ""
    if name in {"pubDate", "lastBuildDate"} and not is_rfc822(text):
        return [f"{name} {text!r} is no RFC 822 date"]
    if name in {"link", "url", "docs"} and not is_address(text):
        return [f"{name} {text!r} is no absolute address"]
    if name == "source" and not is_address(element.get("url", "")):
        return [f"source url {element.get('url')!r} is no absolute address"]
    if name == "language" and not is_language(text):
        return [f"language {text!r}"]
    blank = {"title", "description", "category", "guid", "dc:creator", "content:encoded"}
    if name in blank and not text.strip():
        return [f"{name} is blank"]
    return []


def media_faults(root: Any) -> list[str]:
    """Check the Media RSS elements of a document."""
    faults = []
    for element in root.iter(f"{{{MEDIA}}}*"):
        name = name_of(element)
        parent = name_of(element.getparent())
        if parent not in {"item", "atom:entry", "media:group"}:
            faults.append(f"{name} in {parent}")
        if name == "media:group" and len(element.findall(f"{{{MEDIA}}}content")) < 2:
            faults.append("media:group without alternatives")
        if name in {"media:title", "media:description"}:
            faults.append(f"{name}, which feedparser takes for the entry's own")
        for attribute in ("width", "height", "fileSize"):
            value = element.get(attribute)
            if value is not None and not _POSITIVE.fullmatch(value):
                faults.append(f"{name} {attribute}={value!r}")
        if name != "media:group" and not is_address(element.get("url", "")):
            faults.append(f"{name} url {element.get('url')!r} is no absolute address")
        medium, kind = element.get("medium"), element.get("type")
        if medium is not None and medium not in {"image", "audio", "video"}:
            faults.append(f"{name} medium={medium!r}")
        if medium and kind and kind.partition("/")[0] != medium:
            faults.append(f"{name} medium={medium!r} with type={kind!r}")
    return faults


def _table_faults(
    root: Any,
    child_table: dict[str, Table],
    attribute_table: dict[str, tuple[set[str], set[str]]],
    own: str = "",
) -> list[str]:
    faults = []
    for element in root.iter(etree.Element):
        name = name_of(element).removeprefix(own) if own else name_of(element)
        counts = Counter(child.removeprefix(own) if own else child for child in children(element))
        table = child_table.get(name, {"media:content": (2, ANY)} if name == "media:group" else {})
        faults += [f"{child} in {name}" for child in counts if child not in table]
        for child, (least, most) in table.items():
            if not least <= counts[child] <= most:
                faults.append(f"{name} has {counts[child]} {child}")
        required, optional = attribute_table.get(name, (set(), set()))
        found = set(element.keys())
        faults += [f"{name} lacks {missing}" for missing in sorted(required - found)]
        faults += [f"{name} has {extra}" for extra in sorted(found - required - optional)]
    return faults


def namespace_faults(root: Any) -> list[str]:
    """Check that every namespace is declared on the root, under its usual prefix."""
    usual = {namespace: prefix for prefix, namespace in PREFIXES.items() if prefix != "a"}
    own = etree.QName(root).namespace
    faults = [
        f"{namespace} under the prefix {prefix!r}"
        for prefix, namespace in root.nsmap.items()
        if prefix != (None if namespace == own else usual.get(namespace))
    ]
    return faults + [
        f"{name_of(element)} declares a namespace of its own"
        for element in root.iter(etree.Element)
        if element.nsmap != root.nsmap
    ]


def numeric_reference_faults(data: bytes) -> list[str]:
    """Find numeric character references in attributes, and in elements that hold an address."""
    in_tags = re.findall(rb"<[^<>]*&#[^<>]*>", data)
    in_addresses = re.findall(
        rb"<(?:link|guid|id|uri|url|icon|logo|docs)(?: [^<>]*)?>[^<]*&#[^<]*<", data
    )
    return [match.decode() for match in in_tags + in_addresses]


def is_rfc3339(text: str) -> bool:
    return _RFC3339.fullmatch(text) is not None


def is_rfc822(text: str) -> bool:
    """Tell whether a date is in the one form every reader knows, with the day that fits."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return False
    return format_datetime(moment, usegmt=moment.utcoffset() is not None) == text


def is_address(text: str) -> bool:
    """Tell whether a text is an absolute http(s) address in ASCII, with a path."""
    return _ADDRESS.fullmatch(text) is not None


def is_language(text: str) -> bool:
    return _LANGUAGE.fullmatch(text) is not None


VOID = frozenset({"br", "col", "hr", "img", "wbr"})
# HTML of a feed: text, lists, tables, pictures and links, nothing that acts.
KNOWN_ELEMENTS = VOID | frozenset(
    """a abbr b bdi bdo blockquote caption cite code colgroup dd del details dfn div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 i ins kbd li mark ol p pre q rp rt ruby s samp small span
    strong sub summary sup table tbody td tfoot th thead time tr u ul var""".split()
)
_ADDRESS_ATTRIBUTES = frozenset({"href", "src", "cite", "poster", "data", "action", "background"})
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp|#[0-9]+|#[xX][0-9A-Fa-f]+);)")


def html_faults(fragment: str) -> list[str]:
    """Check a fragment against what feed validators and readers take: known, nested, absolute."""
    checker = _HtmlChecker()
    checker.feed(fragment)
    checker.close()
    return [*checker.faults, *(f"<{name}> is never closed" for name in checker.open)]


class _HtmlChecker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KNOWN_ELEMENTS:
            self.faults.append(f"<{tag}> is not for feeds")
        if tag not in VOID:
            self.open.append(tag)
        if _BARE_AMPERSAND.search(self.get_starttag_text() or ""):
            self.faults.append(f"a bare & in <{tag}>")
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.faults.append(f"an attribute of <{tag}> appears twice")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "class", "id", "srcset", "srcdoc"}:
                self.faults.append(f"<{tag} {name}>")
            if name in _ADDRESS_ATTRIBUTES and not is_address(value or ""):
                self.faults.append(f"<{tag} {name}={value!r}> is not absolute")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> where {self.open[-1:]} is open")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if "<" in data or "&" in data:
            self.faults.append(f"not escaped: {data!r}")

    def handle_entityref(self, name: str) -> None:
        if name not in {"amp", "lt", "gt", "quot", "nbsp"}:
            self.faults.append(f"entity &{name};")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"a comment: {data!r}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"a declaration: {decl!r}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"an instruction: {data!r}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"a marked section: {data!r}")
