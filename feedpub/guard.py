"""What keeps a run from publishing: far fewer records than before are more often an accident."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from feedpub.errors import RefusedError, UnreadableFolderError, counted, printable
from feedpub.groups import Group, PublishedFeed
from feedpub.plan import Plan
from feedpub.settings import GuardRules, Source
from feedpub.sources.files import FileSource, Scans
from feedpub.sources.readers import READERS
from feedpub.state import State
from feedpub.survey import Survey

_REJECTED = "rejected"
_ACCEPT = "If intended: feedpub build --accept-shrink"


class Guard(Struct, frozen=True, kw_only=True):
    """Raises `RefusedError` for what a run must not publish.

    `state` is still that of the last run. `accept_shrink` lets pass, this once, whatever but a
    source that is missing or cannot be read; `strict` lets no record pass that cannot be used.
    """

    rules: GuardRules
    state: State
    accept_shrink: bool = False
    strict: bool = False

    def watch_sources(self, sources: Iterable[Source], scans: Scans) -> None:
        """Refuse a source that had files in the last run, and now is empty.

        The records of one that is gone or cannot be read stay as they were.
        """
        for source in sources:
            files = source.files
            found = scans.readable(files, tuple(READERS))
            if found or self.accept_shrink or any(_is_of(f, files) for f in scans.unreadable):
                continue
            known = len(self.state.known_below(files.root))
            if known:
                were = "was" if known == 1 else "were"
                before = f"where {counted(known, 'file')} {were} read before"
                raise _refused(f"there is nothing in {printable(files.shown)}, {before}. {_ACCEPT}")

    def check(self, survey: Survey, plan: Plan, published: Mapping[str, PublishedFeed]) -> None:
        """Refuse what is about to be published; `published` are the feeds that stand."""
        if self.strict:
            refuse_errors(survey.errors, survey.records)
        if self.accept_shrink:
            return
        self._check_rejected(len(survey.errors), survey.records)
        listed = self.state.memory.count_listed()
        if listed:
            self._check_drop("records", listed, len(survey.corpus.listed))
        else:  # the state is lost, or this is the first run
            before = sum(feed.entries for feed in published.values())
            shown = sum(len(group.window) for group in plan.groups if group.path in published)
            self._check_drop("entries", before, shown)
        self._check_topics(plan.groups, published)

    def _check_drop(self, what: str, before: int, now: int) -> None:
        drop, limit = before - now, self.rules.max_drop
        too_far = drop * 100 > before * limit and drop > self.rules.min_drop
        if too_far or (before and not now):
            raise _refused(f"{what} fell from {before} to {now} (limit {limit}%). {_ACCEPT}")

    def _check_rejected(self, rejected: int, records: int) -> None:
        """Refuse a run that newly rejects many records, though they stay as they were for now."""
        before = self.state.fact(_REJECTED)
        if before is None:
            return
        new, limit = rejected - int(before), self.rules.max_drop
        if new * 100 > records * limit and new > self.rules.min_drop:
            said = f"{new} more of {counted(records, 'record')} cannot be used than before"
            raise _refused(f"{said} (limit {limit}%). {_ACCEPT}")

    def remember(self, survey: Survey) -> None:
        """Record what the next run compares with."""
        self.state.record_fact(_REJECTED, b"%d" % len(survey.errors))

    def _check_topics(
        self, groups: Iterable[Group], published: Mapping[str, PublishedFeed]
    ) -> None:
        topics = [group.path for group in groups if group.kind == "topic"]
        if len(topics) > self.rules.topics:
            limit = self.rules.topics
            said = f"{len(topics)} topics, where there may be {limit}"
            raise _refused(f"{said}. If intended: raise guard.topics in the configuration")
        new = len(set(topics) - published.keys())
        if published and new > self.rules.new_topics:
            limit = self.rules.new_topics
            raise _refused(f"{new} new topics in one run (limit {limit}). {_ACCEPT}")


def refuse_errors(errors: Iterable[object], number: int, what: str = "record") -> None:
    """Refuse problems that cost records their place, for those who want all or nothing."""
    said = [str(error) for error in errors]
    if said:
        more = f"; and {len(said) - 1} more" if len(said) > 1 else ""
        skipped = f"{len(said)} of {counted(number, what)} cannot be used (--strict)"
        raise _refused(f"{skipped}: {said[0]}{more}")


def _refused(reason: str) -> RefusedError:
    return RefusedError(f"refusing to publish: {reason}")


def _is_of(failure: UnreadableFolderError, files: FileSource) -> bool:
    """Tell whether a folder that cannot be read is one of a source."""
    return f"{failure.location.rstrip('/')}/".startswith(f"{files.start.rstrip('/')}/")
