"""Records in object storage: a real S3 interface on loopback."""

import json
import re

import pytest
from storage import RECORDS, object_storage, requests_made
from support import CONFIG, PROJECT, call_feedpub, record

from feedpub.buckets import Bucket, BucketError
from feedpub.sources import bucket_objects

DOCS = (PROJECT / "docs/configuration.md").read_text("utf-8")
(EXAMPLE,) = re.findall(r"(?ms)^```yaml\n(sources:\n  - url: s3.*?)^```", DOCS)


@pytest.fixture
def storage():
    with object_storage() as storage:
        yield storage


@pytest.fixture
def put(storage):
    """Return what puts a record with a title of its own."""

    def put(key, **fields):
        title = key.rpartition("/")[2].partition(".")[0]
        fields = {"title": title, "webUrl": f'"https://www.example.com/{title}"', **fields}
        storage.put(RECORDS, key, record(**fields))

    return put


@pytest.fixture
def site(workspace, storage):
    """Return what runs feedpub on a site with a source in object storage."""

    def run(*arguments, source=EXAMPLE, **env):
        workspace.configure(CONFIG.partition("sources:")[0] + source)
        variables = {**storage.env, **env}
        return call_feedpub(*(arguments or ("build",)), cwd=workspace.folder, env=variables)

    return run


@pytest.fixture
def ids(workspace):
    def read():
        feed = json.loads((workspace.folder / "feeds/all/feed.json").read_text())
        return {entry["title"]: entry["id"] for entry in feed["items"]}

    return read


def names(ids):
    return sorted(ids())


def test_the_documented_source_is_read_with_the_options_of_a_folder(site, put, storage, ids):
    put("articles/2026/a.md")
    put("articles/b.md")
    put("articles/drafts/c.md")
    put("articles/.hidden/d.md")
    put("elsewhere/e.md")
    storage.put(RECORDS, "articles/picture.png", b"\x89PNG")
    result = site()
    assert (result.returncode, result.stderr) == (0, "")
    tag = "tag:feeds.example.org,2026"
    assert ids() == {"a": f"{tag}:2026/a", "b": f"{tag}:b"}


def test_a_glob_finds_objects_as_it_finds_files(site, put, storage, ids):
    put("articles/2026/a.md")
    put("articles/b.md")
    storage.put(RECORDS, "articles/2026/c.json", "{")
    result = site(source=f"sources: ['s3://{RECORDS}/articles/*/*.md']\n")
    assert (result.returncode, names(ids)) == (0, ["a"])


def test_only_what_changed_is_fetched_and_what_is_gone_goes(site, put, storage, ids):
    for name in ("a", "b", "c"):
        put(f"articles/{name}.md")
    site()
    put("articles/b.md", title="changed")
    storage.delete(RECORDS, "articles/c.md")
    with requests_made() as requests:
        site()
    fetched = [path for _, path in requests if "list-type" not in path]
    assert fetched == [f"/{RECORDS}/articles/b.md"]
    assert names(ids) == ["a", "changed"]


def test_a_run_that_finds_nothing_changed_only_lists(site, put, monkeypatch):
    put("articles/a.md")
    for _ in range(2):
        site()
    monkeypatch.setattr("feedpub.run._publish", None)
    with requests_made() as requests:
        assert site().returncode == 0
    assert len(requests) == 1


def test_storage_that_is_down_leaves_the_records_as_they_were(site, put, ids):
    put("articles/a.md")
    site()
    result = site(AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert result.returncode == 3
    assert "the storage cannot be reached" in result.stderr
    assert "its records stay as they were" in result.stderr
    assert names(ids) == ["a"]


def test_storage_that_is_down_from_the_start_publishes_nothing(site, workspace):
    result = site(AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert result.returncode == 4
    assert "nothing was published" in result.stderr
    assert not (workspace.folder / "feeds").exists()


def test_an_object_that_cannot_be_fetched_stays_as_it_was(site, put, ids, monkeypatch):
    put("articles/a.md")
    put("articles/b.md")
    site()
    put("articles/a.md", title="changed")
    put("articles/b.md", title="changed too")
    whole = Bucket.read

    def broken(self, path):
        if path == "a.md":
            raise BucketError("the storage answers SlowDown")
        return whole(self, path)

    monkeypatch.setattr(Bucket, "read", broken)
    result = site()
    assert result.returncode == 3
    assert "1 of 2 changed objects could not be fetched: the storage answers SlowDown" in (
        result.stderr
    )
    assert names(ids) == ["a", "changed too"]
    monkeypatch.setattr(Bucket, "read", whole)
    assert site().returncode == 0
    assert names(ids) == ["changed", "changed too"]


def test_names_that_are_none_of_a_file_are_said_and_passed_over(site, put, ids, monkeypatch):
    monkeypatch.setattr(bucket_objects, "MOST_BYTES", 1000)
    put("articles/a.md")
    put(f"articles/{'b' * 250}.md")
    put("articles/large.md", body="x" * 1000)
    result = site()
    assert result.returncode == 3
    assert result.stderr.count("larger than 1000 bytes, or its name is none of a file") == 2
    assert names(ids) == ["a"]


def test_a_check_reads_the_copy(site, put, storage):
    put("articles/a.md")
    assert "was not fetched yet" in site("check").stderr
    site()
    storage.delete(RECORDS, "articles/a.md")
    assert "1 record read" in site("check").stdout


def test_an_object_below_the_name_of_another_costs_no_other_its_place(site, put, ids):
    put("articles/a.md")
    put("articles/b.md")
    site()
    put("articles/a.md/below.md")
    result = site()
    assert result.returncode == 3
    assert "one object has the name of the folder of another" in result.stderr
    assert names(ids) == ["a", "b"]
