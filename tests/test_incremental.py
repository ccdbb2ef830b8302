"""With a state, a run does what changed and no more; without it, it gives the same bytes."""

import copy
import itertools
import os
import shutil
import time
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support import CONFIG, NOW, Workspace, always_several, record, related_list

from feedpub.engines import Engine
from feedpub.state import State

NAMES = st.sampled_from([f"{letter}.md" for letter in "abcdef"])
OLD = 1_700_000_000


TICKS = itertools.count(OLD)


def settle(workspace):
    """Let every file look as if it had been written long ago, each at a time of its own."""
    for location in (workspace.folder / "articles").rglob("*"):
        if location.stat().st_mtime > time.time() - 10:
            tick = next(TICKS)
            os.utime(location, (tick, tick))


def built(workspace, state, **options):
    settle(workspace)
    return workspace.build(state=state, **options)


def many(workspace, count=12):
    for number in range(count):
        workspace.write(
            f"{number:02}.md",
            record(
                title=f"Article {number}",
                webUrl=f"https://www.example.com/{number}",
                publishedDateTime=f"2026-01-{number + 1:02}T00:00:00Z",
                topics=f"[Topic {number % 3}]",
                provider=f"{{name: P{number % 4}, domain: p{number % 4}.example.com}}",
            ),
        )


def test_a_second_run_parses_renders_and_writes_nothing(workspace):
    many(workspace)
    state = State.in_memory()
    built(workspace, state)
    report = built(workspace, state)
    assert (report.survey.parsed, report.rendered_entries) == (0, 0)
    assert report.outcome.written == ()


def test_one_edit_parses_one_file_and_renders_one_entry(workspace):
    many(workspace)
    state = State.in_memory()
    built(workspace, state)
    workspace.write("03.md", record(title="Edited", webUrl="https://www.example.com/3"))
    report = built(workspace, state)
    assert (report.survey.parsed, report.rendered_entries) == (1, 1)


def test_one_edit_publishes_the_feeds_of_its_groups_alone(workspace):
    many(workspace)
    state = State.in_memory()
    built(workspace, state)
    text = (workspace.folder / "articles/03.md").read_text()
    workspace.write("03.md", text.replace("Article 3", "Article three"))
    written = {path.rpartition("/")[0] for path in built(workspace, state).outcome.written}
    assert written == {"all", "topics/topic-0", "providers/p3.example.com", ""}


def test_a_touched_file_is_recognised_by_its_bytes(workspace):
    many(workspace)
    state = State.in_memory()
    built(workspace, state)
    os.utime(workspace.folder / "articles/03.md", (OLD + 99, OLD + 99))
    assert built(workspace, state).survey.parsed == 0


def test_a_change_within_the_same_stamp_is_seen(workspace):
    location = workspace.write("a.md", record(title="One"))
    state = State.in_memory()
    workspace.build(state=state)
    status = location.stat()
    location.write_text(location.read_text().replace("One", "Two"))
    os.utime(location, ns=(status.st_atime_ns, status.st_mtime_ns))
    workspace.build(state=state)
    assert "<title>Two</title>" in workspace.text("all/rss.xml")


def test_a_changed_rule_of_reading_reads_everything_again(workspace):
    many(workspace)
    state = State.in_memory()
    built(workspace, state)
    workspace.configure(CONFIG + "fields: {title: headline}\n")
    assert built(workspace, state).survey.parsed == 12


def test_related_list_is_read_for_shown_entries_only(workspace):
    for name in "abc":
        day = f"2026-01-0{'abc'.index(name) + 1}"
        workspace.write(
            f"{name}.md",
            record(publishedDateTime=day, webUrl=f"/{name}", related=related_list(name)),
        )
    workspace.configure(CONFIG + "limit: 1\n")
    report = built(workspace, State.in_memory())
    assert report.rendered_entries == 1
    assert "https://www.example.net/c" in workspace.text("all/rss.xml")


def test_an_entry_changes_with_the_article_it_is_related_to(workspace):
    workspace.write("a.md", record(webUrl="/a", related=related_list("b")))
    workspace.write("b.md", record(title="Before", webUrl="https://www.example.net/b"))
    state = State.in_memory()
    built(workspace, state)
    workspace.write("b.md", record(title="After", webUrl="https://www.example.net/b"))
    built(workspace, state)
    assert 'title="After"' in workspace.text("all/atom.xml")


def test_an_article_withdrawn_leaves_the_related_links_of_others(workspace):
    workspace.write("a.md", record(webUrl="/a", related=related_list("b")))
    workspace.write("b.md", record(title="Secret plan", webUrl="https://www.example.net/b"))
    state = State.in_memory()
    built(workspace, state)
    workspace.write(
        "b.md", record(title="Secret plan", webUrl="https://www.example.net/b", removed="true")
    )
    built(workspace, state)
    assert not [p for p, data in workspace.destination.files.items() if b"Secret plan" in data]


def test_an_article_that_comes_to_be_known_as_withheld_leaves_the_links_of_others(workspace):
    link = "https://www.example.net/b"
    workspace.write("a.md", record(webUrl="/a", related=related_list("b")))
    state = State.in_memory()
    built(workspace, state)
    assert link in workspace.text("all/rss.xml")
    workspace.write("b.md", record(webUrl=link, published="false"))
    built(workspace, state)
    assert not [p for p, data in workspace.destination.files.items() if link.encode() in data]


