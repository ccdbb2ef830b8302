"""What a site remembers, as it stands in the state."""

import json
import os
from datetime import timedelta

import pytest
from support import CONFIG, NOW, Workspace, article, call_feedpub, image, provider, record, related

from feedpub.entries import Pin
from feedpub.heads import Head
from feedpub.measurements import Measurement
from feedpub.pins import encoded, pin_of
from feedpub.recollection import Remembered
from feedpub.state import State

FACT = Remembered("tag:x,2026:a", "tag:x,2026:s", b"\0\xff", 1, arrived=2, changed=3, gone=4)
HEAD = Head(key=b"\0\xff", id="tag:x,2026:a", since=NOW.replace(microsecond=123456))


@pytest.fixture
def memory():
    return State.in_memory().memory


def test_articles_are_remembered_as_they_were(memory):
    memory.record_articles([FACT])
    assert list(memory.articles()) == [FACT]


def test_moments_that_never_were_stay_absent(memory):
    never = Remembered("a", "a", b"", 1)
    memory.record_articles([never])
    assert list(memory.articles()) == [never]


def test_what_is_remembered_later_takes_the_place_of_what_was(memory):
    memory.record_articles([FACT])
    memory.record_articles([FACT._replace(gone=None)])
    assert list(memory.articles()) == [FACT._replace(gone=None)]


def test_articles_that_are_not_told_of_again_are_not_forgotten(memory):
    memory.record_articles([FACT])
    memory.record_articles([])
    assert list(memory.articles()) == [FACT]


@pytest.mark.parametrize("since", [HEAD.since, None])
def test_heads_are_remembered_as_they_were(memory, since):
    heads = {("all", "s"): Head(key=HEAD.key, id=HEAD.id, since=since)}
    memory.record_heads(heads, {})
    assert memory.heads() == heads


def test_heads_of_stories_that_are_away_are_kept_for_their_return(memory):
    heads = {("all", "s"): HEAD, ("all", "t"): HEAD}
    memory.record_heads(heads, {})
    memory.record_heads({("all", "t"): HEAD}, memory.heads())
    assert memory.heads() == heads


def test_a_head_that_changed_takes_the_place_of_the_last(memory):
    memory.record_heads({("all", "s"): HEAD}, {})
    other = Head(key=b"other", id="b", since=NOW)
    memory.record_heads({("all", "s"): other}, memory.heads())
    assert memory.heads() == {("all", "s"): other}


def test_what_stands_beside_an_entry_is_remembered_as_it_was(memory):
    other = related(provider=provider(), published=NOW, images=(image(),))
    pin = Pin(key=b"\0\xff", related=(other,), picture=image())
    memory.record_pins([("tag:feeds.example.org,2026:a", encoded(pin))])
    assert pin_of(article("a"), memory) == pin


def test_nothing_stands_beside_an_entry_that_was_never_seen(memory):
    assert memory.pin("a") is None


def test_choices_for_entries_that_no_feed_shows_are_forgotten(memory):
    memory.record_pins([("a", b"x"), ("b", b"x")])
    memory.keep_pins({"b"})
    assert (memory.pin("a"), memory.pin("b")) == (None, b"x")


def test_what_was_made_once_is_added_to(memory):
    memory.record_made({"a": b"1"})
    memory.record_made({"b": b"2"})
    assert memory.made() == {"a": b"1", "b": b"2"}


def test_windows_of_feeds_that_did_not_change_stay(memory):
    memory.record_windows({"all": b"1", "topics/law": b"2"}, {"all", "topics/law"})
    memory.record_windows({"all": b"3"}, {"all", "topics/law"})
    assert memory.windows() == {"all": b"3", "topics/law": b"2"}


def test_windows_of_feeds_that_are_no_more_are_forgotten(memory):
    memory.record_windows({"all": b"1", "topics/law": b"2"}, {"all", "topics/law"})
    memory.record_windows({}, {"all"})
    assert memory.windows() == {"all": b"1"}


def test_tombstones_are_those_of_the_last_run_sorted(memory):
    memory.record_tombstones([("all", "z", 1)])
    memory.record_tombstones([("topics/law", "a", 3), ("all", "b", 2)])
    assert memory.tombstones() == [("all", "b", 2), ("topics/law", "a", 3)]


def test_measurements_are_remembered_as_they_were(memory):
    found = Measurement("u", 1, 2, "image/png", 3, 4, '"e"', "m", "is no picture")
    memory.record_measurements([found, Measurement("v", 1)], {"u", "v"})
    assert memory.measurements() == {"u": found, "v": Measurement("v", 1)}


