"""What moves all day changes no byte; what an editor changes shows, and nowhere else."""

import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import CONFIG, NOW, Workspace

from feedpub.state import State

LATER = NOW + timedelta(hours=1)
NAMES = "abcdefgh"
RULES = CONFIG + "limit: 6\nmin_entries: 1\n"
# What editors made of the records: for each a title, an excerpt, topics, pictures, an hour.
TEXTS = ("City libraries", "O'Brien mends", 'The "old" saw', "Half: 50%", "#1 of 8", "- a dash")
RECORDS = {
    name: {
        "title": f"{TEXTS[number % len(TEXTS)]} {name}",
        "excerpt": f"Told by {name}, in short.",
        "topics": (("Law",), ("Trade", "Law"), ())[number % 3],
        "images": (f"https://i.example/{name}.jpg", "https://i.example/z.png")[: number % 4],
        "published": f"2026-01-30T{number // 2:02}:00:00Z",
        "link": f"https://e.example/{name}",
    }
    for number, name in enumerate(NAMES)
}
NUMBERS = st.integers(0, 9)
QUOTES = st.sampled_from(["double", "single"])
CLOSE = "abc", "de"  # most of these list one another
RELATED = st.fixed_dictionaries(
    {
        "quality": NUMBERS,
        "title": st.sampled_from(["A copy", "A newer copy"]),
        "picture": st.booleans(),
        "cached": st.booleans(),
        "provider": st.booleans(),
    }
)


@st.composite
def dresses(draw):
    """Draw all of a record that is no editor's: what moves all day, and how its file looks."""
    links = draw(st.lists(st.sampled_from([*NAMES, "x/1", "x/2"]), max_size=6, unique=True))
    return {
        "heat": draw(st.integers(-1, 9) | st.none()),
        "quality": draw(NUMBERS),
        "secured": draw(st.booleans()),
        "cached": draw(st.booleans()),
        "related": [(link, draw(RELATED)) for link in links],
        "mutual": draw(st.integers(0, 4)) > 0,
        "order": draw(st.permutations(range(10))),
        "quotes": draw(QUOTES),
        "blanks": draw(st.sampled_from(["", " ", "   "])),
        "comment": draw(st.booleans()),
        "flow": draw(st.booleans()),
    }


DRESSES = st.fixed_dictionaries({name: dresses() for name in NAMES})


def text_of(name, said, dress):
    """Return the file of a record."""

    def quoted(value):
        doubled = value.replace("'", "''")
        return json.dumps(value) if dress["quotes"] == "double" else f"'{doubled}'"

    def images(urls, cached, indent):
        lines = (f"{indent}- url: {quoted(url)}\n{indent}  width: 640\n" for url in urls)
        return "".join(f"{line}{indent}  isCached: {str(cached).lower()}\n" for line in lines)

    def related(link, item):
        text = f'  - title: "{item["title"]}"\n    webUrl: "https://e.example/{link}"\n'
        if item["provider"]:
            text += f'    provider:\n      name: "{link}"\n      domain: "p{link[0]}.example"\n'
        text += f"    quality: {item['quality']}\n"
        if item["picture"]:
            urls = [f"https://i.example/related-{link[0]}.jpg"]
            text += "    images:\n" + images(urls, item["cached"], " " * 6)
        return text

    lists = dict(dress["related"])
    if dress["mutual"]:
        friends = (other for some in CLOSE if name in some for other in some)
        plain = {"quality": 1, "title": "A copy", "provider": True, "picture": False}
        lists |= {other: plain | lists.get(other, {}) for other in friends if other != name}
    topics = said["topics"]
    in_block = "".join(f"\n  - {topic}" for topic in topics)
    fields = [
        f"title: {quoted(said['title'])}\n",
        f"excerpt: {quoted(said['excerpt'])}\n",
        f"publishedDateTime: {said['published']}\n",
        f"webUrl: {quoted(said['link'])}\n",
        f"provider:\n  name: Outlet {name}\n  domain: p{name}.example\n",
        f"topics: [{', '.join(topics)}]\n"
        if dress["flow"] or not topics
        else f"topics:{in_block}\n",
        "images:\n" + images(said["images"], dress["cached"], "  ") if said["images"] else "",
        "related:\n" + "".join(related(*item) for item in lists.items()) if lists else "",
        f"quality: {dress['quality']}\nsecured: {str(dress['secured']).lower()}\n",
        f"heat: {dress['heat']}\n" if dress["heat"] is not None else "",
    ]
    text = "".join(fields[place] for place in dress["order"])
    text += "# a remark\n" if dress["comment"] else ""
    return "---\n" + text.replace("\n", dress["blanks"] + "\n") + "---\n"


