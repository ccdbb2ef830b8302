"""What a run has to tell: plain facts, kept in the state for runs that find nothing to do."""

from dataclasses import dataclass, field

from feedpub.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The facts of a run; `kept` are paths of feeds that no longer belong, the rest are counts."""

    records: int = 0
    listed: int = 0
    merged: int = 0
    feeds: int = 0
    written_feeds: int = 0
    removed_files: int = 0
    obsolete_files: int = 0
    measured_pictures: int = 0
    unmeasured_pictures: int = 0
    held_back: dict[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that cost a record its place."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return the problems that cost no record its place."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")
