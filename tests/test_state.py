import shutil
import sqlite3
from contextlib import closing

import pytest
from support import call_feedpub, record, run_feedpub

from feedpub.databases import SCHEMA_VERSION
from feedpub.errors import StateError
from feedpub.sources.files import Stamp
from feedpub.state import Item, State


@pytest.fixture
def location(tmp_path):
    return tmp_path / ".feedpub" / "state.sqlite3"


def item(key="a.md"):
    return Item(key, Stamp(1, 2), b"digest", b"reading")


def test_what_is_committed_is_there_the_next_time(location):
    state = State.open(location)
    state.record_items([item()])
    state.commit()
    state.close()
    assert State.open(location).stamps() == {"a.md": Stamp(1, 2)}


def test_what_is_not_committed_is_forgotten(location):
    state = State.open(location)
    state.record_items([item()])
    state.close()
    assert State.open(location).stamps() == {}


def in_the_making(location):
    """Return a new state of which more is written than SQLite keeps in memory."""
    state = State.open(location)
    state.record_items(Item(f"{n}.md", Stamp(1, 2), b"", bytes(9_000)) for n in range(1_000))
    assert location.stat().st_size > 1_000_000
    return state


def test_a_state_in_the_making_is_not_copied(location):
    with closing(in_the_making(location)) as state:
        assert State.in_memory(like=location, whole=True).stamps() == {}
        state.commit()
    assert len(State.in_memory(like=location, whole=True).stamps()) == 1_000


def test_a_state_that_was_cut_off_in_the_making_is_a_new_one(location, tmp_path):
    with closing(in_the_making(location)):
        shutil.copytree(location.parent, tmp_path / "cut off")
    left = tmp_path / "cut off" / location.name
    assert State.in_memory(like=left, whole=True).stamps() == {}
    with closing(State.open(left)) as state:
        state.make_sure()
        assert (state.stamps(), state.was_damaged) == ({}, False)


def test_a_state_in_the_making_is_written_once(location):
    with closing(in_the_making(location)):
        assert not location.with_name(f"{location.name}-wal").exists()


def test_what_is_written_to_a_state_later_goes_to_its_log_first(location):
    with closing(State.open(location)) as state:
        state.commit()
        state.record_items([item()])
        state.commit()
        assert location.with_name(f"{location.name}-wal").stat().st_size > 0


def test_a_name_that_is_not_utf_8_is_kept(location):
    state = State.open(location)
    state.record_items([item("caf\udce9.md")])
    assert list(state.stamps()) == ["caf\udce9.md"]


def test_the_schema_has_a_version(location):
    State.open(location).close()
    with sqlite3.connect(location) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    database.close()


def test_a_state_of_a_newer_feedpub_is_refused(location):
    State.open(location).close()
    database = sqlite3.connect(location)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 6}")
    database.close()
    with pytest.raises(StateError, match=f"version {SCHEMA_VERSION + 6}, this feedpub knows"):
        State.open(location)


@pytest.mark.parametrize("damage", [b"no database", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_state_is_set_aside_and_made_anew(location, damage):
    location.parent.mkdir()
    location.write_bytes(damage)
    state = State.open(location)
    assert state.stamps() == {}
    state.close()
    assert location.with_name("state.sqlite3.corrupt").read_bytes() == damage


def test_a_state_made_under_other_conditions_is_forgotten(location):
    state = State.open(location)
    state.believe_if(b"one")
    state.record_items([item()])
    state.believe_if(b"one")
    assert len(state.stamps()) == 1
    state.believe_if(b"two")
    assert state.stamps() == {}


@pytest.mark.parametrize("value", ["7", "NULL", "'text'", "x'00'", "zeroblob(99)"])
def test_a_fact_that_is_not_what_was_recorded_is_none(location, value):
    state = State.open(location)
    state.record_fact("a", b"value")
    state.commit()
    state.close()
    with sqlite3.connect(location) as database:
        database.executescript(
            "PRAGMA writable_schema = ON;"
            "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'meta'"
        )
    database.close()
    with sqlite3.connect(location) as database:
        database.execute(f"UPDATE meta SET value = {value}")
    database.close()
    state = State.open(location)
    assert state.fact("a") is None
    state.close()


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record())
    workspace.write("b.md", record(title="Another", webUrl="/b", topics="[Repair]"))
    assert call_feedpub("build", cwd=workspace.folder).returncode == 0
    return workspace.folder


def contents(folder):
    return {path: path.read_bytes() for path in (folder / "feeds").rglob("*") if path.is_file()}


def test_losing_the_state_changes_no_byte(site):
    before = contents(site)
    (site / ".feedpub/state.sqlite3").unlink()
    assert "0 written" in call_feedpub("build", cwd=site).stdout
    assert contents(site) == before


def test_a_damaged_state_is_no_obstacle_to_a_run(site):
    before = contents(site)
    location = site / ".feedpub/state.sqlite3"
    location.write_bytes(b"\x00" * 100)
    ended = call_feedpub("build", cwd=site)
    said = "damaged; set aside as state.sqlite3.corrupt and made anew\n"
    assert (ended.returncode, ended.stderr) == (0, f"warning: .feedpub/state.sqlite3: {said}")
    assert contents(site) == before


def test_a_newer_state_ends_the_run_with_78(site):
    database = sqlite3.connect(site / ".feedpub/state.sqlite3")
    database.execute("PRAGMA user_version = 99")
    database.close()
    ended = run_feedpub("build", cwd=site)
    assert ended.returncode == 78
    assert "the state is version 99" in ended.stderr


def test_the_state_keeps_no_secret(site):
    (site / "articles/a.md").write_text(record(secured='"CanaryInTheMine"'))
    call_feedpub("build", cwd=site)
    assert b"CanaryInTheMine" not in b"".join(p.read_bytes() for p in (site / ".feedpub").iterdir())