def test_measurements_of_what_is_no_longer_shown_are_forgotten(memory):
    memory.record_measurements([Measurement("u", 1), Measurement("v", 1)], {"u", "v"})
    memory.record_measurements([], {"v"})
    assert list(memory.measurements()) == ["v"]


def test_memory_outlives_a_change_of_the_code(monkeypatch, workspace):
    workspace.write("a.md", record())
    state = State.in_memory()
    workspace.build(state=state)
    known = list(state.memory.articles())
    workspace.write("a.md", record(title="Edited"))
    monkeypatch.setattr("feedpub.survey.code_fingerprint", lambda: b"another version")
    workspace.build(now=NOW + timedelta(days=1), state=state)
    (fact,) = state.memory.articles()
    assert fact == known[0]._replace(
        fingerprint=fact.fingerprint, changed=int((NOW + timedelta(days=1)).timestamp())
    )


def test_a_state_like_another_knows_what_that_remembers(tmp_path):
    location = tmp_path / "state.sqlite3"
    with_state = State.open(location)
    with_state.memory.record_articles([FACT])
    with_state.commit()
    with_state.close()
    assert list(State.in_memory(like=location).memory.articles()) == [FACT]


# From here on, what readers get.
def story_site(folder, config=CONFIG):
    """Make a site of one story, of a and the better b, and a record c, built and then edited."""
    workspace, state = Workspace(folder, config), State.in_memory()
    links = (f'{{title: Copy, webUrl: "https://e.example/{name}"}}' for name in "ab")
    lists = f"[{', '.join(links)}]"
    for hour, name in enumerate("abc"):
        fields = {
            "webUrl": f'"https://e.example/{name}"',
            "publishedDateTime": f"2026-10-30T0{hour}:00:00Z",
            "quality": hour,
            "related": lists if name != "c" else None,
        }
        workspace.write(f"{name}.md", record(**fields))
        if name == "b":
            workspace.build(state=state)
            workspace.write("b.md", record(**fields, title="Anew"))
    workspace.build(now=NOW + timedelta(days=1), state=state)
    return workspace


def entries(workspace):
    return json.loads(workspace.text("all/feed.json"))["items"]


def test_without_its_memory_a_site_keeps_the_ids_of_its_stories(tmp_path):
    workspace = story_site(tmp_path)
    before = [entry["id"] for entry in entries(workspace)]
    workspace.build(now=NOW + timedelta(days=2), state=State.in_memory())
    assert [entry["id"] for entry in entries(workspace)] == before


def test_without_its_memory_a_site_keeps_the_dates_it_published(tmp_path):
    workspace = story_site(tmp_path)
    before = [entry["date_modified"] for entry in entries(workspace)]
    workspace.build(now=NOW + timedelta(days=2), state=State.in_memory())
    dates = [entry["date_modified"] for entry in entries(workspace)]
    assert (before[1], dates[1]) == ("2026-11-02T12:00:00Z", "2026-11-02T12:00:00Z")


def run(workspace, days):
    """Run the command line as a site does whose files were all written long ago."""
    for location in (workspace.folder / "articles").iterdir():
        os.utime(location, (location.stat().st_ino % 10_000, location.stat().st_ino % 10_000))
    epoch = str(int((NOW + timedelta(days=days)).timestamp()))
    ran = call_feedpub("build", cwd=workspace.folder, env={"SOURCE_DATE_EPOCH": epoch})
    assert ran.returncode == 0, ran.stderr
    return (workspace.folder / "feeds/all/atom.xml").read_text("utf-8")


def test_a_run_in_which_no_file_changed_takes_tombstones_away(tmp_path):
    workspace = story_site(tmp_path, CONFIG + "tombstones: {days: 2}\n")
    run(workspace, 0)
    (tmp_path / "articles/c.md").unlink()
    told = [run(workspace, days).count("<at:deleted-entry") for days in (1, 2, 4)]
    assert told == [1, 1, 0]


def test_a_run_in_which_no_file_changed_takes_late_arrivals_away(tmp_path):
    workspace = story_site(tmp_path, CONFIG + "limit: 1\n")
    (tmp_path / "articles/b.md").unlink()
    run(workspace, 0)
    workspace.write("d.md", record(title="Late", webUrl="/late"))
    shown = [run(workspace, days).count("<title>Late") for days in (1, 2, 4)]
    assert shown == [1, 1, 0]
