"""A site whose pictures are measured, from one run to the next."""

import json
import os
import re
import sqlite3
from datetime import timedelta

import pytest
from hostile_server import BEHAVIOURS, ENDLESS, picture
from support import CONFIG, NOW, call_feedpub, record

from feedpub import picture_task
from feedpub.errors import BusyError
from feedpub.keeping import Local
from feedpub.progress import Silence
from feedpub.run import Wish, run
from feedpub.state import State

OLD = 1_700_000_000
MEASURING = CONFIG + "images: {measure: true, budget: 2s}\n"
LENGTHS = {
    "all/rss.xml": ('length="1234"', 'fileSize="1234"', 'width="640" height="480"', "image/png"),
    "all/atom.xml": ('length="1234"', 'fileSize="1234"', 'width="640" height="480"', "image/png"),
    "all/feed.json": ('"size_in_bytes": 1234', '"mime_type": "image/png"'),
}


class Site:
    """A site on disk, whose pictures are at the public server."""

    def __init__(self, workspace, client):
        self.workspace, self.client = workspace, client
        self.folder = workspace.folder

    def write(self, name, *urls, **fields):
        images = ", ".join(f'{{url: "{url}"}}' for url in urls)
        fields = {"webUrl": f'"https://www.example.com/{name}"', "images": f"[{images}]", **fields}
        location = self.workspace.write(f"{name}.md", record(**fields))
        os.utime(location, (OLD, OLD))

    def run(self, now=NOW, **wish):
        return run(self.folder / "config.yaml", Wish(**wish), now, self.client)

    def output(self):
        root = self.folder / "feeds"
        return {str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file()}

    def failures(self):
        database = sqlite3.connect(self.folder / ".feedpub/state.sqlite3")
        rows = database.execute("SELECT url, failure FROM picture").fetchall()
        database.close()
        return dict(rows)


@pytest.fixture
def site(workspace, client_for):
    workspace.configure(MEASURING)
    os.utime(workspace.folder / "config.yaml", (OLD, OLD))
    return Site(workspace, client_for())


def dates(output):
    return {
        path: re.findall(r"<updated>.*?</updated>|<pubDate>.*?</pubDate>|\"date_.*", text)
        for path, text in output.items()
    }


def test_the_next_run_tells_what_one_measured_and_the_third_has_nothing_to_do(site, public):
    site.write("a", public.url("ok"))
    first = site.run()
    before = site.output()
    assert (first.measured_pictures, first.unmeasured_pictures) == (1, 0)
    assert 'length="0"' in before["all/rss.xml"]

    second = site.run(NOW + timedelta(hours=1))
    after = site.output()
    assert (second.written_feeds, second.measured_pictures) == (3, 0)
    for path, facts in LENGTHS.items():
        assert [fact for fact in facts if fact not in after[path]] == []
    (item,) = json.loads(after["all/feed.json"])["items"]
    assert 'width="640" height="480"' in item["content_html"]
    assert dates(after) == dates(before)

    asked = len(public.requests)
    third = site.run(NOW + timedelta(hours=2))
    assert (third.written_feeds, third.records, len(public.requests)) == (0, 1, asked)
    assert site.output() == after


def test_a_run_with_pictures_left_to_measure_has_something_to_do(site, public, monkeypatch):
    site.write("a", public.url("ok"))
    site.run(offline=True)
    assert public.connections == 0
    from feedpub import build as module

    def unexpected(*_arguments, **_options):
        raise AssertionError("there was nothing to do")

    monkeypatch.setattr(module, "build", unexpected)
    site.run(offline=True)
    with pytest.raises(AssertionError, match="nothing to do"):
        site.run()
    monkeypatch.undo()
    assert site.run().measured_pictures == 1


def test_offline_tells_what_is_known_and_asks_nobody(site, public):
    site.write("a", public.url("ok"))
    site.run()
    asked = len(public.requests)
    site.run(offline=True)
    assert 'length="1234"' in site.output()["all/rss.xml"]
    assert len(public.requests) == asked


