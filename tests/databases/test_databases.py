"""Both databases keep the same state in the same way."""

import sqlite3
from itertools import count

import pytest

from feedpub.databases import CACHE, KEYS, MEMORY, SCHEMA_VERSION
from feedpub.databases.postgres import PostgresDatabase
from feedpub.databases.sqlite import SqliteDatabase
from feedpub.errors import BusyError, StateError
from feedpub.recollection import Remembered
from feedpub.sources.files import Stamp
from feedpub.state import CachedEntry, Item, State

_numbers = count()


@pytest.fixture
def schema():
    return f"site_{next(_numbers)}"


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request, tmp_path, schema):
    """Return a function that opens the state, again and again."""
    if request.param == "sqlite":
        return lambda: State(SqliteDatabase.open(tmp_path / "state.sqlite3"), "/srv/site")
    url = request.getfixturevalue("server")
    return lambda: State(PostgresDatabase(url, schema), "/srv/site")


@pytest.fixture
def state(opened):
    state = opened()
    yield state
    state.close()


def item(name="/srv/site/articles/a.md", **fields):
    made = Item(name, Stamp(1, 2**60), b"digest", b"reading", ((b"d", b"details"),))
    return made._replace(**fields)


def fact(id_, **fields):
    return Remembered(id_, "story", b"fingerprint", 1)._replace(**fields)


def test_what_is_committed_is_there_the_next_time(opened):
    state = opened()
    state.record_items([item()])
    state.commit()
    state.close()
    again = opened()
    assert again.stamps() == {"/srv/site/articles/a.md": Stamp(1, 2**60)}
    assert list(again.readings()) == [b"reading"]
    again.close()


def test_what_is_not_committed_is_forgotten(opened):
    state = opened()
    state.record_items([item()])
    state.close()
    again = opened()
    assert again.stamps() == {}
    again.close()


def test_the_folder_of_the_site_may_be_another_one(tmp_path):
    state = State(SqliteDatabase.open(tmp_path / "state"), "/srv/site")
    state.record_items([item(), item("/elsewhere/b.md")])
    state.commit()
    state.close()
    moved = State(SqliteDatabase.open(tmp_path / "state"), "/home/other")
    assert set(moved.stamps()) == {"/home/other/articles/a.md", "/elsewhere/b.md"}
    moved.close()


def test_a_row_takes_the_place_of_the_one_with_its_key(state):
    state.record_items([item()])
    state.record_items([item(digest=b"new", details=((b"e", b"new"),)), item("/other/b.md")])
    assert state.digests(["/srv/site/articles/a.md", "/other/b.md", "/none.md"]) == {
        "/srv/site/articles/a.md": b"new",
        "/other/b.md": b"digest",
    }
    assert (state.details(b"e"), state.details(b"d")) == (b"new", b"details")


def test_thousands_of_rows_are_kept(state):
    names = [f"/srv/site/{number}.md" for number in range(5000)]
    state.record_items(item(name) for name in names)
    assert list(state.stamps()) == names
    state.forget_items(names[1:])
    assert list(state.stamps()) == names[:1]


def test_keys_may_be_long_and_odd(state):
    odd = "/srv/site/caf\udce9'\"\\%s?.md"
    long = "https://example.com/" + "x1y2z" * 2000
    state.record_items([item(odd)])
    state.record_entries([CachedEntry(long, b"f", b"m", b"fragments")])
    assert list(state.stamps()) == [odd]
    assert state.reading(odd) == b"reading"
    assert state.fragments(long) == b"fragments"


def test_extent_is_the_number_and_the_size_of_all_files(state):
    assert state.extent() == (0, 0)
    state.record_items([item("/srv/site/a.md"), item("/srv/site/b.md")])
    number, size = state.extent()
    assert (number, size) == (2, sum(stamp.size for stamp in state.stamps().values()))
    assert (type(number), type(size)) == (int, int)


def test_entries_tell_the_size_of_their_fragments(state):
    state.record_entries([CachedEntry("a", b"f", b"m", b"\0fragments")])
    ((id_, fingerprint, mentions, size),) = state.entries()
    assert (id_, bytes(fingerprint), bytes(mentions), size) == ("a", b"f", b"m", 10)


def test_stamps_change_without_the_rest(state):
    state.record_items([item()])
    state.record_stamps({"/srv/site/articles/a.md": Stamp(3, 4)})
    assert state.stamps() == {"/srv/site/articles/a.md": Stamp(3, 4)}
    assert state.reading("/srv/site/articles/a.md") == b"reading"


