"""Small real things for tests: articles, entries and feeds with defaults, sites on disk."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Collection, Iterable
from contextlib import chdir
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from feedpub import engines
from feedpub.article import Article, Image, Person, Provider, Related
from feedpub.build import Report, build
from feedpub.configured import load_settings
from feedpub.destinations import Outcome, no_longer_wanted
from feedpub.feed import Document, Entry, Feed
from feedpub.settings import Settings
from feedpub.sources.files import Stamp

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
    given = {key: str(value) for key, value in (defaults | fields).items() if value is not None}
    # What begins on the next line leaves no blank behind on this one, as nobody's does.
    lines = [f"{key}:{'' if v.startswith(chr(10)) else ' '}{v}\n" for key, v in given.items()]
    return "---\n" + "".join(lines) + "---\n" + body


def related_list(*titles: str) -> str:
    """Return a related list, as a value of `record`, in the shape that is left in its file."""
    items = "".join(
        f'  - title: "{title}"\n    webUrl: "https://www.example.net/{title}"\n    type: article\n'
        "    provider:\n      name: Example Net\n      domain: example.net\n    quality: 50\n"
        for title in titles
    )
    return f"\n{items}"


class MemoryDestination:
    """A destination that is a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def stamps(self) -> dict[str, Stamp]:
        return {path: Stamp(len(data), hash(data)) for path, data in self.files.items()}

    def publish(
        self, documents: Iterable[Document], *, prune: bool, kept: Collection[str] = ()
    ) -> Outcome:
        wanted = {document.path: document.data for document in documents}
        written = tuple(path for path, data in wanted.items() if self.files.get(path) != data)
        removed, obsolete = no_longer_wanted(self.files, {*wanted, *kept}, prune=prune)
        for path in removed:
            del self.files[path]
        self.files |= wanted
        return Outcome(
            written=written,
            unchanged=tuple(set(wanted) - set(written)) + tuple(kept),
            removed=removed,
            obsolete=obsolete,
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
    def settings(self) -> Settings:
        return load_settings(self.folder / "config.yaml", "config.yaml")

    def build(self, now: datetime = NOW, **options: Any) -> Report:
        return build(self.settings, self.destination, now=now, **options)

    def text(self, path: str) -> str:
        return self.destination.files[path].decode()


def always_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let several processes work wherever an engine has them, however little there is to do."""
    kinds = {name: kind._replace(worth=0) for name, kind in engines._KINDS.items()}
    monkeypatch.setattr(engines, "_KINDS", kinds)


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


def call_feedpub(
    *arguments: str, cwd: Path, env: dict[str, str | None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, at `NOW`: `run_feedpub` without its start-up time."""
    from feedpub.cli.main import main

    variables = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp())), **(env or {})}
    with (
        chdir(cwd),
        patch.object(sys, "argv", ["feedpub", *arguments]),
        CliRunner().isolation(env=variables) as streams,
    ):
        with pytest.raises(SystemExit) as ended:
            main()
        sys.stdout.flush()
        sys.stderr.flush()
        output, errors = (stream.getvalue().decode() for stream in streams[:2])
    return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), output, errors)


def sample_site(folder: Path) -> Workspace:
    """Copy the project's sample site, records and metadata, into a folder."""
    from shutil import copytree

    for name in ("articles", "metadata"):
        copytree(PROJECT / name, folder / name)
    return Workspace(folder, (PROJECT / "config.yaml").read_text("utf-8"))


def awkward_site(folder: Path) -> Workspace:
    """Make a small site of records that are legal and a trial for readers."""
    workspace = Workspace(folder)
    workspace.write(
        "entities.md",
        record(
            title='"Readers &#8217; &amp; &quot;writers&quot; &ndash; 5 &lt; 6 & 7 &gt; 3"',
            excerpt='"It&#8217;s R&amp;D.\\n\\nA second paragraph, 1 < 2 & 3 > 2."',
            webUrl='"https://www.example.com/entities?a=1&b=2&copy=3"',
            updatedDateTime="2026-02-01T08:00:00+02:00",
            provider='{name: "R&D <Daily>", domain: example.org}',
        ),
    )
    workspace.write(
        "ticker.md",
        record(
            title='"Imaginary Shelving <EXMP.O> beats <https://example.org> by 3 & a half"',
            excerpt='"Shares of <EXMP.O> rose; <b>bold</b> is only markup."',
            webUrl='"https://www.example.com/ticker"',
            originalUrl='"https://wire.example.org/88213?x=1&y=2"',
            publishedDateTime="2026-01-29T23:30:00-07:00",
            images='[{url: "https://images.example.com/a b.png?x=1&y=2", width: 800, height: 600,'
            ' title: "Tom & Jerry’s \\"bench\\""}, {url: "https://images.example.com/run.mp4"},'
            ' {url: "https://images.example.com/c.webp", height: 9}]',
            related='[{title: "A & B <EXMP.O> 🔧", webUrl: "https://www.example.net/r?a=1&b=2",'
            " provider: {name: Example & Net, domain: example.net}},"
            ' {title: Plain, webUrl: "https://www.example.org/s"}]',
        ),
    )
    workspace.write(
        "emoji.md",
        record(
            title='"👩‍🔧 mends a “toaster” — 100 % ‘done’ 🏳️‍🌈 日本語 مرحبا"',
            excerpt=None,
            webUrl='"https://www.example.com/straße/日本語"',
            publishedDateTime="2026-01-28",
            locale="de",
            provider="{name: Example Net, domain: example.net,"
            ' authors: [{name: "Ana Ñandú"}, {name: O’Neil & Sons}]}',
            topics='[Libraries, "C++", "R&D <x>", "日本語"]',
            body="Some *Markdown* & a ![drill](/drill.jpg), `<b>` and ]]> too.\n",
        ),
    )
    return workspace


class SiteOnDisk:
    """A site as readers find it, in `folder`, and the entries each of its feeds was made from."""

    def __init__(self, workspace: Workspace) -> None:
        from feedpub.plan import make_plan

        survey = workspace.build().survey
        plan = make_plan(workspace.settings, survey, now=NOW)
        self.folder = workspace.folder / "feeds"
        for path, data in workspace.destination.files.items():
            location = self.folder / path
            location.parent.mkdir(parents=True, exist_ok=True)
            location.write_bytes(data)
        self.entries: dict[str, tuple[Entry, ...]] = {
            group.path: tuple(plan.entry(article) for article in group.window)
            for group in plan.groups
        }
