"""`feedpub list`."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from feedpub.cli.common import (
    config_option,
    current_time,
    format_option,
    load,
    published_feeds,
    remembered,
    unpublished_option,
)
from feedpub.errors import printable
from feedpub.groups import provider_path, topic_path
from feedpub.plan import make_plan
from feedpub.slugs import topic_key
from feedpub.survey import read_everything

_Row = dict[str, Any]


@click.command(name="list")
@click.argument("what", type=click.Choice(["topics", "providers", "feeds"]))
@config_option
@unpublished_option
@format_option
def command(what: str, config_path: Path, *, unpublished: bool, output_format: str) -> None:
    """List the topics, providers or feeds there are, with what they count.

    Topics and providers come with every spelling of their name and how often it occurs.
    """
    settings = load(config_path)
    now = current_time()
    survey = read_everything(settings, now=now, unpublished=unpublished, state=remembered(settings))
    if what == "topics":
        rows = _topics(survey)
    elif what == "providers":
        rows = _providers(survey)
    else:
        plan = make_plan(settings, survey, now=now, published=published_feeds(settings))
        rows = _feeds(plan)
    if output_format == "json":
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        _say(rows)


def _topics(survey: Any) -> list[_Row]:
    articles = Counter(
        key for article in survey.corpus.listed for key in set(map(topic_key, article.topics))
    )
    return [
        {
            "articles": articles[topic.key],
            "path": topic_path(topic),
            "name": topic.name,
            "spellings": dict(topic.spellings),
        }
        for topic in survey.catalog.topics.values()
    ]


def _providers(survey: Any) -> list[_Row]:
    return [
        {
            "articles": sum(count for _, count in provider.names),
            "path": provider_path(provider.domain),
            "name": provider.name,
            "spellings": dict(provider.names),
        }
        for provider in survey.catalog.providers.values()
    ]


def _feeds(plan: Any) -> list[_Row]:
    return [
        {"articles": len(group.articles), "path": group.path, "name": group.name or plan.site.title}
        for group in plan.groups
    ]


def _say(rows: Sequence[_Row]) -> None:
    width = max((len(row["path"]) for row in rows), default=0)
    for row in rows:
        others = ", ".join(
            f"{name} ({count})"
            for name, count in row.get("spellings", {}).items()
            if name != row["name"]
        )
        also = f"; also: {others}" if others else ""
        click.echo(printable(f"{row['articles']:6}  {row['path']:{width}}  {row['name']}{also}"))
