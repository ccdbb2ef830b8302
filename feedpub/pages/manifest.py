"""The manifest `feeds.json`: every feed of the site, for programs; and what the next run recalls.

Its shape is told by the JSON Schema beside it, and by `docs/output.md`.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from feedpub.dates import DateError, parse_date, rfc3339
from feedpub.feed import Document
from feedpub.formats import FORMATS
from feedpub.formats.jsonfeed import in_list, with_list
from feedpub.groups import PublishedFeed
from feedpub.pages import opml
from feedpub.pages.site_map import Published, SiteMap
from feedpub.pages.theme import shipped
from feedpub.recollection import Told
from feedpub.text import without_forbidden

PATH = "feeds.json"
SCHEMA_PATH = "feeds.schema.json"
VERSION = 1

# What feedpub itself would have written; a manifest that was tampered with leads nowhere.
_FOLDER = r"(?!\.)[^/\x00-\x20]+"
_PATHS = {
    "all": re.compile("all"),
    "topic": re.compile(f"topics/{_FOLDER}"),
    "provider": re.compile(f"providers/{_FOLDER}"),
    "topic-provider": re.compile(f"topics/{_FOLDER}/{_FOLDER}"),
    "named": re.compile(_FOLDER),
}


def render(site_map: SiteMap) -> Document:
    """Describe the site and every feed."""
    site = site_map.site
    about = {
        "version": VERSION,
        "generator": "feedpub",
        "title": site.title,
        "description": site.description,
        "home_page_url": site.url,
        "language": site.language,
        "opml": site.address(opml.PATH),
    }
    feeds = (in_list(_feed(published)) for published in site_map.feeds)
    data = with_list(about, "feeds", feeds, _after(site_map))
    return Document(path=PATH, media_type="application/json", data=data)


def _after(site_map: SiteMap) -> dict[str, Any]:
    """Return hubs, and what the next run is told."""
    facts = {
        "hubs": list(site_map.hubs),
        "stories": dict(sorted(site_map.told.stories.items())),
        "changed": {id_: rfc3339(moment) for id_, moment in sorted(site_map.told.changed.items())},
    }
    return {name: fact for name, fact in facts.items() if fact}


def schema() -> Document:
    """Return the JSON Schema of the manifest (draft 2020-12)."""
    data = shipped(SCHEMA_PATH)
    return Document(path=SCHEMA_PATH, media_type="application/schema+json", data=data)


def _feed(published: Published) -> dict[str, Any]:
    feed, group = published.feed, published.group
    fields = {
        "id": feed.id,
        "path": feed.path,
        "kind": group.kind,
        "standing": group.standing,
        "name": group.name,
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": feed.page,
        "formats": dict(feed.addresses),
        "parent": group.parent,
        "topic": group.topic.name if group.topic else None,
        "provider": group.provider.domain if group.provider else None,
        "entries": published.entries,
        "updated": rfc3339(feed.updated),
        "sha256": published.sha256,
    }
    return {key: value for key, value in fields.items() if value is not None}


def read(data: bytes) -> dict[str, PublishedFeed]:
    """Return the feeds a manifest lists, by path; nothing if it cannot be read.

    What is lost with it is only the memory of feeds that no longer belong.
    """
    return _feeds(_manifest(data))


def recalled(data: bytes) -> tuple[dict[str, PublishedFeed], Told]:
    """Return also what a run goes by that finds the output but no state."""
    manifest = _manifest(data)
    return _feeds(manifest), _told(manifest)


def _feeds(manifest: dict[str, Any]) -> dict[str, PublishedFeed]:
    listed = manifest.get("feeds")
    found = (_published(item) for item in listed) if isinstance(listed, list) else ()
    return {feed.path: feed for feed in found if feed}


def _told(manifest: dict[str, Any]) -> Told:
    stories, changed = _items(manifest, "stories"), _items(manifest, "changed")
    moments = ((id_, _moment(value)) for id_, value in changed)
    return Told(
        stories={id_: name for id_, name in stories if _is_id(name)},
        changed={id_: moment for id_, moment in moments if moment},
    )


def _items(manifest: dict[str, Any], key: str) -> Iterable[tuple[str, Any]]:
    values = manifest.get(key)
    return values.items() if isinstance(values, dict) else ()


def _moment(value: Any) -> datetime | None:
    try:
        return parse_date(value)
    except (TypeError, ValueError, AttributeError, DateError):
        return None


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ":" in value and without_forbidden(value) == value


def _manifest(data: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    is_ours = isinstance(manifest, dict) and manifest.get("version") == VERSION
    return manifest if is_ours else {}


def _published(item: Any) -> PublishedFeed | None:
    try:
        kind, path, name = item["kind"], item["path"], item.get("name")
        if not _PATHS[kind].fullmatch(path) or (
            name is not None and without_forbidden(name) != name
        ):
            return None
        names = tuple(name for name in FORMATS if name in item["formats"])
        updated = parse_date(item["updated"])
        return PublishedFeed(
            path=path,
            kind=kind,
            name=name,
            updated=updated,
            formats=names,
            entries=int(item.get("entries", 0)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, DateError):
        return None
