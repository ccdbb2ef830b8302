"""`feedpub explain`."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from feedpub.article import Article
from feedpub.cli.common import (
    config_option,
    current_time,
    load,
    published_feeds,
    remembered,
    unpublished_option,
)
from feedpub.corpus import Merge
from feedpub.dates import rfc3339
from feedpub.errors import counted, printable
from feedpub.feed import Entry
from feedpub.groups import Group
from feedpub.plan import Plan, make_plan
from feedpub.survey import Survey, read_everything

_HELD_BACK = {
    "unpublished": "`published: false`; --unpublished or select: {unpublished: true} includes it",
    "draft": "`draft: true`",
    "removed": "`removed: true` or `deleted: true`; such a record never appears",
    "doubtful": "published, draft, removed or deleted is no clear yes or no",
    "scheduled": "its date is in the future",
}


@click.command(name="explain")
@click.argument("record")
@config_option
@unpublished_option
def command(record: str, config_path: Path, *, unpublished: bool) -> None:
    """Tell in which feeds a record appears, and why, or why it does not.

    RECORD is its file, its id or its link.
    """
    settings = load(config_path)
    now = current_time()
    survey = read_everything(settings, now=now, unpublished=unpublished, state=remembered(settings))
    published = published_feeds(settings)
    plan = make_plan(settings, survey, now=now, published=published)
    lines = [line for answer in _answers(record, survey, plan) for line in answer]
    if not lines:
        raise click.BadParameter("no record has this file, id or link", param_hint="RECORD")
    click.echo("\n".join(map(printable, lines)))


def _answers(record: str, survey: Survey, plan: Plan) -> Iterator[list[str]]:
    yield from _unusable(record, survey)
    for article, reason in survey.corpus.held_back:
        if _matches(article, record):
            yield [*_facts(article), f"  held back: {_because(reason)}"]
    for merge in survey.corpus.merged:
        if _matches(merge.article, record):
            yield [*_facts(merge.article), f"  merged into {merge.into.source}: {merge.reason}"]
    for article in survey.corpus.listed:
        if _matches(article, record):
            yield [*_facts(article), *_listed(article, survey.corpus.merged, plan)]


def _unusable(record: str, survey: Survey) -> Iterator[list[str]]:
    for problem in survey.problems:
        if problem.severity == "error" and _same_file(problem.source, record):
            yield [f"{problem.source}: cannot be used: {problem}"]
    for problem, reason in survey.withheld:
        if _same_file(problem.source, record):
            yield [f"{problem.source}: held back: {_because(reason)}; and {problem.message}"]


def _because(reason: str) -> str:
    return _HELD_BACK.get(reason, f"{reason} (a select: rule of the configuration)")


def _same_file(source: str, record: str) -> bool:
    shown = re.sub(r"\[\d+\]$", "", Path(source).as_posix())  # a file of several records: x.json[3]
    wanted = Path(record).as_posix()
    return shown == wanted or Path(shown).name == wanted or wanted.endswith(f"/{shown}")


def _matches(article: Article, record: str) -> bool:
    return record in {article.id, *article.addresses} or _same_file(article.source, record)


def _facts(article: Article) -> list[str]:
    return [
        f"{article.source}: {article.title}",
        f"  id: {article.id}",
        f"  link: {article.link}",
        f"  published: {rfc3339(article.published)}",
    ]


def _listed(article: Article, merged: tuple[Merge, ...], plan: Plan) -> Iterator[str]:
    for merge in merged:
        if merge.into.id == article.id:
            yield f"  stands also for {merge.article.source}: {merge.reason}"
    entries = (entry for group in plan.groups for entry in group.articles)
    shown = next((entry for entry in entries if _stands_for(entry, article)), article)
    yield from _story(shown, article)
    yield from _entry(plan.entry(shown))
    yield "  in these feeds:"
    for group in plan.groups:
        for place, entry in enumerate(group.articles, 1):
            if _stands_for(entry, article):
                yield f"    {group.path}: {place} of {len(group.articles)}{_past(entry, group)}"


def _stands_for(entry: Article, article: Article) -> bool:
    """Tell whether an entry is that of an article, or of its story."""
    members = entry.story.members if entry.story else (entry.id,)
    return article.id in members


def _story(entry: Article, article: Article) -> Iterator[str]:
    story = entry.story
    if story is None:
        return
    outlets = counted(story.outlets, "outlet")
    yield f"  story: {counted(len(story.members), 'record')} from {outlets}, as {story.id}"
    if story.head != article.id:
        yield f"  led by {entry.source}: {entry.title}"


def _past(entry: Article, group: Group) -> str:
    if entry in group.articles[: group.limit]:
        return ""
    if entry in group.late:
        return f", past the limit of {group.limit}: shown for a while, as it came late"
    return f", past the limit of {group.limit}: not shown"


def _entry(entry: Entry) -> Iterator[str]:
    yield (
        f"  picture: {entry.lead.url} ({entry.lead.media_type})"
        if entry.lead
        else "  picture: none"
    )
    for link in entry.related:
        yield f"  related: {link.title} ({link.provider or link.href})"
