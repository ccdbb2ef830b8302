"""The output in object storage: a real S3 interface on loopback."""

import re
import sys

import pytest
from storage import FEEDS, object_storage, requests_made
from support import CONFIG, PROJECT, call_feedpub, record

from feedpub.buckets import Bucket
from feedpub.config_file import parse_config

DOCS = (PROJECT / "docs/configuration.md").read_text("utf-8")
(EXAMPLE,) = re.findall(r"(?ms)^```yaml\n(publish:.*?)^```", DOCS)


@pytest.fixture
def storage():
    with object_storage() as storage:
        yield storage


@pytest.fixture
def site(workspace, storage):
    """Return what runs feedpub on a site that is published as the documentation shows."""
    workspace.configure(CONFIG + EXAMPLE)
    workspace.write("a.md", record())

    def run(*arguments, **env):
        return call_feedpub(*arguments, cwd=workspace.folder, env={**storage.env, **env})

    return run


def local(workspace):
    root = workspace.folder / "feeds"
    files = (path for path in root.rglob("*") if path.is_file())
    return {f"feeds/{path.relative_to(root)}": path.read_bytes() for path in files}


def stored(storage):
    return {key: storage.get(FEEDS, key) for key in storage.keys(FEEDS)}


def without_ledger(files):
    return {path: data for path, data in files.items() if path != "feeds/.feedpub"}


def test_a_build_sends_the_whole_output(site, storage, workspace):
    result = site("build")
    assert (result.returncode, result.stderr) == (0, "")
    assert "files sent to where publish: says" in result.stdout
    assert without_ledger(stored(storage)) == without_ledger(local(workspace))


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("all/rss.xml", "application/xml; charset=utf-8"),
        ("all/feed.json", "application/feed+json; charset=utf-8"),
        ("all/index.html", "text/html; charset=utf-8"),
        ("feeds.json", "application/json; charset=utf-8"),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
        ("feed.css", "text/css; charset=utf-8"),
        ("pages.js", "text/javascript; charset=utf-8"),
    ],
)
def test_an_object_has_its_type_and_says_how_long_to_keep_it(site, storage, path, media_type):
    site("build")
    assert storage.headers(FEEDS, f"feeds/{path}") == (media_type, "public, max-age=300")


def test_only_what_changed_is_sent(site, storage, workspace):
    site("build")
    workspace.write("b.md", record(webUrl='"https://www.example.com/b"', topics="[Repair]"))
    with requests_made() as requests:
        site("build")
    sent = {path.removeprefix(f"/{FEEDS}/feeds/") for method, path in requests if method == "PUT"}
    assert {"all/rss.xml", "topics/repair/rss.xml", "index.html", "feeds.json"} <= sent
    assert not sent & {"topics/libraries/rss.xml", "feed.css", "pages.js"}
    assert without_ledger(stored(storage)) == without_ledger(local(workspace))


def test_a_run_with_nothing_to_do_asks_the_storage_nothing(site):
    site("build")
    with requests_made() as requests:
        assert site("build").returncode == 0
    assert requests == []


def test_feeds_are_there_before_the_lists_of_feeds_and_the_index_is_last(site):
    with requests_made() as requests:
        site("build")
    sent = [path.removeprefix(f"/{FEEDS}/feeds/") for method, path in requests if method == "PUT"]
    feeds = [number for number, path in enumerate(sent) if "/" in path]
    assert sent[0] == sent[-1] == ".feedpub"
    assert sent[-2] == "index.html"
    assert sent.index("feed.css") < min(feeds)
    assert max(feeds) < min(sent.index("feeds.opml"), sent.index("feeds.json"))


def test_what_is_no_longer_wanted_goes_last_and_what_is_not_ours_stays(site, storage, workspace):
    site("build")
    storage.put(FEEDS, "feeds/topics/mine.txt", "mine")
    storage.put(FEEDS, "elsewhere.txt", "mine")
    workspace.write("a.md", record(topics="[Repair]"))
    with requests_made() as requests:
        site("build", "--prune")
    keys = storage.keys(FEEDS)
    assert "feeds/topics/libraries/rss.xml" not in keys
    assert {"feeds/topics/mine.txt", "elsewhere.txt", "feeds/topics/repair/rss.xml"} <= keys
    methods = [method for method, path in requests if not path.endswith(".feedpub")]
    assert methods.index("POST") > max(n for n, method in enumerate(methods) if method == "PUT")


