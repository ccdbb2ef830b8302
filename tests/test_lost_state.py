"""A state that is lost costs no article its id, and takes no update back."""

import json
from datetime import timedelta

import pytest
from support import NOW, record

from feedpub.state import State


def tells_of(*names):
    items = "".join(
        f"  - {{title: {name}, webUrl: 'https://www.example.com/{name}'}}\n" for name in names
    )
    return f"\n{items}"


def write(workspace, day, name, *others):
    link = f"https://www.example.com/{name}"
    text = record(title=name, webUrl=link, publishedDateTime=day, related=tells_of(*others))
    workspace.write(f"{name}.md", text)


def ids(workspace):
    feed = json.loads(workspace.destination.files["all/feed.json"])
    return [item["id"].rpartition(":")[2] for item in feed["items"]]


def grown_story(workspace):
    """Make a story that an older record joined after it was published."""
    state = State.in_memory()
    write(workspace, "2026-01-02", "one", "two")
    write(workspace, "2026-01-03", "two", "one")
    workspace.build(state=state)
    write(workspace, "2026-01-01", "zero", "one", "two")
    write(workspace, "2026-01-02", "one", "two", "zero")
    workspace.build(state=state)


def test_story_keeps_its_id_when_an_older_record_joins_it(workspace):
    grown_story(workspace)
    assert ids(workspace) == ["one"]


def test_story_keeps_that_id_without_the_state(workspace):
    grown_story(workspace)
    workspace.build(state=State.in_memory())
    assert ids(workspace) == ["one"]


def test_manifest_says_nothing_of_stories_that_go_by_their_oldest_record(workspace):
    write(workspace, "2026-01-02", "one", "two")
    write(workspace, "2026-01-03", "two", "one")
    workspace.build()
    assert "stories" not in json.loads(workspace.destination.files["feeds.json"])


def test_manifest_that_was_tampered_with_changes_no_id(workspace):
    write(workspace, "2026-01-02", "one", "two")
    workspace.build()
    manifest = json.loads(workspace.destination.files["feeds.json"])
    manifest["stories"] = {"tag:feeds.example.org,2026:one": ["no", "id"]}
    workspace.destination.files["feeds.json"] = json.dumps(manifest).encode()
    workspace.build()
    assert ids(workspace) == ["one"]


def edited(workspace, state, **fields):
    """Publish two records, and one of them again an hour later, edited; return that moment."""
    workspace.write("plain.md", record(title="Plain", webUrl="/plain"))
    workspace.write("a.md", record())
    workspace.build(state=state)
    workspace.write("a.md", record(title="Edited", **fields))
    later = NOW + timedelta(hours=1)
    workspace.build(later, state=state)
    return later


def updates(workspace):
    feed = json.loads(workspace.destination.files["all/feed.json"])
    return {item["title"]: item.get("date_modified") for item in feed["items"]}


def manifest(workspace):
    return json.loads(workspace.destination.files["feeds.json"])


@pytest.mark.parametrize("hours", [1, 2, 24 * 365])
def test_build_without_the_state_writes_what_one_with_it_would(workspace, hours):
    edited(workspace, State.in_memory())
    with_state = dict(workspace.destination.files)
    workspace.build(NOW + timedelta(hours=hours), state=State.in_memory())
    assert workspace.destination.files == with_state


def test_edit_is_still_known_after_the_run_that_found_no_state(workspace):
    edited(workspace, State.in_memory())
    before, state = dict(workspace.destination.files), State.in_memory()
    for hours in (2, 3):
        workspace.build(NOW + timedelta(hours=hours), state=state)
    assert workspace.destination.files == before


def test_next_edit_is_later_than_one_known_from_the_output(workspace):
    edited(workspace, State.in_memory())
    state = State.in_memory()
    workspace.build(NOW, state=state)
    workspace.write("a.md", record(title="Edited again"))
    workspace.build(NOW, state=state)
    assert updates(workspace)["Edited again"] == "2026-11-01T13:00:01Z"


def test_manifest_tells_of_edits_that_records_do_not_tell_of(workspace):
    edited(workspace, State.in_memory())
    assert manifest(workspace)["changed"] == {
        "tag:feeds.example.org,2026:a": "2026-11-01T13:00:00Z"
    }


def test_manifest_says_nothing_of_edits_that_records_tell_of(workspace):
    edited(workspace, State.in_memory(), updatedDateTime="2026-10-31T10:00:00Z")
    assert "changed" not in manifest(workspace)


def test_manifest_says_nothing_of_edits_of_records_that_are_gone(workspace):
    state = State.in_memory()
    edited(workspace, state)
    (workspace.folder / "articles/a.md").unlink()
    workspace.build(state=state)
    assert "changed" not in manifest(workspace)


def test_record_that_tells_of_its_edit_is_believed_without_the_state(workspace):
    edited(workspace, State.in_memory())
    told = record(title="Edited", updatedDateTime="2026-10-31T10:00:00Z")
    workspace.write("a.md", told)
    workspace.build()
    assert updates(workspace)["Edited"] == "2026-10-31T10:00:00Z"


@pytest.mark.parametrize("value", [5, None, ["x"], "soon", "9999-01-01T00:00:00Z"])
def test_moment_that_was_tampered_with_is_passed_over(workspace, value):
    edited(workspace, State.in_memory())
    document = manifest(workspace)
    document["changed"] = {"tag:feeds.example.org,2026:a": value}
    workspace.destination.files["feeds.json"] = json.dumps(document).encode()
    workspace.build()
    assert updates(workspace)["Edited"] in (None, "2026-01-30T13:53:00Z")
