"""Parts of a record that are records themselves: providers, people, images, related articles."""

import re
from collections.abc import Callable, Hashable, Iterator
from datetime import datetime, tzinfo
from urllib.parse import unquote

from msgspec import Struct

from feedpub.article import Image, Person, Provider, Related, Withheld
from feedpub.dates import DateError, parse_date
from feedpub.fields import FIELD_NAMES, flag, items, line_of_text, number
from feedpub.limits import RecordLimits
from feedpub.links import clean_domain, clean_url, host_of
from feedpub.media import declared_type, media_type
from feedpub.nodes import Mapping, Node, Sequence, is_null

_PIXELS = re.compile(r"[1-9]\d{0,4}", re.ASCII)
_EMAIL = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")


def provider_of(node: Node | None, link: str, base: str, limits: RecordLimits) -> Provider | None:
    """Read a provider; the host of the article's link stands in for a missing domain."""
    if isinstance(node, Mapping):
        return _described(node, link, base, limits)
    name = provider_name(node)
    if name is None:
        return None
    domain = clean_domain(name) if "." in name and " " not in name else None
    return Provider(name=name, domain=domain or host_of(link))


# What was made of descriptions of providers, as long as they are few and short: records describe
# some hundreds, the same over and over.
_KNOWN: dict[Hashable, Provider] = {}
_MAX_KNOWN, _MAX_CHARACTERS = 4096, 1000


def _described(node: Mapping, link: str, base: str, limits: RecordLimits) -> Provider:
    """Read what a record says of a provider: once, unless something depends on the link."""
    key = (_frozen(node), base, limits.url, limits.images)
    known = _KNOWN.get(key)
    if known is not None:
        return known
    domain = line_of_text(node.get("domain"), 300)
    provider = Provider(
        name=provider_name(node.get("name")),
        domain=clean_domain(domain) if domain else host_of(link),
        logos=tuple(images_of(node.get("images"), base, limits)),
    )
    if domain and len(_KNOWN) < _MAX_KNOWN and len(str(key)) <= _MAX_CHARACTERS:
        _KNOWN[key] = provider
    return provider


def _frozen(node: Node) -> Hashable:
    """Return what stands for a node, and for no node that means something else."""
    if isinstance(node, str):
        return None if is_null(node) else node
    if isinstance(node, Mapping):
        return tuple([(key, _frozen(value)) for key, value in node.items()])
    return (Sequence, *map(_frozen, node))


def provider_name(node: Node | None) -> str | None:
    """Read a provider's name; real ones occur percent-encoded (`Example%2c Inc.`).

    Mail addresses are dropped, as from the names of people.
    """
    name = line_of_text(node, 200)
    if name and re.search(r"%[0-9A-Fa-f]{2}", name):
        name = line_of_text(unquote(name), 200)
    return _without_mail(name)


def person_of(node: Node, limits: RecordLimits) -> Person | None:
    """Read an author's name; e-mail addresses are dropped (RFC 4287 §3.2.1 wants a name)."""
    uri = None
    if isinstance(node, Mapping):
        raw_uri = line_of_text(_first(node, "url", "uri"), limits.url + 1)
        uri = clean_url(raw_uri, None, limits.url) if raw_uri else None
        node = _first(node, "name") or ""
    name = _without_mail(line_of_text(node, 200))
    return Person(name=name, uri=uri) if name else None


def _without_mail(name: str | None) -> str | None:
    """Drop mail addresses from a name: `ana@example.org (Ana Ruiz)`, the form of RSS, is Ana."""
    if not name or "@" not in name:
        return name
    rest = " ".join(_EMAIL.sub("", name).replace("()", "").split())
    whole = re.fullmatch(r"\(([^()]*)\)", rest)
    return (whole[1].strip() if whole else rest) or None


def _first(fields: Mapping, *keys: str) -> Node | None:
    """Return the first of several fields that has a value."""
    return next((fields[key] for key in keys if not is_null(fields.get(key))), None)


def images_of(node: Node | None, base: str, limits: RecordLimits) -> Iterator[Image]:
    """Yield the usable images of a field, each address once."""
    if node is None:
        return
    seen = set()
    for item in list(items(node))[: limits.images]:
        image = _image(item, base, limits.url)
        if image and image.url not in seen:
            seen.add(image.url)
            yield image


