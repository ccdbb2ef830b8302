"""Small real things for tests: articles, entries and feeds with defaults, sites on disk."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedpub.article import Article, Image, Person, Provider, Related
from feedpub.build import Report, build
from feedpub.config_file import LoadedConfig, load_config
from feedpub.destinations import Outcome
from feedpub.feed import Document, Entry, Feed

PROJECT = Path(__file__).resolve().parent.parent
CORPUS = PROJECT.parent / "shared" / "corpus"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = datetime(2026, 1, 30, 13, 53, tzinfo=UTC)

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the real records (../shared/corpus) are not on this machine"
)

CONFIG = """
site:
  title: Example Every Day
  url: https://feeds.example.org/
  description: What the world writes
  language: en
  tag: feeds.example.org,2026
sources:
  - articles/
"""


def image(url: str = "https://images.example.com/a.jpg", **fields: Any) -> Image:
    return Image(**{"url": url, "media_type": "image/jpeg", **fields})


def provider(name: str = "Example Daily", domain: str = "example.com", **fields: Any) -> Provider:
    return Provider(name=name, domain=domain, **fields)


def related(link: str = "https://www.example.net/r", **fields: Any) -> Related:
    return Related(**{"title": "A related article", "link": link, **fields})


def article(name: str = "a", **fields: Any) -> Article:
    defaults = {
        "id": f"tag:feeds.example.org,2026:{name}",
        "source": f"articles/{name}.md",
        "title": f"Title of {name}",
        "link": f"https://www.example.com/{name}",
        "published": DAY,
        "summary": f"Summary of {name}.",
        "provider": provider(),
        "topics": ("Libraries",),
    }
    return Article(**(defaults | fields))


def entry(name: str = "a", **fields: Any) -> Entry:
    defaults = {
        "id": f"tag:feeds.example.org,2026:{name}",
        "title": f"Title of {name}",
        "link": f"https://www.example.com/{name}",
        "published": DAY,
        "updated": DAY,
        "authors": (Person(name="Example Daily", uri="https://example.com/"),),
        "summary": f"Summary of {name}.",
        "content": f"<p>Summary of {name}.</p>",
        "provider_name": "Example Daily",
        "provider_domain": "example.com",
    }
    return Entry(**(defaults | fields))


def feed(*entries: Entry, **fields: Any) -> Feed:
    page = "https://feeds.example.org/topics/libraries/"
    defaults = {
        "id": "tag:feeds.example.org,2026:feed:topics/libraries",
        "path": "topics/libraries",
        "title": "Libraries – Example Every Day",
        "subtitle": "Articles on Libraries",
        "updated": max((e.updated for e in entries), default=DAY),
        "page": page,
        "addresses": {
            "rss": f"{page}rss.xml",
            "atom": f"{page}atom.xml",
            "json": f"{page}feed.json",
        },
        "author": Person(name="Example Every Day", uri="https://feeds.example.org/"),
        "language": "en",
        "entries": entries,
        "site_title": "Example Every Day",
        "site_url": "https://feeds.example.org/",
    }
    return Feed(**(defaults | fields))


def record(**fields: Any) -> str:
    """Return a front-matter file; values are raw YAML, None drops a field, `body` follows."""
    body = fields.pop("body", "")
    defaults = {
        "title": '"City libraries lend out repair kits"',
        "excerpt": '"Three branches now lend tool boxes."',
        "publishedDateTime": "2026-01-30T13:53:00Z",
        "webUrl": '"https://www.example.com/news/repair-kits"',
        "provider": "{name: Example Daily, domain: example.com}",
        "topics": "[Libraries]",
    }
    lines = [f"{key}: {value}\n" for key, value in (defaults | fields).items() if value is not None]
    return "---\n" + "".join(lines) + "---\n" + body


class MemoryDestination:
    """A destination that is a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def publish(self, documents: Sequence[Document], *, prune: bool) -> Outcome:
        wanted = {document.path: document.data for document in documents}
        written = tuple(path for path, data in wanted.items() if self.files.get(path) != data)
        obsolete = tuple(sorted(set(self.files) - set(wanted)))
        if prune:
            for path in obsolete:
                del self.files[path]
        self.files |= wanted
        return Outcome(
            written=written,
            unchanged=tuple(set(wanted) - set(written)),
            removed=obsolete if prune else (),
            obsolete=() if prune else obsolete,
        )


class Workspace:
    """A folder with a configuration and records, built without the command line."""

    def __init__(self, folder: Path, config: str = CONFIG) -> None:
        self.folder = folder
        self.destination = MemoryDestination()
        self.configure(config)
        (folder / "articles").mkdir(exist_ok=True)

    def configure(self, config: str) -> None:
        self.folder.joinpath("config.yaml").write_text(textwrap.dedent(config), "utf-8")

    def write(self, name: str, text: str) -> Path:
        location = self.folder / "articles" / name
        location.parent.mkdir(parents=True, exist_ok=True)
        location.write_text(text, "utf-8")
        return location

    @property
    def loaded(self) -> LoadedConfig:
        return load_config(self.folder / "config.yaml", "config.yaml")

    def build(self, now: datetime = NOW, **options: Any) -> Report:
        return build(self.loaded, self.destination, now=now, **options)

    def text(self, path: str) -> str:
        return self.destination.files[path].decode()


def run_feedpub(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "feedpub", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONWARNINGS": "error", **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
