"""The whole pipeline: records in, articles sorted out, feeds composed, rendered and published."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from lxml import etree

from feedpub import formats
from feedpub.article import Article
from feedpub.catalog import Catalog, ProviderMetadata, TopicMetadata, build_catalog
from feedpub.compose import FORMAT_FILES, Site, compose_entries, compose_feed
from feedpub.config import Config, SourceConfig
from feedpub.config_file import LoadedConfig
from feedpub.corpus import Corpus, sort_out
from feedpub.destinations import Destination, Outcome
from feedpub.errors import ConfigError, Problem
from feedpub.feed import Document, Entry
from feedpub.fields import merged_names, unknown_keys
from feedpub.groups import Group, PublishedFeed, groups_of
from feedpub.pages import html_pages, manifest, opml
from feedpub.pages.site_map import Published, SiteMap
from feedpub.records import RecordRules, Unusable, read_article
from feedpub.selection import Selection
from feedpub.sources import READERS, metadata, read_file
from feedpub.sources.files import FileSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Everything the records say, before any feed is made of it."""

    records: int
    corpus: Corpus
    catalog: Catalog
    problems: tuple[Problem, ...]
    held_back: Counter[str]
    unknown_keys: Counter[str] = field(default_factory=Counter)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that cost a record its place."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return the problems that cost no record its place."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The feeds of a run and their entries."""

    groups: tuple[Group, ...]
    entries: dict[str, Entry]
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a build did."""

    survey: Survey
    groups: tuple[Group, ...]
    outcome: Outcome

    @property
    def written_feeds(self) -> int:
        """Return how many feeds changed in at least one of their formats."""
        names = frozenset(FORMAT_FILES.values())
        parts = (path.rpartition("/") for path in self.outcome.written)
        return len({folder for folder, _, name in parts if name in names})

    @property
    def kept(self) -> tuple[Group, ...]:
        """Return the feeds that no longer belong and are kept for their subscribers."""
        return tuple(group for group in self.groups if group.standing == "kept")


def build(
    loaded: LoadedConfig,
    destination: Destination,
    *,
    now: datetime,
    unpublished: bool = False,
    prune: bool = False,
) -> Report:
    """Run the pipeline once; `now` only decides what is still in the future or too old."""
    survey = read_everything(loaded, now=now, unpublished=unpublished)
    recorded = manifest.read(destination.read(manifest.PATH) or b"")
    plan = make_plan(loaded.config, survey, now=now, published={} if prune else recorded)
    documents = tuple(render_everything(plan, loaded.config))
    outcome = destination.publish(documents, prune=prune)
    return Report(survey=survey, groups=plan.groups, outcome=outcome)


def read_everything(loaded: LoadedConfig, *, now: datetime, unpublished: bool = False) -> Survey:
    """Read all records and metadata, and sort the articles out."""
    config = loaded.config
    selection = config.selection(unpublished=unpublished)
    reading = _read_records(loaded, selection)
    corpus = sort_out(reading.articles, selection, now)
    topics, providers, problems = _read_metadata(loaded)
    held_back = reading.held_back + Counter(reason for _, reason in corpus.held_back)
    return Survey(
        records=reading.records,
        corpus=corpus,
        catalog=build_catalog(corpus.listed, topics, providers),
        problems=(*reading.problems, *_same_ids(corpus), *problems),
        held_back=held_back,
        unknown_keys=reading.unknown_keys,
    )


def make_plan(
    config: Config,
    survey: Survey,
    *,
    now: datetime,
    published: dict[str, PublishedFeed] | None = None,
) -> Plan:
    """Decide which feeds there are and compose their entries."""
    site = config.site.site()
    corpus, catalog = survey.corpus, survey.catalog
    return Plan(
        groups=groups_of(corpus, catalog, config.group_rules(), now, published),
        entries=compose_entries(corpus, catalog, site, config.presentation()),
        site=site,
    )


