"""Holds the feeds of a live site against what an aggregator asks."""

from datetime import datetime

from feedpub.doctor import http_checks, profiles
from feedpub.doctor.documents import UnreadableError
from feedpub.doctor.fetching import Fetcher
from feedpub.doctor.findings import Diagnosis
from feedpub.doctor.listed_feeds import find_site, unparsed


def hold_against(
    url: str, profile: str, fetcher: Fetcher, *, now: datetime, every: bool = False
) -> Diagnosis:
    """Hold the RSS feeds of the site at `url` against what an aggregator asks.

    Of how the site is served, only what keeps a feed from being read is told.
    """
    site, found = find_site(url, fetcher, every=every)
    findings = [] if site else [finding for finding in found if finding.level == "failure"]
    channels = []
    for feed in site.chosen if site else ():
        if "rss" not in feed.addresses:
            continue
        address = feed.addresses["rss"]
        answer, found = http_checks.fetched(address, fetcher)
        if answer is None:
            findings += [finding for finding in found if finding.level == "failure"]
            continue
        try:
            channels.append(profiles.channel(address, answer.body))
        except UnreadableError as error:
            findings.append(unparsed(address, f"{error}"))
    findings += profiles.judged(profile, channels, now) if channels else ()
    return Diagnosis(
        url=url,
        feeds=len(site.feeds) if site else 0,
        examined=len(channels),
        findings=tuple(findings),
    )