def test_publish_sends_an_output_that_is_there(site, storage, workspace):
    site("build", "--offline")
    assert storage.keys(FEEDS) == set()
    result = site("publish")
    assert (result.returncode, result.stderr) == (0, "")
    assert (
        result.stdout == f"s3://example-feeds/feeds/: {len(local(workspace)) - 1} files sent,"
        " 0 unchanged, 0 removed\n"
    )
    assert "0 files sent" in site("publish").stdout


def test_publish_mends_what_others_changed_or_removed(site, storage, workspace):
    site("build")
    storage.put(FEEDS, "feeds/all/rss.xml", "changed")
    storage.delete(FEEDS, "feeds/all/atom.xml")
    assert "2 files sent" in site("publish").stdout
    assert without_ledger(stored(storage)) == without_ledger(local(workspace))


def test_another_time_to_keep_is_said_of_everything(site, storage, workspace):
    site("build")
    workspace.configure(CONFIG + EXAMPLE.replace("300s", "1h"))
    site("build")
    assert storage.headers(FEEDS, "feeds/feed.css")[1] == "public, max-age=3600"


def test_a_place_with_objects_of_others_is_refused(site, storage):
    storage.put(FEEDS, "feeds/mine.txt", "mine")
    result = site("build")
    assert result.returncode == 78
    assert "example-feeds/feeds holds objects that feedpub did not write" in result.stderr
    assert storage.keys(FEEDS) == {"feeds/mine.txt"}


def test_an_object_of_others_in_the_place_of_ours_is_refused(site, storage):
    storage.put(FEEDS, "feeds/.feedpub", "")
    storage.put(FEEDS, "feeds/index.html", "mine")
    result = site("build")
    assert result.returncode == 78
    assert "example-feeds/feeds/index.html was not written by feedpub" in result.stderr
    assert storage.get(FEEDS, "feeds/index.html") == b"mine"


def test_a_sending_that_was_cut_off_is_finished_by_the_next(site, storage, workspace, monkeypatch):
    whole = Bucket.write

    def broken(self, path, data, attributes):
        if path.startswith("topics/"):
            raise KeyboardInterrupt
        return whole(self, path, data, attributes)

    monkeypatch.setattr(Bucket, "write", broken)
    assert site("build").returncode == 130
    monkeypatch.setattr(Bucket, "write", whole)
    assert "feeds/index.html" not in storage.keys(FEEDS)
    assert site("build").returncode == 0
    assert without_ledger(stored(storage)) == without_ledger(local(workspace))


@pytest.mark.parametrize(
    "env",
    [{"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, {"AWS_ACCESS_KEY_ID": None}],
    ids=["down", "no credentials"],
)
def test_storage_that_does_not_answer_leaves_the_folder_published(site, workspace, env):
    result = site("build", **env)
    assert result.returncode == 74
    assert result.stderr.startswith("feedpub: cannot publish to example-feeds/feeds: ")
    assert "the storage cannot be reached, or the environment lacks" in result.stderr
    assert "Canary" not in result.stdout + result.stderr
    assert (workspace.folder / "feeds/index.html").exists()
    assert "files sent" in site("build").stdout


def test_a_bucket_that_is_not_there_is_named(site, workspace):
    workspace.configure(CONFIG + "publish: s3://none-such/feeds\n")
    result = site("build")
    assert result.returncode == 74
    assert "cannot publish to none-such/feeds: the storage answers NoSuchBucket" in result.stderr


def test_a_missing_extra_is_named(site, monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    result = site("build")
    assert result.returncode == 78
    assert "pip install 'feedpub[cloud]'" in result.stderr


@pytest.mark.parametrize("url", ["gs://example-feeds/feeds", "az://example-feeds/feeds"])
def test_other_clouds_are_addressed_in_the_same_way(url, monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "example")
    monkeypatch.setenv("GOOGLE_SKIP_SIGNATURE", "true")
    assert parse_config((CONFIG + f"publish: {url}\n").encode(), "c").publish[0].url == url
    assert Bucket(url)._store.prefix == "feeds"
    assert Bucket(url).shown == "example-feeds/feeds"


@pytest.mark.parametrize("url", ["s3://id:secret@bucket/x", "s3://bucket/../x", "ftp://bucket/x"])
def test_a_place_that_is_none_is_refused(workspace, url):
    workspace.configure(CONFIG + f"publish: {url}\n")
    result = call_feedpub("publish", cwd=workspace.folder)
    assert result.returncode == 78
    assert "publish[0].url: expected a bucket and a folder in it" in result.stderr
    assert "secret" not in result.stderr
