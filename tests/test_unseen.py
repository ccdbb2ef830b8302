"""Scores, related lists and signatures move all day: a run in which nothing else did is short."""

import itertools
import json
import os
import random
import shutil
import sqlite3
from contextlib import closing

import pytest
from support import CONFIG, call_feedpub, record, related_list

import feedpub.build
from feedpub import file_reading
from feedpub.databases import KEYS

TICKS = itertools.count(1_700_000_000)
RULES = "named: {hot: {min_heat: 100}}\nselect: {min_quality: -50}\n"
ADDRESS = "https://www.example.com/"
STATE = ".feedpub/state.sqlite3"


@pytest.fixture
def site(workspace):
    """Make a site of five records that was built."""
    workspace.configure(CONFIG + RULES)
    for number, name in enumerate("abcde"):
        write(workspace.folder, name, number)
    assert build(workspace.folder).returncode == 0
    return workspace.folder


def write(folder, name, number, **fields):
    """Write a record as it was long ago, with a related list that is left in its file."""
    defaults = {
        "title": f'"Title {number}"',
        "webUrl": f'"{ADDRESS}{number}"',
        "publishedDateTime": f"2026-01-0{number + 1}T00:00:00Z",
        "quality": 10,
        "heat": 10,
    }
    text = record(**{**defaults, **fields})
    location = folder / f"articles/{name}.md"
    location.write_text(text)
    settle(location)


def settle(location):
    """Let a file look as if it had been written long ago, at a time of its own."""
    tick = next(TICKS)
    os.utime(location, (tick, tick))


def build(folder, *options, day=1_793_491_200):
    return call_feedpub("build", *options, cwd=folder, env={"SOURCE_DATE_EPOCH": str(day)})


@pytest.fixture
def pipeline(monkeypatch):
    """Return a list that grows with every run that sorts all records out."""
    runs, real = [], feedpub.build.build

    def watched(*arguments, **options):
        runs.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr("feedpub.build.build", watched)
    return runs


def output(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in (folder / "feeds").rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"heat": 99},
        {"heat": None},
        {"quality": 89},
        {"related": related_list("one")},
        {"secured": '"afbf16a0c434aff418020c2bc5844e6a6cfdd087f6fdc2ef33d8c4ba9d97"'},
    ],
    ids=["heat", "no heat", "quality", "related", "signature"],
)
def test_a_change_that_nobody_sees_is_recorded_and_no_more(site, pipeline, fields):
    before = output(site)
    write(site, "b", 1, related=related_list("one", "two"))
    assert build(site).returncode == 0
    pipeline.clear()
    write(site, "b", 1, **{"related": related_list("one", "two"), **fields})
    said = build(site).stdout
    assert said.startswith("5 records read; ")
    assert "0 written" in said
    assert (pipeline, output(site)) == ([], before)


def test_a_change_that_nobody_sees_is_nothing_to_do_next_time(site, monkeypatch):
    write(site, "b", 1, heat=50)
    build(site)
    monkeypatch.delattr("feedpub.unseen.record_unseen")
    assert "0 written" in build(site).stdout


def edit(**fields):
    return lambda folder: write(folder, "b", 1, **fields)


@pytest.mark.parametrize(
    "change",
    [
        edit(heat=100),
        edit(quality=-51),
        edit(title='"Edited"'),
        edit(body="More to read."),
        edit(published="false"),
        edit(webUrl=None),
        edit(topics="[Repair]"),
        edit(excerpt=None),
        edit(quality="high"),
        edit(surprise="a field that nobody reads"),
        lambda folder: write(folder, "f", 5),
        lambda folder: (folder / "articles/c.md").unlink(),
        lambda folder: (folder / "articles/c.md").rename(folder / "articles/g.md"),
        lambda folder: (folder / "feeds/all/rss.xml").unlink(),
        lambda folder: (folder / "feeds/all/rss.xml").write_text("edited by hand"),
        lambda folder: (folder / "config.yaml").write_text(CONFIG + RULES + "limit: 7\n"),
    ],
    ids=[
        "hot", "bad", "title", "body", "withheld", "unusable", "topic", "excerpt", "no number",
        "unknown field", "new", "gone", "renamed", "output gone", "output edited", "configuration",
    ],
)  # fmt: skip
def test_a_change_beside_it_that_may_be_seen_is_noticed(site, pipeline, change):
    write(site, "a", 0, heat=11)
    change(site)
    build(site)
    assert len(pipeline) == 1


