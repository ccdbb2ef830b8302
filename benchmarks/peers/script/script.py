"""The straight script: CSafeLoader and feedgen, everything anew each time."""

import collections
import pathlib
import sys

import yaml
from feedgen.feed import FeedGenerator

source, output = map(pathlib.Path, sys.argv[1:3])
records = []
for path in sorted(source.glob("*.md")):
    text = path.read_text("utf-8")
    record = yaml.load(text[4 : text.find("\n---", 3) + 1], Loader=yaml.CSafeLoader)
    records.append(record | {"slug": path.stem})
records.sort(key=lambda record: record["publishedDateTime"], reverse=True)
feeds = collections.defaultdict(list)
for record in records:
    for name in ("all", *record["topics"]):
        feeds[name].append(record)
output.mkdir(exist_ok=True)
for name, members in feeds.items():
    feed = FeedGenerator()
    feed.title(name)
    feed.link(href="https://example.org/")
    feed.description(name)
    for record in members[:50]:
        entry = feed.add_entry(order="append")
        entry.title(record["title"])
        entry.link(href=record["webUrl"])
        entry.guid(record["slug"])
        entry.published(record["publishedDateTime"])
        entry.description(record["excerpt"])
        entry.category([{"term": topic} for topic in record["topics"]])
    feed.rss_file(str(output / f"{name.lower().replace(' ', '-')}.rss.xml"))
