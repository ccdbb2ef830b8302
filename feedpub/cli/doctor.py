"""`feedpub doctor`."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import to_builtins

from feedpub.cli.common import (
    SKIPPED_RECORDS,
    config_option,
    current_time,
    format_option,
    load,
)
from feedpub.errors import counted, printable

if TYPE_CHECKING:
    from feedpub.doctor.findings import Diagnosis

_FAILURES = SKIPPED_RECORDS  # the exit code: feedpub ran well, and has something to say
_PROFILES = ("flipboard", "msn", "smartnews", "apple")


@click.command(name="doctor")
@config_option
@click.option("--url", metavar="URL", help="The site to examine, instead of `site.url`.")
@click.option("--all", "every", is_flag=True, help="Examine every feed, not 20 of many.")
@click.option(
    "--max-age",
    "max_age_days",
    type=click.IntRange(1, 36500),
    metavar="DAYS",
    help="Call a feed that did not change for so long a failure.",
)
@click.option(
    "--profile",
    type=click.Choice(_PROFILES),
    help="Tell what an aggregator asks of RSS feeds and these lack.",
)
@format_option
@click.pass_context
def command(
    ctx: click.Context,
    config_path: Path,
    *,
    url: str | None,
    every: bool,
    max_age_days: int | None,
    profile: str | None,
    output_format: str,
) -> None:
    """Examine the live site, as readers and aggregators meet it.

    Fetches feeds.json, the feeds it lists in each format, and feeds.opml, and looks at how they are
    served and whether they are what was published. Nothing is written.

    Exit codes: 0 no failures; 3 failures; 78 the configuration cannot be used.
    """
    from feedpub.doctor.aggregators import hold_against  # requests and lxml take a while
    from feedpub.doctor.examination import examine
    from feedpub.doctor.fetching import Fetcher

    address = _site_address(url if url is not None else load(config_path).site.url)
    now = current_time()
    max_age = timedelta(days=max_age_days) if max_age_days else None
    with closing(Fetcher()) as fetcher:
        if profile:
            diagnosis = hold_against(address, profile, fetcher, now=now, every=every)
        else:
            diagnosis = examine(address, fetcher, now=now, every=every, max_age=max_age)
    if output_format == "json":
        click.echo(json.dumps(_report(diagnosis, profile), indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(map(printable, _lines(diagnosis))))
    if diagnosis.count("failure"):
        ctx.exit(_FAILURES)


def _site_address(url: str) -> str:
    """Return the address of a site with the slash at its end that those of its files follow."""
    from feedpub.links import clean_url

    address = clean_url(url.strip().removesuffix("feeds.json"))
    if address is None or "?" in address or "#" in address:
        raise click.BadParameter(
            "expected the address of a site, like https://feeds.example.org/", param_hint="--url"
        )
    return address if address.endswith("/") else f"{address}/"


def _report(diagnosis: "Diagnosis", profile: str | None) -> dict[str, object]:
    return {
        "url": diagnosis.url,
        "profile": profile,
        "feeds": diagnosis.feeds,
        "examined": diagnosis.examined,
        "failures": diagnosis.count("failure"),
        "warnings": diagnosis.count("warning"),
        "findings": [to_builtins(finding) for finding in diagnosis.findings],
    }


def _lines(diagnosis: "Diagnosis") -> list[str]:
    """Return what is amiss, one line a finding under the addresses it was found at; a summary."""
    from feedpub.doctor.findings import folded

    groups: dict[tuple[str, ...], list[str]] = {}
    amiss = folded(diagnosis.findings)
    for one in amiss:
        groups.setdefault(one.urls, []).append(f"  {one.first.level:7}  {one.first}")
    lines = []
    for urls, under in groups.items():
        more = f" and {counted(len(urls) - 1, 'more address', 'more addresses')}"
        lines += [urls[0] + (more if len(urls) > 1 else ""), *under]
    wrong = {one.first.check for one in amiss}
    fine = dict.fromkeys(finding.check for finding in diagnosis.findings if finding.level == "ok")
    well = [check for check in fine if check not in wrong]
    if well:
        lines.append(f"in order: {', '.join(well)}")
    failures = sum(one.first.level == "failure" for one in amiss)
    lines.append(
        f"{diagnosis.examined} of {counted(diagnosis.feeds, 'feed')} examined:"
        f" {counted(failures, 'failure')}, {counted(len(amiss) - failures, 'warning')}"
    )
    return lines