def test_a_change_that_may_be_seen_is_read_once(site, monkeypatch):
    parsed, read = [], file_reading.read_data
    monkeypatch.setattr(
        file_reading, "read_data", lambda *a, **o: parsed.append(1) or read(*a, **o)
    )
    for number, name in enumerate("abcde"):
        write(site, name, number, heat=11, title='"Edited"' if name == "c" else f'"Title {number}"')
    assert "0 written" not in build(site).stdout
    assert len(parsed) == 5


def test_a_related_list_of_another_shape_is_noticed(site, pipeline):
    """It is parsed with the record: whether it was chosen from is not known before it is."""
    write(site, "b", 1, related=f"[{{title: Other, webUrl: '{ADDRESS}x'}}]")
    build(site)
    write(site, "b", 1, related=f"[{{title: Another, webUrl: '{ADDRESS}y'}}]")
    build(site)
    assert len(pipeline) == 2


def test_time_goes_on_though_nothing_else_is_seen(site, pipeline):
    write(site, "f", 5, publishedDateTime="2026-12-01T00:00:00Z")
    assert "1 scheduled" in build(site).stdout
    pipeline.clear()
    write(site, "a", 0, heat=11)
    assert "held back: none" in build(site, day=1_796_083_200).stdout
    assert len(pipeline) == 1


def test_a_source_that_was_emptied_is_refused_as_ever(site):
    for location in (site / "articles").iterdir():
        location.unlink()
    assert build(site).returncode == 4


def test_a_record_that_cannot_be_used_is_named_again_beside_a_change_that_nobody_sees(site):
    write(site, "c", 2, title=None)
    assert build(site).returncode == 3
    write(site, "b", 1, heat=50)
    ended = build(site)
    assert ended.returncode == 3
    assert "articles/c.md:1: no title" in ended.stderr
    assert build(site, "--strict").returncode == 4


def test_a_dry_run_records_nothing(site):
    state = (site / STATE).read_bytes()
    write(site, "b", 1, heat=50)
    assert "dry run" in build(site, "--dry-run").stdout
    assert (site / STATE).read_bytes() == state


def test_the_report_tells_of_a_run_whose_changes_nobody_sees(site):
    write(site, "b", 1, heat=50)
    build(site, "--report", "report.json")
    report = json.loads((site / "report.json").read_text())
    assert (report["records"]["read"], report["feeds"]["written"]) == (5, 0)


def rows(folder):
    """Return all that a state holds, but for the seconds in which runs took place."""
    with closing(sqlite3.connect(f"file:{folder / STATE}?immutable=1", uri=True)) as database:
        return {
            table: sorted(database.execute(f'SELECT * FROM "{table}"'), key=repr)
            for table in KEYS.keys() - {"meta", "output"}
        }


def changed(folder, chance):
    """Change some records as their sites do."""
    for name in chance.sample("abcdefgh", chance.randrange(1, 4)):
        number, location = "abcdefgh".index(name), folder / f"articles/{name}.md"
        kind = chance.choice(["moved"] * 20 + ["edited", "gone", "withheld", "broken", "touched"])
        if kind == "gone":
            location.unlink(missing_ok=True)
            continue
        if kind == "touched" and location.exists():
            settle(location)
            continue
        others = chance.sample(range(8), 3)
        links = "".join(
            f'  - title: "Other"\n    webUrl: "https://www.example.com/{other}"\n'
            for other in others
        )
        fields = {
            "heat": chance.choice([-1, 10, 20, 30, 50, 70, 90, 99, 100]),
            "quality": chance.choice([10, 20, 30, 40, 50, 60, 90, -51]),
            "related": "\n" + "".join(links),
        }
        if kind == "edited":
            fields["title"] = f'"Title {chance.randrange(9)}"'
        elif kind == "withheld":
            fields["published"] = "false"
        elif kind == "broken":
            fields["publishedDateTime"] = "someday"
        write(folder, name, number, **fields)


def test_runs_leave_what_runs_that_look_for_nothing_leave(
    site, pipeline, tmp_path_factory, monkeypatch, long
):
    """Whatever happens to the records: the same output, and the same memory."""
    plain, chance, short = tmp_path_factory.mktemp("plain") / "site", random.Random(7), 0
    shutil.copytree(site, plain)
    for number in range(400 if long else 40):
        changed(site, chance)
        shutil.rmtree(plain / "articles")
        shutil.copytree(site / "articles", plain / "articles")
        pipeline.clear()
        moment = 1_793_491_200 + 7_000 * number
        ended = build(site, day=moment)
        short += not pipeline
        with monkeypatch.context() as patch:
            patch.setattr("feedpub.unseen.few_changes", lambda *_: None)
            assert build(plain, day=moment).returncode == ended.returncode
        assert output(site) == output(plain)
        assert rows(site) == rows(plain)
    assert short > 5
