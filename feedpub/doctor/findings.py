"""What looking at a live site brings to light, and how much of it is the same."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Level = Literal["ok", "warning", "failure"]


class Finding(Struct, frozen=True, kw_only=True):
    """What one check found at one address.

    `failure`: readers meet an error, or the wrong thing. `warning`: it works, at a price. `ok`:
    `seen` is as it should be.
    """

    level: Level
    check: str
    url: str
    seen: str
    expected: str = ""
    advice: str = ""

    def __str__(self) -> str:
        """Say what was seen, what was expected and what to do, on one line."""
        expected = f"; expected {self.expected}" if self.expected else ""
        advice = f" ({self.advice})" if self.advice else ""
        return f"{self.check}: {self.seen}{expected}{advice}"


def ok(check: str, url: str, seen: str) -> Finding:
    """Return the finding of a check that found nothing amiss."""
    return Finding(level="ok", check=check, url=url, seen=seen)


class Diagnosis(Struct, frozen=True, kw_only=True):
    """What was found at the site at `url`, in `examined` of its `feeds` feeds."""

    url: str
    feeds: int
    examined: int
    findings: tuple[Finding, ...]

    def count(self, level: str) -> int:
        """Return how many findings of a level there are."""
        return sum(finding.level == level for finding in self.findings)


class Folded(Struct, frozen=True):
    """The same finding at one address or many; `first` is the first of them."""

    first: Finding
    urls: tuple[str, ...]


def folded(findings: Iterable[Finding]) -> list[Folded]:
    """Fold what is amiss: one for each check, level and advice, in the order they came.

    What was seen may differ between addresses (a self link always does); the first one's is told.
    """
    same: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        if finding.level != "ok":
            same.setdefault((finding.check, finding.level, finding.advice), []).append(finding)
    return [
        Folded(several[0], tuple(dict.fromkeys(one.url for one in several)))
        for several in same.values()
    ]
