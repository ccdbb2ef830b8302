"""The tables and the plot of a measurement."""

from typing import Any

_BAR, _ROW, _LEFT = 360, 22, 150


def page(
    results: list[Any], heavy: list[Any], light: list[Any], records: int, runs: int, machine: str
) -> str:
    """Return docs/performance.md."""
    reference = next(result for result in results if result.name == "feedpub, 21 feeds")
    lines = [
        "# Performance",
        "",
        f"Made by `python -m benchmarks.run --write`: {machine}; {_runs(runs)}, all in one"
        f" session, on {records} synthetic records with 33 related articles each on average. Every"
        " tool makes one RSS feed of everything and one of each of 20 topics with the 50 newest"
        " entries; “everything” is what feedpub makes by default: all topics, providers and"
        " topic × provider pairs in three formats with pages.",
        "",
        "| tool | cold | again | one edited | times feedpub, cold | again | peak memory | feeds | items |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        cold, again, edited = (result.seconds[c] for c in ("cold", "again", "one edited"))
        lines.append(
            f"| {result.name} | {cold:.2f} s | {again:.2f} s | {edited:.2f} s"
            f" | {cold / reference.seconds['cold']:.1f} | {again / reference.seconds['again']:.1f}"
            f" | {result.memory:.0f} MB | {result.feeds} | {result.items} |"
        )
    lines += ["", "![cold and repeated runs](performance.svg)", ""]
    for title, rows in (("Heavy records", heavy), ("Light records, without related lists", light)):
        lines += ["", f"## {title}, everything feedpub makes", "", *_sizes(rows)]
    return "\n".join(lines) + "\n"


def _runs(runs: int) -> str:
    return f"medians of {runs} runs" if runs > 1 else "one run of each case"


def _sizes(rows: list[Any]) -> list[str]:
    if not rows:
        return []
    cases = list(rows[0][1])
    lines = [f"| records | {' | '.join(cases)} | peak memory |", "|---" * (len(cases) + 2) + "|"]
    for size, seconds, memory in rows:
        times = " | ".join(f"{seconds[case]:.2f} s" for case in cases)
        lines.append(f"| {size} | {times} | {memory:.0f} MB |")
    return lines


def plot(results: list[Any]) -> str:
    """Return a bar chart: for each tool the cold run and, below it, the repeated one."""
    longest = max(result.seconds["cold"] for result in results)
    height = 2 * _ROW * len(results) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{height}"'
        ' font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for number, result in enumerate(results):
        top = 2 * _ROW * number + 10
        parts.append(f'<text x="8" y="{top + 20}">{result.name}</text>')
        for offset, (case, colour) in enumerate((("cold", "#4a7ab5"), ("again", "#e0a030"))):
            seconds = result.seconds[case]
            width = max(1.0, _BAR * seconds / longest)
            y = top + offset * (_ROW - 6)
            parts.append(
                f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="14" fill="{colour}"/>'
            )
            parts.append(
                f'<text x="{_LEFT + width + 6:.1f}" y="{y + 12}">{seconds:.2f} s {case}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])
