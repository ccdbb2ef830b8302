"""What a run has to tell: plain facts, kept in the state for runs that find nothing to do."""

from msgspec import Struct, field

from feedpub.errors import Problem


class FeedChange(Struct, frozen=True, kw_only=True):
    """A feed that was written anew, and how many of its entries are new, others, or gone."""

    path: str
    added: int = 0
    changed: int = 0
    gone: int = 0


class Summary(Struct, frozen=True, kw_only=True):
    """The facts of a run; `kept` are paths of feeds that no longer belong.

    Of the records that cannot be used, `stale` many stay as they were.

    `entries` are those of all feeds together, `newest` and `oldest` the dates of listed articles in
    seconds since 1970. Hubs were sent `sent_pings`, and are still owed `owed_pings`.
    """

    records: int = 0
    listed: int = 0
    stale: int = 0
    merged: int = 0
    feeds: int = 0
    entries: int = 0
    newest: int | None = None
    oldest: int | None = None
    written_feeds: int = 0
    removed_files: int = 0
    obsolete_files: int = 0
    measured_pictures: int = 0
    unmeasured_pictures: int = 0
    sent_files: int = 0
    sent_pings: int = 0
    owed_pings: int = 0
    held_back: dict[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    changes: tuple[FeedChange, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that cost a record its place."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return the problems that cost no record its place."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")
