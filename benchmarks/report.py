"""The tables of a measurement."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.cases import AGAIN, COLD, PEER_CASES
from benchmarks.rendering import Row, table
from benchmarks.tools import BOTH_JOB, EVERYTHING, HUGO, MOST, PELICAN_CACHE, RSS_JOB

_SMALL, _LARGE = 5_000, 100_000


@dataclass(frozen=True, kw_only=True)
class Result:
    """Seconds by case, peaks of memory in MB, and the feeds and items counted."""

    name: str
    peer: bool
    seconds: dict[str, float]
    largest: float
    together: float
    feeds: int
    items: int


@dataclass(frozen=True)
class Size:
    """What feedpub took on a corpus of that many records."""

    records: int
    result: Result


@dataclass(frozen=True, kw_only=True)
class Measured:
    """All that one session measured; `small` are the tools on a site of light records."""

    records: int
    runs: int
    machine: str
    results: list[Result]
    small: list[Result]
    small_records: int
    heavy: list[Size]
    light: list[Size]
    rendering: list[Row]


def page(measured: Measured) -> str:
    """Return docs/performance.md."""
    ours = [result for result in measured.results if not result.peer]
    lines = ["# Performance", "", _introduction(measured), "", *_peers(measured.results)]
    lines += ["", "![cold and repeated runs](performance.svg)"]
    lines += ["", "## Ratios", "", *_ratios(measured)]
    lines += ["", "## What changed, and what a run takes then", "", _CASES_EXPLAINED, ""]
    lines += _cases("feedpub", [(result.name.removeprefix("feedpub, "), result) for result in ours])
    for title, sizes in (
        ("Heavy records", measured.heavy),
        ("Light records, without related lists", measured.light),
    ):
        rows = [(str(size.records), size.result) for size in sizes]
        lines += ["", f"## {title}, everything feedpub makes", "", _SIZES_EXPLAINED, ""]
        lines += _cases("records", rows)
    lines += [
        "",
        "## Rendering one entry",
        "",
        _RENDERING_EXPLAINED,
        "",
        *table(measured.rendering),
    ]
    return "\n".join(lines) + "\n"


_CASES_EXPLAINED = (
    "“Again”: nothing changed, the median of five runs in a row. “Touched”: another time, the same"
    " bytes. “Edited”: the newest records that lead their stories have another title, which all"
    " feeds with a record of these stories show. “1 % rewritten”: every hundredth record has another heat and signature, which no feed shows. “New times”: all records touched,"
    " as after a fresh checkout. Memory: the largest process, and all processes of a run together,"
    " shared pages counted once; it was watched in runs of its own."
)
_SIZES_EXPLAINED = "One run of each case, five of “again”."
_RENDERING_EXPLAINED = (
    "In one process, on a feed of 50 entries: feedgen as its manual shows it builds every feed as a"
    " document of its own; feedpub renders each entry once through feedgen and puts it into all the"
    " feeds it is in. Titles, addresses, dates, texts and categories are compared and are the same."
)


def _introduction(measured: Measured) -> str:
    return (
        f"Made by `python -m benchmarks.run --write`: {measured.machine};"
        f" {_runs(measured.runs)}, the tools in turns, each time in another order, all in one"
        f" session, on {measured.records} synthetic records with 33 related articles each on average, which are the other records"
        " of its story, as in real ones. Every tool makes one RSS feed of everything and one of"
        " each of 20 topics with the 50 newest entries; feedpub makes one entry of each story, so"
        " that its feeds reach further back. “Everything” is what feedpub makes by default: all"
        " topics, providers and topic × provider pairs in three formats with pages; “600 feeds” the"
        " same, with pairs of at least 10 entries."
    )


def _runs(runs: int) -> str:
    return f"medians of {runs} runs" if runs > 1 else "one run of each case"


def _peers(results: list[Result]) -> list[str]:
    reference = _named(results, RSS_JOB)
    assert reference is not None
    lines = [
        "| tool | cold | again | one edited | times feedpub, cold | again | largest process | together | feeds | items |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        times = " | ".join(f"{result.seconds[case]:.2f} s" for case in PEER_CASES)
        factors = " | ".join(
            f"{result.seconds[case] / reference.seconds[case]:.1f}" for case in (COLD, AGAIN)
        )
        lines.append(
            f"| {result.name} | {times} | {factors} | {_memory(result)}"
            f" | {result.feeds} | {result.items} |"
        )
    return lines


def _memory(result: Result) -> str:
    return f"{result.largest:.0f} MB | {result.together:.0f} MB"


def _cases(head: str, rows: list[tuple[str, Result]]) -> list[str]:
    if not rows:
        return []
    names = list(rows[0][1].seconds)
    columns = [head, *names, "largest process", "together", "feeds", "items"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, result in rows:
        times = " | ".join(f"{result.seconds[case]:.2f} s" for case in names)
        lines.append(f"| {name} | {times} | {_memory(result)} | {result.feeds} | {result.items} |")
    return lines


def _ratios(measured: Measured) -> list[str]:
    """Return feedpub's times as fractions of those of the peers that do each thing best."""
    lines = ["| what | feedpub | compared with | fraction |", "|---|---|---|---|"]
    results = measured.results
    fastest = min(
        (result for result in results if result.peer),
        key=lambda result: result.seconds[COLD],
        default=None,
    )
    for job in (RSS_JOB, BOTH_JOB, MOST, EVERYTHING):
        lines += _ratio(results, job, COLD, fastest)
    for other in (HUGO, PELICAN_CACHE):
        lines += _ratio(results, RSS_JOB, AGAIN, _named(results, other))
    small = _named(measured.small, HUGO)
    label = f", {measured.small_records} light records"
    lines += _ratio(measured.small, RSS_JOB, COLD, small, label)
    return lines + _growth(measured.light)


def _ratio(
    results: list[Result], name: str, case: str, other: Result | None, label: str = ""
) -> list[str]:
    ours = _named(results, name)
    if ours is None or other is None:
        return []
    mine, its = ours.seconds[case], other.seconds[case]
    what = name.removeprefix("feedpub, ") + label
    return [f"| {what}: {case} | {mine:.3f} s | {other.name}, {its:.2f} s | {mine / its:.3f} |"]


def _growth(sizes: list[Size]) -> list[str]:
    """Compare runs with nothing to do on a large and on a small corpus."""
    by_size = {size.records: size.result.seconds[AGAIN] for size in sizes}
    if not {_SMALL, _LARGE} <= by_size.keys():
        return []
    large, small = by_size[_LARGE], by_size[_SMALL]
    return [
        f"| everything, {_LARGE} light records: again | {large:.3f} s"
        f" | {_SMALL} records, {small:.3f} s | {large / small:.2f} |"
    ]


def _named(results: Iterable[Result], name: str) -> Result | None:
    return next((result for result in results if result.name == name), None)
