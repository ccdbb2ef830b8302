"""Measure rendering one entry: feedgen used the plain way, and feedpub's: `python -m benchmarks.rendering`.

Plainly, every feed is a document of its own, built of entries with dates as strings. feedpub gives
feedgen dates as dates, renders each entry once, and puts the result into all feeds the entry is in.
Both ways get the same entries, and what the feeds say is compared.
"""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from feedgen.feed import FeedGenerator
from lxml import etree

from feedpub.article import Person
from feedpub.feed import Category, Entry, Feed
from feedpub.formats import atom, rss

ENTRIES, REPEATS = 50, 15
_PLAIN = "feedgen, dates as strings"
_START = datetime(2026, 1, 1, 6, tzinfo=UTC)
_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_WORDS = "library repair network cloud report winter archive signal garden “teacher”".split()
_RENDERERS = {"RSS": rss, "Atom": atom}


@dataclass(frozen=True)
class Row:
    """Microseconds an entry costs in its first feed and in each further one."""

    format: str
    way: str
    first: float
    further: float


def measure_rendering() -> list[Row]:
    """Return the costs for RSS and Atom, after making sure that all ways say the same."""
    feed = sample_feed()
    rows = []
    for name in _RENDERERS:
        _compare(name, feed)
        for way, text in ((_PLAIN, True), ("feedgen, dates as dates", False)):
            cost = _cost(partial(plainly, name, feed, text_dates=text))
            rows.append(Row(name, way, cost, cost))
        rows.append(_spliced_row(name, feed))
    return rows


def plainly(name: str, feed: Feed, *, text_dates: bool) -> bytes:
    """Build the whole document with feedgen as its manual shows it."""
    document = FeedGenerator()
    document.id(feed.id)
    document.title(feed.title)
    document.description(feed.subtitle)
    document.updated(_given(feed.updated, text_dates))
    document.link(href=feed.page)
    for entry in feed.entries:
        _add(document, entry, text_dates=text_dates)
    return bytes(document.rss_str(pretty=True) if name == "RSS" else document.atom_str(pretty=True))


def sample_feed() -> Feed:
    """Return a feed of entries as they are in most feeds, without links only feedpub writes."""
    rng = random.Random(1)
    entries = tuple(_entry(rng, number) for number in reversed(range(ENTRIES)))
    return Feed(
        id="tag:example.org,2026:feed",
        path="all",
        title="Benchmark",
        subtitle="All of it",
        updated=entries[0].updated,
        page="https://example.org/all/",
        addresses={"rss": "https://example.org/rss.xml", "atom": "https://example.org/atom.xml"},
        author=Person(name="Benchmark"),
        language="en",
        entries=entries,
        site_title="Benchmark",
        site_url="https://example.org/",
    )


def table(rows: list[Row]) -> list[str]:
    """Return the lines of a Markdown table."""
    plain = {row.format: row.first for row in rows if row.way == _PLAIN}
    lines = [
        "| format | way | in its first feed | in each further one | fraction of plain, first | further |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.format} | {row.way} | {row.first:.0f} µs | {row.further:.1f} µs"
        f" | {row.first / plain[row.format]:.2f} | {row.further / plain[row.format]:.2f} |"
        for row in rows
    ]
    return lines


def _spliced_row(name: str, feed: Feed) -> Row:
    module = _RENDERERS[name]
    fragments = module.render_entries(feed.entries, feed)
    once = _cost(lambda: module.render_entries(feed.entries, feed))
    splice = _cost(lambda: module.render(feed, fragments))
    return Row(name, "feedpub, rendered once", once + splice, splice)


def _cost(work: Callable[[], object]) -> float:
    """Return the median of the microseconds an entry takes."""
    spent = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent) / ENTRIES * 1e6


def _entry(rng: random.Random, number: int) -> Entry:
    moment = _START + timedelta(hours=number)
    return Entry(
        id=f"tag:example.org,2026:{number}",
        title="News & <views> " + " ".join(rng.choices(_WORDS, k=8)),
        link=f"https://example.org/news/{number}",
        published=moment,
        updated=moment + timedelta(minutes=5),
        authors=(Person(name="An Author", uri="https://example.org/author"),),
        # Without & and <: a description is HTML, which feedpub heeds and the plain way does not.
        summary=" ".join(rng.choices(_WORDS, k=30)),
        content=f"<p>{'text ' * 60}</p>",
        categories=tuple(Category(term=f"Topic {topic}") for topic in range(3)),
    )


def _add(document: FeedGenerator, entry: Entry, *, text_dates: bool) -> None:
    element = document.add_entry(order="append")
    element.id(entry.id)
    element.guid(entry.id, permalink=False)
    element.title(entry.title)
    element.link(href=entry.link)
    element.published(_given(entry.published, text_dates))
    element.updated(_given(entry.updated, text_dates))
    element.author([{"name": person.name, "uri": person.uri} for person in entry.authors])
    element.summary(entry.summary)
    element.content(entry.content, type="html")
    element.category([{"term": category.term} for category in entry.categories])


def _given(moment: datetime, text: bool) -> str | datetime:
    return moment.isoformat() if text else moment


def _compare(name: str, feed: Feed) -> None:
    spliced = _RENDERERS[name].render(feed).data
    says = _said_in_rss if name == "RSS" else _said_in_atom
    for text_dates in (True, False):
        if says(plainly(name, feed, text_dates=text_dates)) != says(spliced):
            raise SystemExit(f"feedgen and feedpub do not say the same in {name}")


def _said_in_rss(document: bytes) -> list[tuple[object, ...]]:
    return [
        (
            *(item.findtext(tag) for tag in ("title", "link", "guid", "description", _CONTENT)),
            parsedate_to_datetime(item.findtext("pubDate") or ""),
            [category.text for category in item.iter("category")],
        )
        for item in etree.fromstring(document).iter("item")
    ]


def _said_in_atom(document: bytes) -> list[tuple[object, ...]]:
    return [
        (
            *(entry.findtext(_ATOM + tag) for tag in ("title", "id", "summary", "content")),
            *(_moment(entry, tag) for tag in ("updated", "published")),
            *(entry.findtext(f"{_ATOM}author/{_ATOM}{tag}") for tag in ("name", "uri")),
            [link.get("href") for link in entry.iter(f"{_ATOM}link")],
            [category.get("term") for category in entry.iter(f"{_ATOM}category")],
        )
        for entry in etree.fromstring(document).iter(f"{_ATOM}entry")
    ]


def _moment(entry: etree._Element, tag: str) -> datetime:
    return datetime.fromisoformat(entry.findtext(_ATOM + tag) or "")


if __name__ == "__main__":
    print("\n".join(table(measure_rendering())))
