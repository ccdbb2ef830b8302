"""Looks at what lists the feeds of a live site: its manifest and its OPML."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from feedpub.doctor import http_checks
from feedpub.doctor.documents import UnreadableError, json_object, moment, xml_root
from feedpub.doctor.fetching import Fetcher
from feedpub.doctor.findings import Finding, ok

MOST_FEEDS = 20  # that are looked at unless all are asked for
_FORMATS = ("rss", "atom", "json")


class ListedFeed(Struct, frozen=True, kw_only=True):
    """A feed as the manifest lists it; `addresses` by format, at the site that was asked for."""

    path: str
    addresses: dict[str, str]
    updated: datetime | None


class Site(Struct, frozen=True, kw_only=True):
    """A site as its manifest shows it; `chosen` are the feeds to look at, `hubs` those of all."""

    url: str
    home: str
    feeds: tuple[ListedFeed, ...]
    chosen: tuple[ListedFeed, ...]
    hubs: frozenset[str]


def find_site(url: str, fetcher: Fetcher, *, every: bool) -> tuple[Site | None, list[Finding]]:
    """Fetch the manifest of the site at `url` (which ends with a slash), and choose feeds."""
    address = f"{url}feeds.json"
    answer, findings = http_checks.fetched(address, fetcher)
    if answer is None:
        return None, findings
    findings += http_checks.served(answer, http_checks.MEDIA["manifest"], fetcher)
    try:
        manifest = json_object(answer.body)
        site, outside = _site(url, manifest, every=every)
    except UnreadableError as error:
        return None, [*findings, unparsed(address, f"{error}")]
    findings.append(ok("parses", address, f"{len(site.feeds)} feeds"))
    findings.append(_home(site, address))
    findings += outside
    return site, findings


def _site(url: str, manifest: dict[str, Any], *, every: bool) -> tuple[Site, list[Finding]]:
    listed = manifest.get("feeds")
    if manifest.get("version") != 1 or not isinstance(listed, list):
        raise UnreadableError("no manifest of feedpub, version 1")
    home = str(manifest.get("home_page_url", ""))
    feeds, outside = [], []
    for item in listed:
        formats = item.get("formats") if isinstance(item, dict) else None
        if not isinstance(formats, dict):
            raise UnreadableError("a feed without `formats`")
        known = {name: str(formats[name]) for name in _FORMATS if name in formats}
        addresses = {
            name: url + place.removeprefix(home)
            for name, place in known.items()
            if home and place.startswith(home)
        }
        outside += [_outside(place) for name, place in known.items() if name not in addresses]
        feeds.append(
            ListedFeed(
                path=str(item.get("path")),
                addresses=addresses,
                updated=moment(item.get("updated")),
            )
        )
    chosen = feeds if every else sample(feeds)
    hubs = manifest.get("hubs")
    site = Site(
        url=url,
        home=home,
        feeds=tuple(feeds),
        chosen=tuple(chosen),
        hubs=frozenset(map(str, hubs if isinstance(hubs, list) else ())),
    )
    return site, outside


def sample(feeds: list[ListedFeed], most: int = MOST_FEEDS) -> list[ListedFeed]:
    """Return all feeds, or of many the first (`all`) and others at even distances."""
    if len(feeds) <= most:
        return feeds
    return [feeds[place * len(feeds) // most] for place in range(most)]


def _home(site: Site, address: str) -> Finding:
    if site.home == site.url:
        return ok("site address", address, site.home)
    return Finding(
        level="failure",
        check="site address",
        url=address,
        seen=site.home or "none",
        expected=site.url,
        advice="set site.url to where the site is served, or every address in it leads elsewhere",
    )


def _outside(address: str) -> Finding:
    advice = "the manifest was tampered with, or is of another site: publish it anew"
    return Finding(
        level="failure",
        check="feed address",
        url=address,
        seen="not below the site's address",
        advice=advice,
    )


def unparsed(url: str, seen: str) -> Finding:
    """Return the finding a file is that cannot be read."""
    advice = "publish again; something changes or cuts the file on its way"
    return Finding(level="failure", check="parses", url=url, seen=seen, advice=advice)


def check_opml(site: Site, fetcher: Fetcher) -> list[Finding]:
    """Check that the OPML parses and names the feeds of the manifest, all of them and no other."""
    address = f"{site.url}feeds.opml"
    answer, findings = http_checks.fetched(address, fetcher)
    if answer is None:
        return findings
    findings += http_checks.served(answer, http_checks.MEDIA["opml"], fetcher)
    try:
        root = xml_root(answer.body, "opml")
    except UnreadableError as error:
        return [*findings, unparsed(address, f"{error}")]
    named = {
        site.url + place.removeprefix(site.home)
        for outline in root.iter("outline")
        if (place := outline.get("xmlUrl"))
    }
    missing = [feed.path for feed in site.feeds if not named & set(feed.addresses.values())]
    strange = sorted(named - {place for feed in site.feeds for place in feed.addresses.values()})
    findings.append(ok("parses", address, f"{len(named)} feeds"))
    findings.append(_same_feeds(address, missing, strange))
    return findings


def _same_feeds(address: str, missing: list[str], strange: list[str]) -> Finding:
    if not missing and not strange:
        return ok("same feeds", address, "as in feeds.json")
    differences = [
        *([f"without {_several(missing)}"] if missing else []),
        *([f"with {_several(strange)}, which feeds.json lacks"] if strange else []),
    ]
    return Finding(
        level="failure",
        check="same feeds",
        url=address,
        seen=" and ".join(differences),
        expected="the feeds of feeds.json",
        advice="the two are of different runs: upload all files",
    )


def _several(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