def test_an_entry_changes_with_the_name_of_its_topic(workspace):
    workspace.write("a.md", record(webUrl="/a", topics="[tea]"))
    state = State.in_memory()
    built(workspace, state)
    assert "<category>tea</category>" in workspace.text("all/rss.xml")
    for name in "bc":  # most records spell it so
        workspace.write(f"{name}.md", record(webUrl=f"/{name}", topics="[Tea]"))
    built(workspace, state)
    assert "tea</category>" not in workspace.text("all/rss.xml")
    assert workspace.text("all/rss.xml").count("Tea</category>") == 3


def test_a_file_of_the_output_that_was_changed_by_hand_is_put_right(workspace):
    many(workspace)
    state = State.in_memory()
    built(workspace, state)
    good = workspace.destination.files["all/rss.xml"]
    workspace.destination.files["all/rss.xml"] = b"edited"
    built(workspace, state)
    assert workspace.destination.files["all/rss.xml"] == good


def test_an_article_whose_time_has_come_is_published_without_any_file_changing(workspace):
    workspace.write("a.md", record(publishedDateTime="2026-11-03T00:00:00Z"))
    state = State.in_memory()
    assert built(workspace, state).survey.held_back == {"scheduled": 1}
    later = built(workspace, state, now=NOW + timedelta(days=3))
    assert later.survey.held_back == {}
    assert "City libraries" in workspace.text("all/rss.xml")


def test_problems_are_reported_again_though_their_file_is_not_read_again(workspace):
    workspace.write("a.md", record(publishedDateTime="someday"))
    state = State.in_memory()
    first = built(workspace, state).survey.problems
    again = built(workspace, state)
    assert (again.survey.parsed, again.survey.problems) == (0, first)


def test_several_processes_give_the_same_bytes(workspace, monkeypatch):
    always_several(monkeypatch)
    for number in range(320):
        workspace.write(
            f"{number:03}.md",
            record(title=f"Article {number}", webUrl=f"/{number}", related=related_list("x", "y")),
        )
    workspace.build()
    alone = dict(workspace.destination.files)
    workspace.destination.files.clear()
    workspace.build(engine=Engine(processes=2))
    assert workspace.destination.files == alone


def with_nothing_but_memory(state):
    """Return a state that remembers what another does, and has to do all work again."""
    other = State.in_memory()
    for table in ("memory", "head", "pin", "window", "tombstone"):
        other._db.put(table, state._db.rows(f'SELECT * FROM "{table}"'))
    return other


class Histories(RuleBasedStateMachine):
    """Random histories of a folder: whatever happened, the state changes no byte."""

    @initialize(folder=st.none())
    def begin(self, folder):  # noqa: ARG002
        import tempfile
        from pathlib import Path

        self.folder = Path(tempfile.mkdtemp())
        self.workspace = Workspace(self.folder, CONFIG + "limit: 4\nmin_entries: 2\n")
        self.state = State.in_memory()

    def teardown(self):
        if hasattr(self, "folder"):
            self.state.close()
            shutil.rmtree(self.folder)

    @rule(
        name=NAMES,
        title=st.sampled_from(["One", "Two & a half", "Drei"]),
        link=st.sampled_from(["https://www.example.net/b", "https://www.example.net/c", "/1"]),
        topic=st.sampled_from(["AI", "ai", "C++", "[C, AI]"]),
        quality=st.integers(0, 3),
        flags=st.sampled_from(
            [{}, {}, {"published": "false"}, {"removed": "true"}, {"draft": "x"}]
        ),
        related=st.lists(st.sampled_from(["b", "c", "d"]), min_size=1, max_size=3, unique=True),
        picture=st.booleans(),
    )
    def write(self, name, title, link, topic, quality, flags, related, picture):
        self.workspace.write(
            name,
            record(
                title=f'"{title}"',
                webUrl=f'"{link}"',
                topics=topic,
                quality=quality,
                images="[{url: https://images.example.com/a.jpg}]" if picture else None,
                related=related_list(*related) if related else None,
                **flags,
            ),
        )

    @rule(name=NAMES, other=NAMES)
    def rename(self, name, other):
        location = self.folder / "articles" / name
        if location.exists():
            location.rename(self.folder / "articles" / other)

    @rule(name=NAMES)
    def delete(self, name):
        (self.folder / "articles" / name).unlink(missing_ok=True)

    @rule(name=NAMES, age=st.integers(1, 1000))
    def touch(self, name, age):
        location = self.folder / "articles" / name
        if location.exists():
            os.utime(location, (OLD - age, OLD - age))

    @rule(prune=st.booleans(), unpublished=st.booleans())
    def build(self, prune, unpublished):
        plain = copy.copy(self.workspace)
        plain.destination = copy.deepcopy(self.workspace.destination)
        state = with_nothing_but_memory(self.state)
        plain.build(state=state, prune=prune, unpublished=unpublished)
        self.workspace.build(state=self.state, prune=prune, unpublished=unpublished)
        assert self.workspace.destination.files == plain.destination.files

    @invariant()
    def settled(self):
        if hasattr(self, "workspace"):
            settle(self.workspace)


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=40,
    stateful_step_count=20,
    suppress_health_check=list(HealthCheck),
)
