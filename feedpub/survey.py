"""What the records say: read where they changed, sorted out as a whole."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.article import Article, Provider
from feedpub.catalog import Catalog, build_catalog
from feedpub.corpus import Corpus, but_not_of, sort_out
from feedpub.digests import digest
from feedpub.engines import HERE, Engine
from feedpub.entries import Pin
from feedpub.errors import Problem
from feedpub.file_reading import FileReading, with_details
from feedpub.fingerprints import code_fingerprint
from feedpub.groups import Editing
from feedpub.heads import Heads
from feedpub.last_good import ends
from feedpub.last_run import recorded_files
from feedpub.links import same_address
from feedpub.measurements import Measurement
from feedpub.pins import pin_of, roundups_in
from feedpub.progress import Progress, Silence
from feedpub.reading import Changes, changes_of, readings, update
from feedpub.recollection import Recollection, Told, recollect
from feedpub.records import Unusable
from feedpub.related_reader import RelatedReader
from feedpub.roundups import Digests
from feedpub.selection import Selection, withheld_reason
from feedpub.settings import Settings
from feedpub.sources.files import Scans
from feedpub.sources.readers import READERS
from feedpub.sourcing import check_places, read_metadata
from feedpub.state import State
from feedpub.stories import assigned, stories_of


class Survey(Struct, frozen=True, kw_only=True):
    """Everything the records say, before any feed is made of it.

    `files` is a digest of the files it was read from, None where there may be others; `stale` are
    the moments until which last good versions of broken records stay.
    """

    records: int
    parsed: int
    files: bytes | None
    stale: tuple[datetime, ...]
    corpus: Corpus
    catalog: Catalog
    problems: tuple[Problem, ...]
    held_back: Counter[str]
    unknown_keys: Counter[str]
    withheld: tuple[tuple[Problem, str], ...]
    read_related: RelatedReader
    with_details: Callable[[Article], Article]
    recollection: Recollection
    editing: Editing
    pin: Callable[[Article], Pin | None]
    measured: Mapping[str, Measurement]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that cost a record its place."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return the problems that cost no record its place."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")


def read_everything(
    settings: Settings,
    *,
    now: datetime,
    state: State | None = None,
    unpublished: bool = False,
    whole: bool = False,
    engine: Engine = HERE,
    progress: Progress | None = None,
    scans: Scans | None = None,
    changes: Changes | None = None,
    told: Told | None = None,
) -> Survey:
    """Read what changed of the records, and sort all the articles out.

    Unless they are wanted `whole`, related lists stay in their files until an entry needs them.
    `told` is what the output tells of articles, `changes` those of the files, if they are known.
    """
    state = state or State.in_memory()
    selection = settings.selection.lifted(unpublished=unpublished)
    scans = scans or Scans()
    changes = _changes(settings, state, scans, changes, whole=whole)
    updated = update(
        state, changes, now=now, whole=whole, engine=engine, progress=progress or Silence()
    )
    del changes  # of a first run they are many
    reading = _gather(state, selection, now, settings.stale)
    files = _done_with(scans, settings, state, reading)
    edited = _edited(reading, settings, selection, state, now=now, told=told)
    corpus, recollection, editing = edited
    topics, providers, amiss = read_metadata(settings)
    unread = (failure.problem() for failure in scans.unreadable)
    return Survey(
        records=reading.records,
        parsed=updated.parsed,
        files=files,
        stale=tuple(reading.stale),
        corpus=corpus,
        catalog=build_catalog(corpus.listed, topics, providers),
        problems=(*unread, *updated.problems, *reading.problems, *_same_ids(corpus), *amiss),
        held_back=reading.held_back + Counter(reason for _, reason in corpus.held_back),
        unknown_keys=reading.unknown_keys,
        withheld=tuple(reading.withheld),
        read_related=RelatedReader(settings.sources, scans),
        with_details=partial(with_details, state=state),
        recollection=recollection,
        editing=editing,
        pin=partial(pin_of, memory=state.memory),
        measured=state.memory.measurements() if settings.measuring else {},
    )


def _changes(
    settings: Settings, state: State, scans: Scans, found: Changes | None, *, whole: bool
) -> Changes:
    """Return what changed since the last run; everything, if that read by other rules."""
    facts = [source.facts for source in settings.sources]
    is_believed = state.believe_if(digest(code_fingerprint(), whole, facts))
    check_places(settings, state)
    return found if found and is_believed else changes_of(state, settings.sources, scans)


# From so many files on, what it takes to hold equal parts once is worth the memory.
MANY = 20_000


class _Sharing:
    """Lets equal parts of articles be one object: of 100,000 records most say the same."""

    def __init__(self) -> None:
        self._providers: dict[tuple[str | None, str | None], Provider] = {}
        self._values: dict[object, Any] = {}
        self._scores: dict[float | None, float | None] = {}
        self._pixels: dict[int | None, int | None] = {}  # 640 and 640.0 are one key

    def share(self, article: Article) -> None:
        """Replace what equals a part of an earlier article by that part."""
        provider, values, scores = article.provider, self._values, self._scores
        if provider is not None:
            known = self._providers.setdefault((provider.domain, provider.name), provider)
            if known is not provider and known.logos == provider.logos:
                provider = known
        article.settle(
            provider=provider,
            topics=values.setdefault(article.topics, article.topics),
            type=values.setdefault(article.type, article.type),
            language=values.setdefault(article.language, article.language),
            quality=scores.setdefault(article.quality, article.quality),
            heat=scores.setdefault(article.heat, article.heat),
        )
        pixels = self._pixels
        for image in article.images:
            image.settle(
                media_type=values.setdefault(image.media_type, image.media_type),
                width=pixels.setdefault(image.width, image.width),
                height=pixels.setdefault(image.height, image.height),
            )


class _Reading(Struct):
    now: datetime
    stale_time: timedelta
    records: int = 0
    articles: list[Article] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    held_back: Counter[str] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)
    withheld: list[tuple[Problem, str]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    stale: list[datetime] = field(default_factory=list)
    sharing: _Sharing | None = None

    def add(self, content: FileReading, selection: Selection) -> None:
        """Add what one file holds."""
        self.records += len(content.articles) + len(content.unusable)
        self.articles += content.articles
        if self.sharing:
            for article in content.articles:
                self.sharing.share(article)
        self.problems += content.problems
        if content.unknown_keys:
            self.unknown_keys.update(content.unknown_keys)
        for item in content.unusable:
            lifted = item.withheld == "unpublished" and selection.unpublished
            if item.withheld and not lifted:
                self.held_back[item.withheld] += 1  # it was not to be seen: nothing is amiss
                self.withheld.append((item.problem, item.withheld))
                self.hidden.update(map(same_address, item.addresses))
            else:
                self.problems.append(self._problem(item, selection))

    def _problem(self, item: Unusable, selection: Selection) -> Problem:
        """Return what is the matter with a record; take its last good version in its stead."""
        until = ends(item, self.stale_time)
        if not item.last_good or until <= self.now:
            return item.problem
        self.articles += item.last_good
        self.stale.append(until)
        if all(withheld_reason(article, selection, self.now) for article in item.last_good):
            return item.problem
        return replace(item.problem, stale_until=f"{until:%Y-%m-%d}")


def _gather(state: State, selection: Selection, now: datetime, stale_time: timedelta) -> _Reading:
    files, _ = state.extent()
    reading = _Reading(
        now=now, stale_time=stale_time, sharing=_Sharing() if files >= MANY else None
    )
    for content in readings(state):
        reading.add(content, selection)
    return reading


def _done_with(scans: Scans, settings: Settings, state: State, reading: _Reading) -> bytes | None:
    """Return the digest of the files; forget them, unless related lists are still in some.

    The names of 100,000 files take a tenth of the memory of a run.
    """
    sources = tuple(source.files for source in settings.sources)
    files = None if scans.unreadable else recorded_files(sources, tuple(READERS), scans, state)
    if not any(article.related_unread for article in reading.articles):
        scans.forget()
    return files


def _edited(
    reading: _Reading,
    settings: Settings,
    selection: Selection,
    state: State,
    *,
    now: datetime,
    told: Told | None,
) -> tuple[Corpus, Recollection, Editing]:
    """Sort the articles out, with what is remembered of earlier runs."""
    heads = Heads(moment=now, last=state.memory.heads())
    corpus = _hiding(reading.hidden, sort_out(reading.articles, selection, now, heads))
    recollection = recollect(
        corpus.listed, state.memory.articles(), now, settings.min_visible, told
    )
    if recollection.changed:
        corpus = replace(corpus, listed=tuple(map(recollection.dated, corpus.listed)))
    names = assigned(corpus.listed, settings.stories, recollection.stories)
    stories = stories_of(corpus.listed, names, recollection.stories)
    digests = Digests(
        tag=settings.site.tag,
        url=settings.site.url,
        moment=now,
        listed=names,
        with_details=partial(with_details, state=state),
        made=roundups_in(state.memory),
    )
    editing = Editing(
        heads=heads,
        stories=stories,
        arrived=recollection.arrived,
        archive=settings.archive,
        digests=digests,
    )
    return corpus, recollection, editing


def _hiding(addresses: set[str], corpus: Corpus) -> Corpus:
    """Keep what could not be read, but says it is withheld, out of related links too."""
    hidden = corpus.withheld_addresses | but_not_of(addresses, corpus.listed)
    return replace(corpus, withheld_addresses=hidden)


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
