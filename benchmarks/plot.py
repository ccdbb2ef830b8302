"""The plot of a measurement."""

from benchmarks.cases import AGAIN, COLD
from benchmarks.report import Result

_BAR, _ROW, _LEFT = 320, 22, 200
_COLOURS = {COLD: "#4a7ab5", AGAIN: "#e0a030"}


def plot(results: list[Result]) -> str:
    """Return a bar chart: for each tool the cold run and, below it, the repeated one."""
    longest = max(result.seconds[COLD] for result in results)
    height = 2 * _ROW * len(results) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{height}"'
        ' font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for number, result in enumerate(results):
        parts += _bars(result, 2 * _ROW * number + 10, longest)
    return "\n".join([*parts, "</svg>", ""])


def _bars(result: Result, top: int, longest: float) -> list[str]:
    parts = [f'<text x="8" y="{top + 20}">{result.name}</text>']
    for offset, (case, colour) in enumerate(_COLOURS.items()):
        seconds = result.seconds[case]
        width = max(1.0, _BAR * seconds / longest)
        y = top + offset * (_ROW - 6)
        parts += [
            f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="14" fill="{colour}"/>',
            f'<text x="{_LEFT + width + 6:.1f}" y="{y + 12}">{seconds:.2f} s {case}</text>',
        ]
    return parts
