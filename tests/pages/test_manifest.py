"""The manifest, from whole builds, and reading it back."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from feed_checks import is_address, parse_json
from feed_strategies import steadily, texts
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support import CONFIG, PROJECT, record

from feedpub.groups import PublishedFeed
from feedpub.pages import manifest

FEED = {
    "path": "topics/libraries",
    "kind": "topic",
    "name": "Libraries",
    "updated": "2026-01-30T13:53:00Z",
    "formats": {"rss": "https://feeds.example.org/topics/libraries/rss.xml"},
}


def manifest_of(workspace):
    return parse_json(workspace.destination.files["feeds.json"])


def built(workspace, config=CONFIG, **records):
    workspace.configure(config)
    for name, text in (records or {"a": record()}).items():
        workspace.write(f"{name}.md", text)
    workspace.build()
    return manifest_of(workspace)


def written(*feeds, **fields):
    return json.dumps({"version": 1, "feeds": list(feeds)} | fields).encode()


def test_document_has_the_path_and_the_media_type_of_json(workspace):
    found = built(workspace)
    assert {key: found[key] for key in found if key != "feeds"} == {
        "version": 1,
        "generator": "feedpub",
        "title": "Example Every Day",
        "description": "What the world writes",
        "home_page_url": "https://feeds.example.org/",
        "language": "en",
        "opml": "https://feeds.example.org/feeds.opml",
    }


def test_feed_is_described_whole(workspace):
    feed = next(item for item in built(workspace)["feeds"] if item["path"] == "topics/libraries")
    base = "https://feeds.example.org/topics/libraries/"
    assert {key: feed[key] for key in feed if key != "sha256"} == {
        "id": "tag:feeds.example.org,2026:feed:topics/libraries",
        "path": "topics/libraries",
        "kind": "topic",
        "standing": "current",
        "name": "Libraries",
        "title": "Libraries – Example Every Day",
        "description": "Articles on Libraries",
        "home_page_url": base,
        "formats": {"rss": f"{base}rss.xml", "atom": f"{base}atom.xml", "json": f"{base}feed.json"},
        "topic": "Libraries",
        "entries": 1,
        "updated": "2026-01-30T13:53:00Z",
    }


def test_every_feed_is_listed_once(hostile_site):
    paths = [feed["path"] for feed in manifest_of(hostile_site)["feeds"]]
    feeds = [
        p.removesuffix("/rss.xml") for p in hostile_site.destination.files if p.endswith("/rss.xml")
    ]
    assert sorted(paths) == sorted(feeds)


def test_every_address_leads_to_a_file(hostile_site, served):
    document = manifest_of(hostile_site)
    addresses = [document["home_page_url"], document["opml"]]
    for feed in document["feeds"]:
        addresses += [feed["home_page_url"], *feed["formats"].values()]
    assert len(addresses) > 40
    assert [address for address in addresses if not served(address)] == []


def test_every_address_is_absolute(hostile_site):
    for feed in manifest_of(hostile_site)["feeds"]:
        assert all(is_address(address) for address in feed["formats"].values())


@pytest.mark.parametrize("formats", ["[rss]", "[atom, rss]", "[json]"])
def test_formats_are_those_that_were_written(workspace, formats):
    for feed in built(workspace, f"{CONFIG}formats: {formats}\n")["feeds"]:
        assert sorted(feed["formats"]) == sorted(formats.strip("[]").split(", "))


def test_parent_is_the_path_of_the_parents_feed(hostile_site):
    parents = {feed["path"]: feed.get("parent") for feed in manifest_of(hostile_site)["feeds"]}
    assert (parents["topics/bicycles"], parents["topics/repair"], parents["topics/libraries"]) == (
        "topics/repair",
        "topics/libraries",
        None,
    )


def test_hash_is_that_of_the_files_of_the_feed(workspace):
    (feed, *_) = built(workspace)["feeds"]
    files = workspace.destination.files
    data = b"".join(files[f"all/{name}"] for name in ("rss.xml", "atom.xml", "feed.json"))
    assert feed["sha256"] == hashlib.sha256(data).hexdigest()


def test_hash_changes_with_the_feed_alone(workspace):
    other = {"topics": "[Repair]", "webUrl": '"https://www.example.com/b"'}
    before = {
        f["path"]: f["sha256"] for f in built(workspace, a=record(), b=record(**other))["feeds"]
    }
    after = {
        f["path"]: f["sha256"] for f in built(workspace, b=record(title='"New"', **other))["feeds"]
    }
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {"all", "topics/repair", "providers/example.com"}


def test_emptied_feed_is_kept_with_its_date(workspace):
    location = workspace.write("a.md", record())
    workspace.build()
    location.unlink()
    workspace.build()
    feed = next(f for f in manifest_of(workspace)["feeds"] if f["path"] == "topics/libraries")
    assert (feed["standing"], feed["entries"], feed["updated"]) == (
        "kept",
        0,
        "2026-01-30T13:53:00Z",
    )


def test_manifest_of_a_build_reads_back(hostile_site):
    data = hostile_site.destination.files["feeds.json"]
    listed = json.loads(data)["feeds"]
    assert [
        (f.path, f.kind, f.name, f"{f.updated:%Y-%m-%dT%H:%M:%SZ}", f.formats)
        for f in manifest.read(data).values()
    ] == [
        (f["path"], f["kind"], f.get("name"), f["updated"], ("rss", "atom", "json")) for f in listed
    ]


def test_feed_is_read_whole():
    assert manifest.read(written(FEED)) == {
        "topics/libraries": PublishedFeed(
            path="topics/libraries",
            kind="topic",
            name="Libraries",
            updated=datetime(2026, 1, 30, 13, 53, tzinfo=UTC),
            formats=("rss",),
        )
    }


def test_feed_without_name_is_read():
    data = written({key: FEED[key] for key in FEED if key != "name"})
    assert manifest.read(data)["topics/libraries"].name is None


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("all", "all"),
        ("topic", "topics/künstliche-intelligenz"),
        ("provider", "providers/example.com"),
        ("topic-provider", "topics/libraries/example.com"),
        ("named", "hot"),
    ],
)
def test_every_kind_of_feed_is_read(kind, path):
    assert manifest.read(written(FEED | {"kind": kind, "path": path}))[path].kind == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"[]",
        b"null",
        b"42",
        b'"x"',
        b"\xff\xfe",
        b"{}",
        b'{"version": 1}',
        b'{"version": 2, "feeds": []}',
        b'{"version": "1", "feeds": []}',
        b'{"version": null}',
        b'{"version": 1, "feeds": []}',
        b'{"version": 1, "feeds": {}}',
        b'{"version": 1, "feeds": "x"}',
        b"<html></html>",
        b"\x00" * 100,
    ],
)
def test_broken_manifest_is_as_good_as_none(data):
    assert manifest.read(data) == {}


@pytest.mark.parametrize(
    "data",
    [b'{"version": 1, "feeds": null}', b'{"version": 1, "feeds": 5}', b"[" * 100_000],
    ids=["null", "number", "nested"],
)
def test_manifest_of_the_wrong_shape_is_as_good_as_none(data):
    assert manifest.read(data) == {}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        5,
        "x",
        [],
        {},
        {"kind": "topic"},
        *[
            {key: FEED[key] for key in FEED if key != missing}
            for missing in ("path", "kind", "updated", "formats")
        ],
        FEED | {"kind": "unknown"},
        FEED | {"kind": ["topic"]},
        FEED | {"kind": None},
        FEED | {"updated": "yesterday"},
        FEED | {"updated": 5},
        FEED | {"updated": None},
        FEED | {"formats": None},
        FEED | {"formats": 5},
    ],
)
def test_broken_feed_costs_no_other_its_place(broken):
    assert list(manifest.read(written(broken, FEED))) == ["topics/libraries"]


@pytest.mark.parametrize(
    "hostile",
    [
        {"path": "../outside"},
        {"path": "/etc"},
        {"path": ""},
        {"path": "a//b"},
        {"path": None},
        {"name": ["x"]},
        {"name": 5},
        {"name": "\x01"},
    ],
    ids=str,
)
def test_feed_with_a_path_or_name_feedpub_never_wrote_is_not_read(hostile):
    assert manifest.read(written(FEED | hostile)) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@steadily
@given(
    st.lists(
        JSON | st.fixed_dictionaries({key: JSON | st.just(FEED[key]) for key in FEED}), max_size=4
    )
)
def test_any_list_of_feeds_is_read_without_an_error(feeds):
    data = written(*feeds)
    assert set(manifest.read(data)) <= {
        str(f["path"]) for f in feeds if isinstance(f, dict) and "path" in f
    }


@steadily
@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_error(data):
    assert manifest.read(data) == {}


def test_broken_manifest_does_not_stop_a_build(workspace):
    workspace.write("a.md", record())
    workspace.build()
    whole = workspace.destination.files["feeds.json"]
    workspace.destination.files["feeds.json"] = whole[: len(whole) // 2]
    workspace.build()
    assert workspace.destination.files["feeds.json"] == whole


# The JSON Schema of the manifest.

SCHEMA = json.loads(manifest.schema().data)


def schema_faults(document):
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(
            SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
        ).iter_errors(document)
    ]


def properties(schema):
    """Yield every key of a schema with what is said of it, at any depth."""
    yield from schema.get("properties", {}).items()
    for inner in schema.values():
        if isinstance(inner, dict):
            yield from properties(inner)


def test_schema_is_a_sound_json_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_schema_lies_beside_the_manifest_and_in_the_documentation(workspace):
    workspace.build()
    published = workspace.destination.files["feeds.schema.json"]
    assert published == (PROJECT / "docs" / "feeds.schema.json").read_bytes()


def test_every_key_of_the_schema_is_described():
    assert [key for key, said in properties(SCHEMA) if not said.get("description")] == []


def test_every_key_of_the_schema_is_in_the_documentation():
    documented = (PROJECT / "docs" / "output.md").read_text("utf-8").partition("## feeds.json")[2]
    keys = {key for key, _ in properties(SCHEMA)} - {"rss", "atom", "json"}
    assert [key for key in keys if f"`{key}`" not in documented] == []


def test_manifest_of_a_hostile_site_fits_the_schema(hostile_site):
    assert schema_faults(manifest_of(hostile_site)) == []


def test_manifest_of_the_sample_site_fits_the_schema():
    assert schema_faults(parse_json((PROJECT / "feeds" / "feeds.json").read_bytes())) == []


@pytest.mark.parametrize("extra", ["formats: [json]\n", "groups: []\n", "archive: true\n"])
def test_manifest_of_any_configuration_fits_the_schema(workspace, extra):
    assert schema_faults(built(workspace, CONFIG + extra)) == []


def test_manifest_with_a_kept_feed_fits_the_schema(workspace):
    location = workspace.write("a.md", record())
    workspace.build()
    location.unlink()
    workspace.build()
    assert schema_faults(manifest_of(workspace)) == []


def test_manifest_with_renamed_stories_fits_the_schema(hostile_site):
    document = manifest_of(hostile_site) | {"stories": {"tag:a,2026:b": "tag:a,2026:c"}}
    assert schema_faults(document) == []


def test_manifest_with_edited_records_fits_the_schema(hostile_site):
    document = manifest_of(hostile_site) | {"changed": {"tag:a,2026:b": "2026-11-01T12:00:00Z"}}
    assert schema_faults(document) == []


def test_schema_knows_every_key_that_is_written(hostile_site):
    document = manifest_of(hostile_site)
    assert set(document) | {"stories", "changed", "hubs"} == set(SCHEMA["properties"])
    written = {key for feed in document["feeds"] for key in feed}
    assert written == set(SCHEMA["$defs"]["feed"]["properties"])


@pytest.mark.parametrize("change", [
    {"kind": "unknown"}, {"standing": "gone"}, {"entries": -1}, {"entries": "1"}, {"sha256": "x"},
    {"formats": {}}, {"formats": {"rss": "javascript:x"}}, {"path": "/all"}, {"id": "all"},
    {"updated": "yesterday"}, {"title": None}, {"home_page_url": "/all/"}, {"parent": "all"},
], ids=str)  # fmt: skip
def test_schema_refuses_a_feed_feedpub_never_wrote(workspace, change):
    document = built(workspace)
    document["feeds"][0] |= change
    assert len(schema_faults(document)) >= 1


@pytest.mark.parametrize("key", SCHEMA["$defs"]["feed"]["required"])
def test_schema_misses_a_key_of_a_feed(workspace, key):
    document = built(workspace)
    del document["feeds"][0][key]
    assert schema_faults(document) == [f"$.feeds[0]: {key!r} is a required property"]
