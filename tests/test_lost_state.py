"""A state that is lost costs no article its id."""

import json

from support import record

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