def render_everything(plan: Plan, config: Config) -> Iterator[Document]:
    """Yield every document, in the order in which they may become visible.

    A reader that follows the index, the manifest or the OPML finds the feeds already there.
    """
    published = []
    for group in plan.groups:
        names = config.formats + (group.published.formats if group.published else ())
        feed = compose_feed(group, plan.entries, plan.site, names)
        rendered = [verified(formats.render(name, feed)) for name in feed.addresses]
        yield from rendered
        published.append(Published(group=group, feed=feed, sha256=_sha256(rendered)))
        yield html_pages.render_feed_page(feed)
    site_map = SiteMap(site=plan.site, feeds=tuple(published))
    yield verified(opml.render(site_map))
    yield manifest.render(site_map)
    yield html_pages.render_index(site_map)


def verified(document: Document) -> Document:
    """Return a document once a parser has read it: what we cannot read nobody shall have to."""
    if document.path.endswith(".json"):
        json.loads(document.data)
    else:
        etree.fromstring(document.data, etree.XMLParser(resolve_entities=False, no_network=True))
    return document


def _sha256(documents: list[Document]) -> str:
    digest = hashlib.sha256()
    for document in documents:
        digest.update(document.data)
    return digest.hexdigest()


@dataclass(slots=True)
class _Reading:
    records: int = 0
    articles: list[Article] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    held_back: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)


def _read_records(loaded: LoadedConfig, selection: Selection) -> _Reading:
    reading = _Reading()
    seen = set()
    for number, source_config in enumerate(loaded.config.sources):
        source = _source(loaded, source_config, number)
        rules = _rules(loaded.config, source_config)
        for file in source.files(READERS):
            if file.location in seen:  # two sources overlap: the first one counts
                continue
            seen.add(file.location)
            for record in read_file(file):
                reading.records += 1
                if isinstance(record, Problem):
                    reading.problems.append(record)
                    continue
                result, warnings = read_article(record, rules)
                reading.problems.extend(warnings)
                reading.unknown_keys.update(unknown_keys(record.fields, rules.names))
                _sort_in(result, selection, reading)
    return reading


def _sort_in(result: Article | Unusable, selection: Selection, reading: _Reading) -> None:
    if isinstance(result, Article):
        reading.articles.append(result)
        return
    lifted = result.withheld == "unpublished" and selection.unpublished
    if result.withheld and not lifted:
        reading.held_back[result.withheld] += 1  # it was not to be seen: nothing is amiss
    else:
        reading.problems.append(result.problem)


def _source(loaded: LoadedConfig, config: SourceConfig, number: int) -> FileSource:
    source = FileSource(
        pattern=loaded.path(config.path),
        shown=config.path,
        prefix=config.prefix,
        exclude=config.exclude,
        output=loaded.path(loaded.config.output),
    )
    if not source.exists():
        where = f"{loaded.shown}: sources[{number}]"
        raise ConfigError([f"{where}: there is no {config.path} beside the configuration"])
    return source


def _rules(config: Config, source: SourceConfig) -> RecordRules:
    return RecordRules(
        tag=config.site.tag,
        base=config.site.url,
        zone=config.zone(),
        names=merged_names(config.fields, source.fields),
        link=source.link,
    )


def _read_metadata(
    loaded: LoadedConfig,
) -> tuple[list[TopicMetadata], list[ProviderMetadata], list[Problem]]:
    config = loaded.config
    topics, topic_problems = metadata.read_topics(
        _folder(loaded, item.folder) for item in config.topics if item.folder
    )
    providers, provider_problems = metadata.read_providers(
        (_folder(loaded, item.folder) for item in config.providers if item.folder),
        config.site.url,
    )
    topics += config.own_topics()
    providers += config.own_providers()
    problems = [replace(p, severity="warning") for p in (*topic_problems, *provider_problems)]
    return topics, providers, problems


def _folder(loaded: LoadedConfig, path: str) -> FileSource:
    source = FileSource(pattern=loaded.path(path), shown=path)
    if not source.exists():
        raise ConfigError([f"{loaded.shown}: there is no {path} beside the configuration"])
    return source


def _same_ids(corpus: Corpus) -> Iterator[Problem]:
    for merge in corpus.merged:
        if merge.reason == "same id":
            yield Problem(
                code="same-id",
                source=merge.article.source,
                line=merge.article.line,
                message=f"has the same id as {merge.into.source}: taken for the same article",
                help="give each record an id of its own, or one of the sources a prefix:",
                severity="warning",
            )
