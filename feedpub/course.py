"""How far a run has come: what there is to tell of it, however it ends."""

from time import perf_counter

from msgspec import Struct, field

from feedpub.report import Summary


class Course(Struct):
    """The stages a run has passed, each with its seconds, and what it found out so far.

    `healthcheck` is the address that waits to be told of the end.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    summary: Summary | None = None
    healthcheck: str | None = None
    _started: float = field(default_factory=perf_counter)
    _passed: float = 0.0

    def passed(self, stage: str, summary: Summary | None = None) -> None:
        """Note that a stage is over, and what is known by now."""
        elapsed, self.summary = self.elapsed, summary or self.summary
        self.seconds[stage], self._passed = elapsed - self._passed, elapsed

    @property
    def elapsed(self) -> float:
        """Return for how many seconds the run has been going on."""
        return perf_counter() - self._started
