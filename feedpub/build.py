"""The whole pipeline: records in, articles sorted out, feeds composed, rendered and published."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedpub.compose import is_feed
from feedpub.compressed import with_copies
from feedpub.course import Course
from feedpub.destinations import Destination, Outcome
from feedpub.engines import HERE, Engine
from feedpub.errors import Problem
from feedpub.feed import Document
from feedpub.groups import Group
from feedpub.guard import Guard
from feedpub.pages import manifest
from feedpub.plan import check_slugs, make_plan
from feedpub.progress import Progress, Silence
from feedpub.publication import Publication
from feedpub.reading import Changes
from feedpub.report import FeedChange, Summary
from feedpub.settings import Settings
from feedpub.sources.files import Scans
from feedpub.state import State
from feedpub.survey import Survey, read_everything
from feedpub.topics import Topics
from feedpub.withdrawals import Tombstone


class Report(Struct, frozen=True, kw_only=True):
    """What a build did, and how much work it was; `pictures` are those shown, to be measured.

    It is provisional if something could not be read that will be tried again.
    """

    survey: Survey
    groups: tuple[Group, ...]
    outcome: Outcome
    changes: tuple[FeedChange, ...]
    problems: tuple[Problem, ...]
    rendered_entries: int
    is_provisional: bool
    tombstones: list[Tombstone]
    pictures: tuple[str, ...] = ()

    @property
    def summary(self) -> Summary:
        """Return the plain facts."""
        found = _found(self.survey, self.groups)
        return replace(
            found,
            problems=found.problems + self.problems,
            written_feeds=self.written_feeds,
            removed_files=len(self.outcome.removed),
            obsolete_files=len(self.outcome.obsolete),
            changes=self.changes,
        )

    @property
    def written_feeds(self) -> int:
        """Return how many feeds changed in at least one of their formats."""
        return len({path.rpartition("/")[0] for path in self.outcome.written if is_feed(path)})

    @property
    def kept(self) -> tuple[Group, ...]:
        """Return the feeds that no longer belong and are kept for their subscribers."""
        return _kept(self.groups)


def _found(survey: Survey, groups: Sequence[Group]) -> Summary:
    """Return what is known of a run before it publishes anything."""
    listed = survey.corpus.listed
    return Summary(
        records=survey.records,
        listed=len(listed),
        stale=sum(problem.stale_until is not None for problem in survey.problems),
        merged=len(survey.corpus.merged),
        feeds=len(groups),
        entries=sum(len(group.window) for group in groups),
        newest=int(listed[0].published.timestamp()) if listed else None,
        oldest=int(listed[-1].published.timestamp()) if listed else None,
        held_back=dict(survey.held_back),
        kept=tuple(group.path for group in _kept(groups)),
        problems=survey.problems,
    )


def _kept(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the feeds that stay until somebody prunes them: not those that are retired."""
    return tuple(group for group in groups if group.standing == "kept" and not group.is_retired)


def build(
    settings: Settings,
    destination: Destination,
    *,
    now: datetime,
    state: State | None = None,
    unpublished: bool = False,
    prune: bool = False,
    engine: Engine = HERE,
    progress: Progress | None = None,
    scans: Scans | None = None,
    changes: Changes | None = None,
    guard: Guard | None = None,
    course: Course | None = None,
) -> Report:
    """Run the pipeline once, with what the state remembers of earlier runs.

    `now` decides what is in the future or too old, and dates what this run sees for the first time.
    `changes` are those of the files, where somebody found them already.
    Raises `RefusedError` for what the `guard` does not let pass; the `course` knows more even then.
    """
    state, progress, course = state or State.in_memory(), progress or Silence(), course or Course()
    intact = _intact(state, destination)
    published, told = manifest.recalled(_recorded(state, destination))
    survey = read_everything(
        settings,
        now=now,
        state=state,
        unpublished=unpublished,
        engine=engine,
        progress=progress,
        scans=scans,
        changes=changes,
        told=told,
    )
    check_slugs(settings, survey, published)
    plan = make_plan(settings, survey, now=now, published={} if prune else published)
    course.passed("read", _found(survey, plan.groups))
    if guard:
        guard.check(survey, plan, published)
    publication = Publication(
        plan, survey, settings, state=state, intact=intact, engine=engine, progress=progress
    )
    outcome = _publish(publication, destination, state, settings, prune=prune)
    return _report(survey, publication, outcome, settings)


def _report(
    survey: Survey, publication: Publication, outcome: Outcome, settings: Settings
) -> Report:
    return Report(
        survey=survey,
        groups=publication.groups,
        outcome=outcome,
        changes=publication.changes,
        problems=publication.problems,
        rendered_entries=publication.renderings.rendered,
        is_provisional=bool(publication.renderings.provisional),
        tombstones=publication.tombstones,
        pictures=publication.pictures() if settings.measuring else (),
    )


def _recorded(state: State, destination: Destination) -> bytes:
    """Return the manifest of what is published; an old copy of the output may tell another one."""
    return state.memory.published() or destination.read(manifest.PATH) or b""


def _intact(state: State, destination: Destination) -> frozenset[str]:
    """Return the published files that are as they were written."""
    recorded = state.outputs()
    stamps = destination.stamps()
    return frozenset(path for path, stamp in stamps.items() if recorded.get(path) == stamp)


def _publish(
    publication: Publication,
    destination: Destination,
    state: State,
    settings: Settings,
    *,
    prune: bool,
) -> Outcome:
    """Make the documents visible, then record them; return what that did."""
    kept = publication.unchanged_paths
    topics = Topics(settings.site, settings.hubs)
    documents = _with_derived(topics.noting(publication.documents()), settings, destination)
    outcome = destination.publish(documents, prune=prune, kept=kept)
    publication.record(destination.stamps())
    topics.record(state.memory, outcome)
    if state.is_shared:
        state.memory.record_published(destination.read(manifest.PATH) or b"")
    state.commit()
    return outcome


def _with_derived(
    documents: Iterator[Document], settings: Settings, destination: Destination
) -> Iterator[Document]:
    """Return documents with those that are made from them."""
    return with_copies(documents, destination.read) if settings.precompress else documents
