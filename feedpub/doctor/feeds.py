"""Looks at the feeds of a live site, each in all its formats, and at the hubs they announce."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from msgspec import Struct
from requests.utils import parse_header_links

from feedpub.dates import rfc3339
from feedpub.doctor import http_checks
from feedpub.doctor.documents import SelfPortrait, UnreadableError, portrait
from feedpub.doctor.fetching import Answer, Fetcher, FetchError
from feedpub.doctor.findings import Finding, ok
from feedpub.doctor.listed_feeds import ListedFeed, Site, unparsed
from feedpub.links import clean_url

_AT_ONCE = 4


class Visited(Struct, frozen=True, kw_only=True):
    """A feed in one format, as it was served; `answer` and `says` are None if it was not."""

    feed: ListedFeed
    format_name: str
    url: str
    answer: Answer | None
    says: SelfPortrait | None
    findings: tuple[Finding, ...]


def visit_feeds(
    site: Site, fetcher: Fetcher, *, max_age: timedelta | None, now: datetime
) -> list[Visited]:
    """Fetch and check the chosen feeds in each of their formats."""

    def visit(pair: tuple[ListedFeed, str]) -> Visited:
        return _visit(*pair, fetcher, max_age=max_age, now=now)

    addresses = [(feed, name) for feed in site.chosen for name in feed.addresses]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(visit, addresses))


def _visit(
    feed: ListedFeed,
    format_name: str,
    fetcher: Fetcher,
    *,
    max_age: timedelta | None,
    now: datetime,
) -> Visited:
    url = feed.addresses[format_name]
    says = None
    answer, findings = http_checks.fetched(url, fetcher)
    if answer:
        findings += http_checks.served(answer, http_checks.MEDIA[format_name], fetcher)
        findings += _link_header(answer)
        try:
            says = portrait(answer.body, format_name)
        except UnreadableError as error:
            findings.append(unparsed(url, f"{error}"))
    if says:
        findings += [ok("parses", url, format_name), _self_link(url, says)]
        findings += _freshness(url, says.updated, feed.updated)
        findings += _age(url, says.updated or feed.updated, max_age, now)
    return Visited(
        feed=feed,
        format_name=format_name,
        url=url,
        answer=answer,
        says=says,
        findings=tuple(findings),
    )


def _self_link(url: str, says: SelfPortrait) -> Finding:
    if says.selves == (url,):
        return ok("self link", url, url)
    return Finding(
        level="failure",
        check="self link",
        url=url,
        seen=", ".join(says.selves) or "none",
        expected=url,
        advice="readers subscribe to what it names: set site.url to where the site is served",
    )


def _link_header(answer: Answer) -> Iterator[Finding]:
    """Check the address that a feed is sent with: WebSub subscribers look there first."""
    for link in parse_header_links(answer.headers.get("Link", "")):
        if link.get("rel") == "self" and link["url"] != answer.url:
            yield Finding(
                level="failure",
                check="self link",
                url=answer.url,
                seen=f"{link['url']} in the header Link",
                expected=answer.url,
                advice="subscribers of hubs get nothing: `feedpub snippet` prints what is right",
            )


def _freshness(url: str, updated: datetime | None, promised: datetime | None) -> Iterator[Finding]:
    """Compare what a feed says with what the manifest says of it; JSON Feed does not say."""
    if updated is None or promised is None:
        return
    if updated >= promised:
        yield ok("freshness", url, rfc3339(updated))
        return
    yield Finding(
        level="failure",
        check="freshness",
        url=url,
        seen=f"changed {rfc3339(updated)}",
        expected=f"{rfc3339(promised)}, as feeds.json says",
        advice="an old copy is served: upload all files, or empty the cache before the server",
    )


def _age(
    url: str, updated: datetime | None, max_age: timedelta | None, now: datetime
) -> Iterator[Finding]:
    if max_age is None or updated is None:
        return
    if now - updated <= max_age:
        yield ok("age", url, rfc3339(updated))
        return
    yield Finding(
        level="failure",
        check="age",
        url=url,
        seen=f"last changed {rfc3339(updated)}",
        expected=f"a change within {max_age.days} days",
        advice="see whether records still come in and `feedpub build` still runs",
    )


def check_hubs(
    visited: Iterable[Visited], promised: frozenset[str], fetcher: Fetcher
) -> list[Finding]:
    """Check that every feed announces the hubs of the manifest and of the others; ask the hubs."""
    portraits = [(one.url, one.says.hubs) for one in visited if one.says]
    hubs = sorted(promised.union(*(announced for _, announced in portraits)))
    findings = [
        Finding(
            level="warning",
            check="hub",
            url=url,
            seen=", ".join(sorted(announced)) or "none announced",
            expected=", ".join(hubs),
            advice="publish all feeds anew, so that each names the same hub",
        )
        for url, announced in portraits
        if announced != frozenset(hubs)
    ]
    return findings + [_hub(hub, fetcher) for hub in hubs]


def _hub(hub: str, fetcher: Fetcher) -> Finding:
    """Ask a hub; it may well refuse a GET that asks for nothing, but it has to answer."""
    try:
        status = fetcher.get(hub).status if clean_url(hub) else None
    except FetchError as error:
        seen = error.seen
    else:
        if status and status < 500 and status != 404:
            return ok("hub", hub, f"{status}")
        seen = f"{status}" if status else "no address"
    return Finding(
        level="failure",
        check="hub",
        url=hub,
        seen=seen,
        expected="an answer",
        advice="subscribers wait for it in vain: name a hub that works, or none",
    )
