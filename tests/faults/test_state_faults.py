"""The state damaged, locked, read-only, of a newer feedpub or gone: a run knows, and says so."""

import random
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from accidents import age, edit, edited_site, ids, tree
from support import call_feedpub, record
from unprivileged import nobody, open_folder

STATE = ".feedpub/state.sqlite3"


def flip(data: bytearray, moments: random.Random) -> None:
    data[moments.randrange(len(data))] ^= 1 << moments.randrange(8)


def truncate(data: bytearray, moments: random.Random) -> None:
    del data[moments.randrange(len(data)) :]


def zero_a_page(data: bytearray, moments: random.Random) -> None:
    start = moments.randrange(len(data) // 4096) * 4096
    data[start : start + 4096] = bytes(4096)


def swap_pages(data: bytearray, moments: random.Random) -> None:
    pages = range(len(data) // 4096)
    one, other = (4096 * number for number in moments.sample(pages, 2))
    data[one : one + 4096], data[other : other + 4096] = (
        data[other : other + 4096],
        data[one : one + 4096],
    )


DAMAGES = [flip, flip, flip, truncate, zero_a_page, swap_pages]


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record())
    age(workspace)
    assert build(workspace.folder).returncode == 0
    return workspace.folder


def build(folder, *options):
    return call_feedpub("build", *options, cwd=folder)


@pytest.fixture(scope="module")
def forgetful(trials):
    """Return the output of a run that lost the state: it cannot see the edit as a change."""
    trials.restore()
    return without_state(trials)


def without_state(trials):
    shutil.rmtree(trials.folder / ".feedpub")
    assert trials.build().code == 0
    return tree(trials.output)


def test_state_corrupted_gives_no_wrong_feed(trials, forgetful, long):
    """Whatever a disk makes of the state, the feeds are those of a run without one."""
    moments, wrong = random.Random(1), []
    for number in range(600 if long else 30):
        trials.restore()
        location = trials.folder / STATE
        data = bytearray(location.read_bytes())
        DAMAGES[number % len(DAMAGES)](data, moments)
        location.write_bytes(data)
        ended = trials.build()
        if ended.code != 0 or tree(trials.output) not in (trials.new, forgetful):
            wrong.append((number, ended))
    assert wrong == []


def test_state_corrupted_gives_no_wrong_feed_when_there_is_nothing_to_do(trials, long):
    """The shortest way out of a run reads little of the state: that little, too, is looked at."""
    trials.restore()
    trials.build()
    forgetful = without_state(trials)  # the edit is told of by the output, withdrawals are not
    trials.restore()
    trials.build()
    location = trials.folder / STATE
    sound, moments, wrong = location.read_bytes(), random.Random(2), []
    for number in range(600 if long else 30):
        data = bytearray(sound)
        DAMAGES[number % len(DAMAGES)](data, moments)
        location.write_bytes(data)
        ended = trials.build()
        if ended.code != 0 or tree(trials.output) not in (trials.new, forgetful):
            wrong.append((number, ended))
    assert wrong == []


def test_state_corrupted_in_what_it_tells_of_a_record_is_noticed(site):
    """SQLite itself finds nothing wrong with a letter in a text."""
    location = site / STATE
    before = tree(site / "feeds")
    damaged = location.read_bytes().replace(b"City libraries", b"Sity libraries")
    location.write_bytes(damaged)
    assert sqlite3.connect(location).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    (site / "feeds/all/rss.xml").unlink()
    ended = build(site)
    said = f"warning: {STATE}: damaged; set aside as state.sqlite3.corrupt and made anew\n"
    assert (ended.returncode, ended.stderr) == (0, said)
    assert (tree(site / "feeds"), location.with_name("state.sqlite3.corrupt").read_bytes()) == (
        before,
        damaged,
    )


def test_state_that_was_set_aside_is_made_anew_once(site):
    (site / STATE).write_bytes(b"no database")
    build(site)
    assert build(site).stderr == ""


def test_state_without_its_seal_is_believed_if_it_is_a_sound_database(site):
    """So a run that was killed leaves it."""
    (site / f"{STATE}.sha256").unlink()
    (site / "feeds/all/rss.xml").unlink()
    ended = build(site)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (site / f"{STATE}.sha256").exists()


@pytest.mark.parametrize("seal", ["", "no seal", "\xff"])
def test_state_with_a_seal_that_is_none_is_believed(site, seal):
    (site / f"{STATE}.sha256").write_text(seal, "latin-1")
    (site / "feeds/all/rss.xml").unlink()
    assert build(site).stderr == ""


def sealed_as_earlier_versions_did(site):
    sealed = subprocess.run(
        ["sha256sum", "state.sqlite3"], cwd=site / ".feedpub", capture_output=True, check=True
    )
    (site / f"{STATE}.sha256").write_bytes(sealed.stdout)


def test_seal_of_an_earlier_version_is_believed(site):
    sealed_as_earlier_versions_did(site)
    (site / "feeds/all/rss.xml").unlink()
    assert build(site).stderr == ""


def test_damage_below_the_seal_of_an_earlier_version_is_found(site):
    sealed_as_earlier_versions_did(site)
    location = site / STATE
    location.write_bytes(location.read_bytes().replace(b"City libraries", b"Sity libraries"))
    (site / "feeds/all/rss.xml").unlink()
    assert "damaged; set aside" in build(site).stderr


def test_run_with_nothing_to_do_leaves_state_and_seal_alone(site):
    build(site)
    before = {path: path.stat().st_mtime_ns for path in (site / ".feedpub").glob("state*")}
    assert " 0 written" in build(site).stdout
    after = {path: path.stat().st_mtime_ns for path in (site / ".feedpub").glob("state*")}
    assert before == after


def test_dry_run_believes_no_damaged_state(site):
    location = site / STATE
    location.write_bytes(location.read_bytes().replace(b"City libraries", b"Sity libraries"))
    (site / "feeds/all/rss.xml").unlink()
    ended = build(site, "--dry-run")
    assert (ended.returncode, "would write all: 1 added" in ended.stdout) == (0, True)


@pytest.mark.parametrize("name", ["state.sqlite3", "lock"])
def test_state_read_only_ends_with_74(name):
    with open_folder() as folder, nobody(folder):
        site = edited_site(folder / "site")
        build(site.folder)
        before = tree(site.folder / "feeds")
        edit(site)
        (site.folder / ".feedpub" / name).chmod(0o444)
        ended = build(site.folder)
        assert ended.returncode == 74
        assert ended.stderr.startswith(f"feedpub: cannot write {site.folder}/.feedpub/{name}")
        assert ended.stderr.count("\n") == 1
        assert tree(site.folder / "feeds") == before


def test_state_folder_that_cannot_be_made_ends_with_74():
    with open_folder() as folder, nobody(folder):
        site = edited_site(folder / "site")
        site.folder.chmod(0o555)
        ended = build(site.folder)
        assert ended.returncode == 74
        assert f"cannot write {site.folder}/.feedpub" in ended.stderr


def test_state_newer_than_feedpub_ends_with_78(site):
    database = sqlite3.connect(site / STATE)
    database.execute("PRAGMA user_version = 9999")
    database.close()
    before = tree(site / "feeds")
    ended = build(site)
    assert (ended.returncode, "the state is version 9999, this feedpub" in ended.stderr) == (
        78,
        True,
    )
    assert tree(site / "feeds") == before


def test_state_deleted_changes_no_id_and_loses_no_entry(trials, forgetful):
    assert ids(forgetful) == ids(trials.new)
    assert forgetful.keys() == trials.new.keys()


def test_state_deleted_changes_no_byte(site):
    before = tree(site / "feeds")
    shutil.rmtree(site / ".feedpub")
    assert " 0 written" in build(site).stdout
    assert tree(site / "feeds") == before


def test_state_that_fails_as_it_is_committed_ends_with_74(site, monkeypatch):
    from feedpub.state import State

    def fail(_state):
        raise sqlite3.OperationalError("database or disk is full")

    Path(site / "articles/b.md").write_text(record(webUrl="/b"), "utf-8")
    monkeypatch.setattr(State, "commit", fail)
    ended = build(site)
    assert ended.returncode == 74
    assert ended.stderr == f"feedpub: cannot write {site / STATE}: database or disk is full\n"
    monkeypatch.undo()
    assert build(site).returncode == 0


def test_page_of_files_that_is_lost_costs_only_the_state(site):
    """What is asked first when a record has changed: before anything has made sure of the state."""
    (site / "articles/a.md").write_text(record(title="Another title"))
    location = site / STATE
    with closing(sqlite3.connect(location)) as database:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = 'item'"
        ((page,),) = database.execute(query).fetchall()
    data = bytearray(location.read_bytes())
    data[4096 * (page - 1) : 4096 * page] = bytes(4096)
    location.write_bytes(data)
    ended = build(site)
    assert (ended.returncode, "damaged; set aside" in ended.stderr) == (0, True)
