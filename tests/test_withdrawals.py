"""Which feeds tell that an entry was withdrawn, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedpub.feed import Withdrawal
from feedpub.withdrawals import by_path, expiry, tombstones, window_key

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())
SHOWN = {"all": window_key(["a", "b"]), "topics/law": window_key(["b"])}


def told(last=(), windows=SHOWN, gone=(), listed=(), oldest=LONG_AGO):
    def shows(_path, id_):
        return id_ in listed

    return tombstones(last, windows, dict.fromkeys(gone, SECONDS), shows, oldest)


def test_every_feed_that_showed_an_entry_tells_that_it_is_gone():
    assert told(gone="b") == [("all", "b", SECONDS), ("topics/law", "b", SECONDS)]


def test_a_feed_that_did_not_show_an_entry_tells_nothing():
    assert told(gone="a") == [("all", "a", SECONDS)]


def test_an_entry_that_no_feed_showed_is_not_told_of():
    assert told(gone="c") == []


def test_an_entry_that_others_of_its_story_still_stand_for_is_not_told_of():
    assert told(gone="a", listed="a") == []


def test_a_tombstone_stays():
    assert told(last=[("all", "x", SECONDS)]) == [("all", "x", SECONDS)]


@pytest.mark.parametrize(("age", "stays"), [(-1, True), (0, False), (1, False)])
def test_a_tombstone_goes_when_its_time_is_over(age, stays):
    oldest = MOMENT + timedelta(seconds=age)
    assert bool(told(last=[("all", "x", SECONDS)], oldest=oldest)) is stays


def test_a_tombstone_goes_when_its_entry_is_listed_again():
    assert told(last=[("all", "a", SECONDS)], listed="a") == []


def test_an_entry_withdrawn_again_is_told_of_with_the_later_moment():
    assert told(last=[("all", "a", 1)], gone="a", oldest=LONG_AGO) == [("all", "a", SECONDS)]


@given(st.permutations(["a", "b", "c"]), st.permutations(list(SHOWN.items())))
def test_the_order_of_entries_and_feeds_does_not_matter(gone, windows):
    assert told(gone=gone, windows=dict(windows)) == told(gone="abc")


def test_entries_are_told_of_latest_first_then_by_id():
    stones = [("all", "b", SECONDS), ("all", "c", SECONDS + 9), ("all", "a", SECONDS)]
    assert [withdrawal.id for withdrawal in by_path(stones)["all"]] == ["c", "a", "b"]


def test_each_feed_tells_of_its_own_entries():
    stones = [("all", "a", SECONDS), ("topics/law", "b", SECONDS)]
    assert by_path(stones)["topics/law"] == (Withdrawal(id="b", moment=MOMENT),)


def test_the_first_tombstone_to_go_is_the_oldest():
    stones = [("all", "a", SECONDS + 60), ("all", "b", SECONDS)]
    assert expiry(stones, timedelta(days=30)) == MOMENT + timedelta(days=30)


def test_without_tombstones_none_expires():
    assert expiry([], timedelta(days=30)) is None


def test_a_tombstone_is_gone_at_the_moment_of_its_expiry():
    stone = ("all", "x", SECONDS)
    end = expiry([stone], timedelta(days=30))
    assert told(last=[stone], oldest=end - timedelta(days=30)) == []


@given(st.lists(st.text(), unique=True))
def test_windows_tell_any_ids_apart(ids):
    stones = told(gone=ids, windows={"all": window_key(ids)})
    assert [id_ for _, id_, _ in stones] == sorted(ids)