class Site:
    """A site of eight records, built once."""

    def __init__(self, folder, dressed, records=RECORDS):
        self.workspace, self.state = Workspace(Path(folder), RULES), State.in_memory()
        self.write(dressed, records)
        self.report = self.workspace.build(state=self.state)

    def write(self, dressed, records=RECORDS):
        for name, said in records.items():
            self.workspace.write(f"{name}.md", text_of(name, said, dressed[name]))

    def build_again(self):
        return self.workspace.build(now=LATER, state=self.state)

    @property
    def files(self):
        return dict(self.workspace.destination.files)

    def items(self, path):
        return json.loads(self.files[f"{path}/feed.json"])["items"]

    def feeds_about(self, name):
        """Return the feeds that show a record: its story, or a link to it."""
        found = {path.removesuffix("/feed.json") for path in self.files if "/feed.json" in path}
        return {path for path in found if any(tells_of(name, item) for item in self.items(path))}


def tells_of(name, item):
    extension = item["_feedpub"]
    members = extension.get("story", {"members": [item["id"]]})["members"]
    links = [link["url"] for link in extension.get("related", [])]
    return any(id_.endswith(f":{name}") for id_ in members) or RECORDS[name]["link"] in links


def dress(**fields):
    plain = {
        "heat": None, "quality": 5, "secured": False, "cached": False, "related": [],
        "mutual": True, "order": range(10), "quotes": "double", "blanks": "", "comment": False,
        "flow": False,
    }  # fmt: skip
    return plain | fields


PLAIN = {name: dress() for name in NAMES}
ITEM = {"quality": 5, "title": "A copy", "picture": True, "cached": True, "provider": True}
MOVED = {
    "heat": {"heat": -1},
    "quality": {"quality": 9},
    "secured": {"secured": True},
    "pictures that were fetched": {"cached": True},
    "related articles that came": {"related": [("x/1", ITEM), ("f", ITEM)]},
    "related articles that went": {"mutual": False},
    "the order of keys": {"order": range(9, -1, -1)},
    "quotation marks": {"quotes": "single"},
    "blanks at the ends of lines": {"blanks": "  "},
    "a comment": {"comment": True},
    "the style of lists": {"flow": True},
}


@pytest.mark.parametrize("change", MOVED)
@pytest.mark.parametrize("name", "bd")
def test_what_moves_all_day_changes_no_byte(name, change, tmp_path):
    site = Site(tmp_path, PLAIN)
    before = site.files
    site.write(PLAIN | {name: dress(**MOVED[change])})
    report = site.build_again()
    assert (report.survey.parsed, site.files) == (1, before)


@settings(max_examples=30)
@given(DRESSES, DRESSES, st.sets(st.sampled_from(NAMES), min_size=1))
@example(PLAIN, {name: dress(quality=9 - n) for n, name in enumerate(NAMES)}, set(NAMES))
def test_whatever_moves_all_day_writes_no_file(before, after, moved):
    with TemporaryDirectory() as folder:
        site = Site(folder, before)
        files = site.files
        site.write(before | {name: after[name] for name in moved})
        report = site.build_again()
        assert (report.outcome.written, report.outcome.removed) == ((), ())
        assert site.files == files


EDITS = {
    "title": "Anew",
    "excerpt": "Told anew.",
    "topics": ("Law", "Repair"),
    "images": ("https://i.example/anew.jpg",),
    "link": "https://e.example/anew",
}


@settings(max_examples=30)
@given(DRESSES, DRESSES, st.sampled_from(NAMES), st.sampled_from(sorted(EDITS)))
def test_an_edit_dates_the_entry_by_the_run_and_changes_no_feed_without_it(
    before, after, name, field
):
    with TemporaryDirectory() as folder:
        site = Site(folder, before)
        files, about = site.files, site.feeds_about(name)
        edited = RECORDS | {name: RECORDS[name] | {field: EDITS[field]}}
        site.write(before | {name: after[name]}, edited)
        report = site.build_again()
        (entry,) = site.items(f"providers/p{name}.example")
        assert entry["date_modified"] == "2026-11-01T13:00:00Z"
        written = {path.rpartition("/")[0] for path in report.outcome.written if path in files}
        assert written - {""} <= about | site.feeds_about(name)


@pytest.mark.parametrize("field", EDITS)
def test_an_edit_of_what_leads_a_story_dates_the_story(field, tmp_path):
    site = Site(tmp_path, PLAIN)
    site.write(PLAIN, RECORDS | {"a": RECORDS["a"] | {field: EDITS[field]}})
    site.build_again()
    (entry,) = (item for item in site.items("all") if item["id"].endswith(":a"))
    assert entry["date_modified"] == "2026-11-01T13:00:00Z"


def test_the_records_tell_stories(tmp_path):
    stories = (item["_feedpub"].get("story") for item in Site(tmp_path, PLAIN).items("all"))
    assert sorted(len(story["members"]) for story in stories if story) == [2, 3]
