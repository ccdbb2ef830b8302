"""The examination of a live site, from its manifest to its hub."""

from datetime import datetime, timedelta

from feedpub.doctor import http_checks
from feedpub.doctor.feeds import check_hubs, visit_feeds
from feedpub.doctor.fetching import Fetcher
from feedpub.doctor.findings import Diagnosis
from feedpub.doctor.listed_feeds import check_opml, find_site


def examine(
    url: str,
    fetcher: Fetcher,
    *,
    now: datetime,
    every: bool = False,
    max_age: timedelta | None = None,
) -> Diagnosis:
    """Examine how the site at `url` is served; all of its feeds if `every`, else up to 20.

    With `max_age`, a feed that did not change for longer is a failure.
    """
    findings = list(http_checks.transport(url, fetcher, now))
    site, found = find_site(url, fetcher, every=every)
    findings += found
    if site is None:
        return Diagnosis(url=url, feeds=0, examined=0, findings=tuple(findings))
    findings += check_opml(site, fetcher)
    visited = visit_feeds(site, fetcher, max_age=max_age, now=now)
    for one in visited:
        findings += one.findings
    findings += check_hubs(visited, site.hubs, fetcher)
    return Diagnosis(
        url=url, feeds=len(site.feeds), examined=len(site.chosen), findings=tuple(findings)
    )