def _image(node: Node, base: str, longest_url: int) -> Image | None:
    details = node if isinstance(node, Mapping) else Mapping()
    address = _first(node, "url", "src", "image") if isinstance(node, Mapping) else node
    url = clean_url(address, base, longest_url) if isinstance(address, str) else None
    if url is None:
        return None
    declared = line_of_text(details.get("type"), 100)
    return Image(
        url=url,
        media_type=media_type(url, declared),
        type_declared=declared_type(declared) is not None,
        width=_pixels(details.get("width")),
        height=_pixels(details.get("height")),
        title=line_of_text(_first(details, "title", "alt"), 500),
    )


def _pixels(node: Node | None) -> int | None:
    text = node.strip() if isinstance(node, str) else ""
    return int(text) if _PIXELS.fullmatch(text) else None


class Embedded(Struct):
    """A related article as embedded in a record, read as far as it is asked for.

    Of the dozens a record lists a few are shown: ranking them takes the address, the provider and
    the quality, which are read at once, and not the rest, which `whole` hands out.
    """

    link: str
    quality: float
    who: str | None
    withheld: Withheld | None
    whole: Callable[[], Mapping]
    base: str
    zone: tzinfo
    limits: RecordLimits
    known: Related | None = None

    def full(self) -> Related | None:
        """Return all of it; None if it has no title."""
        if self.known is None:
            self.known = self._read()
        return self.known

    def _read(self) -> Related | None:
        node = self.whole()
        title = line_of_text(_first(node, "title", "name"), self.limits.title)
        if title is None:
            return None
        return Related(
            title=title,
            link=self.link,
            published=_date_or_none(node.get("publishedDateTime"), self.zone),
            provider=provider_of(node.get("provider"), self.link, self.base, self.limits),
            quality=self.quality,
            images=tuple(images_of(node.get("images"), self.base, self.limits)),
            withheld=self.withheld,
        )


def _who(provider: Node | None, link: str, base: str, limits: RecordLimits) -> str | None:
    """Return what tells a provider from others, as `Related.who` does."""
    if isinstance(provider, Mapping) and isinstance(provider.get("domain"), str):
        domain = clean_domain(str(provider["domain"]))
        if domain:
            return domain
    found = provider_of(provider, link, base, limits)
    return (found.domain or found.name) if found else None


def embedded_in(
    node: Node | None, base: str, zone: tzinfo, limits: RecordLimits
) -> Iterator[Embedded]:
    """Yield the related articles of a record that have an address."""
    for item in list(items(node))[: limits.related]:
        found = embedded(item, base, zone, limits) if isinstance(item, Mapping) else None
        if found:
            yield found


def embedded(
    node: Mapping,
    base: str,
    zone: tzinfo,
    limits: RecordLimits,
    whole: Callable[[], Mapping] | None = None,
) -> Embedded | None:
    """Return the related article of a node, which may be but a sketch of the `whole`.

    None without an address.
    """
    link = link_of(node, base, limits)
    if link is None:
        return None
    return Embedded(
        link,
        number(node.get("quality")) or 0.0,
        _who(node.get("provider"), link, base, limits),
        _embedded_withheld(node),
        whole or (lambda: node),
        base,
        zone,
        limits,
    )


def related_of(
    node: Node | None, base: str, zone: tzinfo, limits: RecordLimits
) -> Iterator[Related]:
    """Yield the related articles of a record that have a title and an address, read in full.

    One without is of no use and no harm.
    """
    for embedded in embedded_in(node, base, zone, limits):
        full = embedded.full()
        if full:
            yield full


def link_of(node: Mapping, base: str, limits: RecordLimits) -> str | None:
    """Return the address of a related article."""
    addresses = (node.get(key) for key in FIELD_NAMES["webUrl"])
    texts = (raw for raw in addresses if isinstance(raw, str) and not is_null(raw))
    links = (clean_url(raw, base, limits.url) for raw in texts)
    return next((link for link in links if link), None)


def _embedded_withheld(node: Mapping) -> Withheld | None:
    if any(flag(node.get(key)) not in {"no", "absent"} for key in ("removed", "deleted", "draft")):
        return "removed"
    published = flag(node.get("published"))
    blank = published == "absent" and "published" in node
    return None if published in {"yes", "absent"} and not blank else "unpublished"


def _date_or_none(node: Node | None, zone: tzinfo) -> datetime | None:
    if is_null(node) or not isinstance(node, str):
        return None
    try:
        return parse_date(node, zone)
    except DateError:
        return None
