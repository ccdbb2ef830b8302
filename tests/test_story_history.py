"""Thirty runs of a small site, day by day, as its readers see them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import feedparser
import pytest
from lxml import etree
from support import CONFIG, Workspace, record

from feedpub.state import State

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ATOM, AT = "{http://www.w3.org/2005/Atom}", "{http://purl.org/atompub/tombstones/1.0}"
TAG = "tag:feeds.example.org,2026:"
RULES = CONFIG + "limit: 5\nmin_visible: 48\ntombstones: {days: 3}\n"


def told(hour, outlet, topic, quality, others="", **fields):
    """Return what a record says; `hour` counts from 2026-10-30, `others` are records it lists."""
    return {
        "hour": hour,
        "outlet": outlet,
        "topic": topic,
        "quality": quality,
        "others": others,
    } | (fields)


# Two stories, abc and de, and three records on their own: five entries fill the feed `all`.
FIRST = {
    "a": told(0, "p", "Law", 5, "bc"),
    "b": told(3, "q", "Law", 9, "a"),
    "c": told(5, "r", "Trade", 7, "a"),
    "d": told(10, "p", "Trade", 5, "e"),
    "e": told(12, "q", "Law", 4, "d"),
    "f": told(14, "r", "Trade", 3),
    "g": told(20, "p", "Law", 3),
    "h": told(24, "q", "Law", 3),
}
# What happened, hours since the last run, and what each record says now: {} for as before, None
# for deleted. In capitals: what no reader may notice.
SCRIPT = [
    ("first run", 0, FIRST),
    ("QUALITY MOVES", 12, {"a": {"quality": 50}, "c": {"quality": 20, "heat": 3}}),
    ("f is edited", 12, {"f": {"title": "f anew"}}),
    ("LISTS CHANGE", 12, {"b": {"others": "ga"}, "g": {"others": "b"}, "c": {"others": "f"}}),
    ("i joins abc", 12, {"i": told(30, "s", "Law", 1, "a"), "a": {"others": "ibc"}}),
    ("QUALITY MOVES AGAIN", 12, {"c": {"quality": 99}, "e": {"quality": 98}}),
    ("b is edited", 12, {"b": {"title": "b anew"}}),
    ("HEAT MOVES", 12, {"b": {"heat": -1}, "d": {"heat": 7, "secured": "true"}}),
    ("g is unpublished", 12, {"g": {"published": "false"}}),
    ("NOTHING", 12, {}),
    ("g is published", 12, {"g": {"published": "true"}}),
    ("NOTHING AGAIN", 12, {}),
    ("k comes late", 12, {"k": told(-100, "s", "Law", 80)}),
    ("K IS RATED", 24, {"k": {"quality": 1}}),
    ("K IS RATED AGAIN", 23, {"k": {"quality": 2}}),
    ("k has been seen", 1, {}),
    ("d is deleted", 12, {"d": None}),
    ("E IS RATED", 12, {"e": {"quality": 1}}),
    ("d returns", 12, {"d": told(10, "p", "Trade", 50, "e")}),
    ("f moves", 12, {"f": {"link": "https://e.example/moved"}}),
    ("h is deleted", 12, {"h": None}),
    ("H IS MISSED", 12, {}),
    ("h is no longer told of", 72, {}),
    ("h returns", 12, {"h": FIRST["h"]}),
    ("b is unpublished", 12, {"b": {"published": "false"}}),
    ("b is published", 12, {"b": {"published": "true"}}),
    ("c is dated", 12, {"c": {"title": "c anew", "updated": "2026-11-10T00:00:00Z"}}),
    ("d and e are deleted", 12, {"d": None, "e": None}),
    ("e returns alone", 12, {"e": FIRST["e"]}),
    ("i is removed", 12, {"i": {"removed": "true"}}),
    ("ALL LISTS ARE EMPTIED", 12, {name: {"others": ""} for name in "abcefgh"}),
]


def text_of(name, said):
    items = (f'{{title: Copy, webUrl: "https://e.example/{other}"}}' for other in said["others"])
    moment = datetime(2026, 10, 30, tzinfo=UTC) + timedelta(hours=said["hour"])
    flags = {key: said[key] for key in ("heat", "secured", "published", "removed") if key in said}
    return record(
        title=said.get("title", f"Title of {name}"),
        webUrl=f'"{said.get("link", f"https://e.example/{name}")}"',
        publishedDateTime=moment.isoformat(),
        updatedDateTime=said.get("updated"),
        provider=f"{{name: {said['outlet']}, domain: {said['outlet']}.example}}",
        topics=f"[{said['topic']}]",
        quality=said["quality"],
        related=f"[{', '.join(items)}]" if said["others"] else None,
        **flags,
    )


@dataclass(frozen=True, kw_only=True)
class Run:
    """What readers find after a run; `touched` are the records an editor had in hand."""

    label: str
    moment: datetime
    touched: frozenset[str]
    files: dict[str, bytes]

    @property
    def paths(self):
        return sorted(path.removesuffix("/feed.json") for path in self.files if "feed.json" in path)

    def items(self, path):
        """Return the entries of a feed by their ids."""
        found = json.loads(self.files[f"{path}/feed.json"])["items"]
        return {item["id"].removeprefix(TAG): item for item in found}

    def tombstones(self, path="all"):
        root = etree.fromstring(self.files[f"{path}/atom.xml"])
        found = root.iterfind(f"{AT}deleted-entry")
        return {element.get("ref").removeprefix(TAG): element.get("when") for element in found}

    @property
    def time(self):
        return self.moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def members(item):
    story = item.get("_feedpub", {}).get("story", {"members": [item["id"]]})
    return {member.removeprefix(TAG) for member in story["members"]}


def played(folder, script):
    workspace, state, said, now, runs = Workspace(folder, RULES), State.in_memory(), {}, START, []
    for label, hours, changes in script:
        now += timedelta(hours=hours)
        for name, change in changes.items():
            said[name] = {} if change is None else said.get(name, {}) | change
            location = folder / "articles" / f"{name}.md"
            if change is None:
                location.unlink()
            else:
                workspace.write(location.name, text_of(name, said[name]))
        workspace.build(now=now, state=state)
        touched = frozenset() if label.isupper() else frozenset(changes)
        files = dict(workspace.destination.files)
        runs.append(Run(label=label, moment=now, touched=touched, files=files))
    return runs


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return played(tmp_path_factory.mktemp("history"), SCRIPT)


@pytest.fixture(scope="module")
def after(runs):
    return {run.label: run for run in runs}


def test_the_script_is_long_and_its_labels_are_unique(runs, after):
    assert len(runs) == len(after) > 30


def test_no_two_entries_of_a_feed_share_a_record(runs):
    for run in runs:
        for path in run.paths:
            names = [name for item in run.items(path).values() for name in members(item)]
            assert len(names) == len(set(names)), (run.label, path)


def test_the_entry_of_a_record_never_changes_its_id(runs):
    for one, other in pairwise(runs):
        for path in one.paths:
            ids = {name: id_ for id_, item in one.items(path).items() for name in members(item)}
            for id_, item in other.items(path).items():
                assert {ids.get(name, id_) for name in members(item)} == {id_}, (other.label, path)


def test_all_formats_have_the_same_entries(runs):
    for run in runs:
        for path in run.paths:
            rss, atom = (
                [entry.id for entry in feedparser.parse(run.files[f"{path}/{name}.xml"]).entries]
                for name in ("rss", "atom")
            )
            assert rss == atom == [TAG + id_ for id_ in run.items(path)], (run.label, path)


def changes_of_updated(runs):
    """Yield run, entry before and entry after wherever one has another date."""
    for one, other in pairwise(runs):
        for path in one.paths:
            before = one.items(path)
            for id_, item in other.items(path).items():
                if id_ in before and item["date_modified"] != before[id_]["date_modified"]:
                    yield other, before[id_], item


def test_an_entry_gets_another_date_only_when_an_editor_touched_its_story(runs):
    changes = list(changes_of_updated(runs))
    stories = ((run, members(before) | members(item)) for run, before, item in changes)
    assert [run.label for run, story in stories if not run.touched & story] == []
    assert len(changes) > 5


def test_the_date_of_an_entry_never_moves_back(runs):
    back = [
        r.label for r, a, b in changes_of_updated(runs) if b["date_modified"] < a["date_modified"]
    ]
    assert back == []


@pytest.mark.parametrize("label", [label for label, _, _ in SCRIPT if label.isupper()])
def test_what_no_editor_did_changes_no_byte(label, runs):
    number = [run.label for run in runs].index(label)
    assert runs[number].files == runs[number - 1].files


@pytest.mark.parametrize("label", [label for label, _, _ in SCRIPT[1:] if not label.isupper()])
def test_what_an_editor_or_time_did_changes_the_feed_of_everything(label, runs):
    number = [run.label for run in runs].index(label)
    assert runs[number].files["all/atom.xml"] != runs[number - 1].files["all/atom.xml"]


def test_at_first_there_are_the_stories_of_the_mutual_lists(after):
    stories = {id_: members(item) for id_, item in after["first run"].items("all").items()}
    assert stories == {"h": {"h"}, "g": {"g"}, "f": {"f"}, "d": {"d", "e"}, "a": {"a", "b", "c"}}


@pytest.mark.parametrize(
    ("label", "path", "id_", "title"),
    [
        ("first run", "all", "a", "Title of b"),
        ("QUALITY MOVES", "all", "a", "Title of b"),
        ("i joins abc", "all", "a", "Title of a"),
        ("i joins abc", "topics/trade", "a", "Title of c"),
        ("b is edited", "all", "a", "Title of c"),
        ("b is edited", "providers/q.example", "a", "b anew"),
        ("d is deleted", "all", "d", "Title of e"),
        ("E IS RATED", "all", "d", "Title of e"),
        ("d returns", "all", "d", "Title of d"),
        ("e returns alone", "all", "d", "Title of e"),
        ("i is removed", "all", "a", "c anew"),
    ],
)
def test_the_entry_of_a_story_is_led_by(label, path, id_, title, after):
    assert after[label].items(path)[id_]["title"] == title


@pytest.mark.parametrize(
    ("label", "id_"),
    [
        ("f is edited", "f"),
        ("f moves", "f"),
        ("i joins abc", "a"),  # a changes its list, b led before
        ("b is edited", "a"),
        ("d is deleted", "d"),
        ("d returns", "d"),
    ],
)
def test_an_edit_and_a_change_of_head_are_dated_by_the_run(label, id_, after):
    assert after[label].items("all")[id_]["date_modified"] == after[label].time


def test_an_edit_that_the_record_dates_has_the_date_of_the_record(after):
    items = after["c is dated"].items("topics/trade")
    assert items["a"]["date_modified"] == "2026-11-10T00:00:00Z"


def test_a_record_that_joins_a_story_is_told_of_in_its_entry(after):
    assert members(after["i joins abc"].items("all")["a"]) == set("abci")


def test_a_late_arrival_is_visible_beyond_the_limit(after):
    assert list(after["k comes late"].items("all")) == ["h", "g", "f", "d", "a", "k"]


def test_a_late_arrival_is_visible_for_its_hours(after):
    assert "k" in after["K IS RATED AGAIN"].items("all")


def test_a_late_arrival_that_has_been_seen_goes(after):
    assert list(after["k has been seen"].items("all")) == ["h", "g", "f", "d", "a"]


def test_a_late_arrival_that_goes_was_not_withdrawn(after):
    assert after["k has been seen"].tombstones() == {}


TOLD = {
    "g is unpublished": {"g": "g is unpublished"},
    "NOTHING": {"g": "g is unpublished"},
    "g is published": {},
    "d is deleted": {},
    "h is deleted": {"h": "h is deleted"},
    "H IS MISSED": {"h": "h is deleted"},
    "h is no longer told of": {},
    "h returns": {},
    "b is unpublished": {},
    "d and e are deleted": {"d": "d and e are deleted"},
    "e returns alone": {},
    "i is removed": {},
}


@pytest.mark.parametrize("label", TOLD)
def test_what_was_withdrawn_is_told_with_its_moment(label, after):
    expected = {id_: after[since].time for id_, since in TOLD[label].items()}
    assert after[label].tombstones() == expected


def test_only_feeds_that_showed_an_entry_tell_that_it_was_withdrawn(after):
    run = after["h is deleted"]
    telling = {path for path in run.paths if run.tombstones(path)}
    assert telling == {"all", "topics/law", "providers/q.example"}


def test_what_was_withdrawn_is_not_shown(runs):
    shown = [run.label for run in runs if run.tombstones().keys() & run.items("all").keys()]
    assert shown == []


@pytest.mark.parametrize(
    ("label", "before", "id_"),
    [("g is published", "HEAT MOVES", "g"), ("h returns", "f moves", "h")],
)
def test_what_returns_has_the_dates_it_had(label, before, id_, after):
    found, known = (after[run].items("all")[id_] for run in (label, before))
    dates = ("date_published", "date_modified")
    assert [found[date] for date in dates] == [known[date] for date in dates]


def test_an_edit_of_a_record_that_no_entry_shows_chooses_anew_what_stands_beside_one(tmp_path):
    records = {
        "a": told(0, "p", "Law", 9, "bc"),
        "b": told(1, "q", "Law", 5, "a"),
        "c": told(2, "r", "Law", 1, "a"),
    }
    site = Workspace(tmp_path, RULES + "related: {limit: 1}\n")
    state = State.in_memory()

    def beside(**changes):
        for name, said in changes.items():
            records[name] |= said
        for name, said in records.items():
            site.write(f"{name}.md", text_of(name, said))
        site.build(START, state=state)
        [item] = json.loads(site.text("all/feed.json"))["items"]
        return [link["url"] for link in item["_feedpub"]["related"]]

    assert beside() == ["https://e.example/b"]
    assert beside(c={"quality": 7}) == ["https://e.example/b"]  # chosen once
    assert beside(c={"title": "c anew"}) == ["https://e.example/c"]