def test_a_run_measures_what_the_last_one_left(site, public):
    public.behaviours = {**BEHAVIOURS, **ENDLESS}
    urls = [public.url(f"silence?{n}") for n in range(4)]
    site.write("a", *urls, public.url("ok"))
    left = [site.run(NOW + timedelta(hours=n)).unmeasured_pictures for n in range(5)]
    assert left[0] > 0
    assert left[-1] == 0
    assert 'fileSize="1234"' in site.output()["all/rss.xml"]


def test_a_failure_is_remembered_for_a_week(site, public):
    site.write("a", public.url("gone"))
    site.run()
    assert site.failures() == {public.url("gone"): "is answered with status 404"}
    asked = len(public.requests)
    site.run(NOW + timedelta(days=6))
    assert len(public.requests) == asked
    public.behaviours["gone"] = picture()
    assert site.run(NOW + timedelta(days=8)).measured_pictures == 1
    site.run(NOW + timedelta(days=8))
    assert 'length="1234"' in site.output()["all/rss.xml"]


def test_a_failure_changes_no_byte_and_is_no_problem_of_a_run(site, public):
    site.write("a", public.url("gone"))
    first = site.run()
    before = site.output()
    second = site.run()
    assert (first.problems, second.written_feeds, site.output()) == ((), 0, before)


def test_a_measurement_of_what_is_no_longer_shown_is_forgotten(site, public):
    site.write("a", public.url("ok?1"))
    site.run()
    site.write("a", public.url("ok?2"), title="Edited")
    site.run()
    assert list(site.failures()) == [public.url("ok?2")]


def test_a_state_that_cannot_be_written_afterwards_costs_the_measurements_alone(site, public):
    site.write("a", public.url("ok"))
    location = site.folder / ".feedpub/state.sqlite3"
    blocked = []

    def block(connection, head, go_on):
        if not blocked:
            database = sqlite3.connect(location, check_same_thread=False)
            database.execute("PRAGMA user_version = 99")
            database.close()
            blocked.append(True)
        BEHAVIOURS["ok"](connection, head, go_on)

    public.behaviours = {"ok": block}
    summary = site.run()
    assert blocked
    assert (summary.measured_pictures, summary.unmeasured_pictures) == (0, 1)
    assert 'length="0"' in site.output()["all/rss.xml"]


def test_a_state_that_is_locked_afterwards_costs_the_measurements_alone(site, public, monkeypatch):
    def locked(_location):
        raise BusyError("database is locked by another program")

    site.write("a", public.url("ok"))
    monkeypatch.setattr(State, "open", locked)
    task = picture_task.PictureTask(shown=(public.url("ok"),), known={}, now=1000, budget=2)
    keeping = Local(folder=site.folder)
    assert picture_task.carry_out(task, keeping, site.client, Silence()) == 0


def test_pictures_beside_an_entry_are_measured_too(site, public):
    pictures = f'[{{url: "{public.url()}"}}]'
    related = f'[{{title: Other, webUrl: "https://www.example.net/r", images: {pictures}}}]'
    site.write("a", related=related)
    assert site.run().measured_pictures == 1
    site.run()
    assert 'length="1234"' in site.output()["all/rss.xml"]


def test_what_was_measured_is_not_told_once_measuring_is_off(site, public):
    site.write("a", public.url("ok"))
    site.run()
    site.workspace.configure(CONFIG)
    site.run()
    assert 'length="0"' in site.output()["all/rss.xml"]


def test_the_command_says_how_many_pictures_were_measured(site):
    """Nothing is connected to: the port of these addresses is refused beforehand."""
    site.write("a", "http://127.0.0.1:9/a.png", "http://127.0.0.1:9/b.png")
    told = call_feedpub("build", cwd=site.folder)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.endswith("\n2 pictures measured\n")
    assert set(site.failures().values()) == {"is on port 9"}


def test_the_command_can_be_told_to_stay_offline(site):
    site.write("a", "http://127.0.0.1:9/a.png")
    assert "measured" not in call_feedpub("build", "--offline", cwd=site.folder).stdout
    assert site.failures() == {}