def test_facts_are_kept_and_forgotten(state):
    state.record_fact("a", b"1")
    state.record_fact("a", b"2")
    assert (state.fact("a"), state.fact("b")) == (b"2", None)
    state.forget_fact("a")
    assert state.fact("a") is None


def test_other_conditions_clear_the_cache_and_not_the_memory(state):
    state.believe_if(b"one")
    state.record_items([item()])
    state.memory.record_articles([fact("a", arrived=5)])
    state.believe_if(b"two")
    assert state.stamps() == {}
    assert list(state.memory.articles()) == [fact("a", arrived=5)]
    assert state.memory.count_listed() == 1


def test_tombstones_are_sorted_byte_by_byte(state):
    rows = [("a", "é", 1), ("a", "Z", 2), ("B", "x", 3), ("a", "a", 4)]
    state.memory.record_tombstones(rows)
    assert state.memory.tombstones() == [rows[2], rows[1], rows[3], rows[0]]


def test_windows_and_pins_nobody_asks_for_are_forgotten(state):
    state.memory.record_windows({"all": b"1", "old": b"2"}, {"all", "old"})
    state.memory.record_windows({"new": b"3"}, {"all", "new"})
    state.memory.record_pins([("a", b"1"), ("b", b"1")])
    state.memory.keep_pins({"b"})
    assert state.memory.windows() == {"all": b"1", "new": b"3"}
    assert (state.memory.pin("a"), state.memory.pin("b")) == (None, b"1")


def test_what_hubs_are_owed_has_another_number_each_time(state):
    pairs = [("https://hub.example.org/", f"https://feeds.example.org/{n}") for n in "ab"]
    state.memory.owe(pairs)
    first, second = state.memory.pings()
    state.memory.owe(pairs[:1])
    state.memory.settle_pings([first], [second])
    (left, failed) = state.memory.pings()
    assert (left.url, left.id > second.id, failed) == (first.url, True, second)
    state.memory.keep_pings({pairs[1]})
    state.memory.settle_pings(state.memory.pings(), [])
    state.memory.owe(pairs[:1])
    assert state.memory.pings()[0].id > left.id


def test_hashes_of_feed_files_are_kept(state):
    state.memory.record_topics({"a": b"1", "b": b"2"}, [])
    state.memory.record_topics({"b": b"3"}, ["a"])
    assert state.memory.topics() == {"b": b"3"}


def test_both_have_the_same_tables(server, schema):
    postgres = PostgresDatabase(server, schema)
    lite = SqliteDatabase.in_memory()
    for table in KEYS:
        query = "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND"
        query += " table_name = ? ORDER BY ordinal_position"
        columns = [name for (name,) in postgres.rows(query, (schema, table))]
        assert columns == [row[1] for row in lite.rows(f'PRAGMA table_info("{table}")')]
        assert columns[: len(KEYS[table])] == list(KEYS[table])
    assert postgres.row("SELECT number FROM version") == (SCHEMA_VERSION,)
    assert set(KEYS) == {*CACHE, *MEMORY}
    postgres.close()


def test_a_schema_of_a_newer_feedpub_is_refused(server, schema):
    database = PostgresDatabase(server, schema)
    database._connection.execute("UPDATE version SET number = 99")
    database.commit()
    database.close()
    with pytest.raises(StateError, match="the state is version 99"):
        PostgresDatabase(server, schema)


def test_one_connection_at_a_time_writes_to_a_schema(server, schema, monkeypatch):
    monkeypatch.setattr("feedpub.databases.postgres._SESSION", "SET lock_timeout = '100ms'")
    database = PostgresDatabase(server, schema)
    with pytest.raises(BusyError, match="another program uses the state"):
        PostgresDatabase(server, schema)
    PostgresDatabase(server, f"{schema}_too").close()
    database.close()
    PostgresDatabase(server, schema).close()


def test_a_database_file_of_before_is_brought_up_to_date(tmp_path):
    location = tmp_path / "state.sqlite3"
    SqliteDatabase.open(location).close()
    connection = sqlite3.connect(location)
    connection.executescript(
        "DROP TABLE note; DROP TABLE ping; DROP TABLE topic; PRAGMA user_version = 4;"
    )
    connection.close()
    database = SqliteDatabase.open(location)
    assert list(database.rows("SELECT * FROM note")) == []
    database.close()
