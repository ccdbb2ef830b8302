"""What is remembered of articles: what changed, what is new, what is gone, what came back."""

from datetime import timedelta

import pytest
from support import DAY, NOW, article

from feedpub.editorial import VERSION
from feedpub.recollection import Remembered, recollect

TWO_DAYS = timedelta(days=2)
SECONDS = int(NOW.timestamp())
HOURS_AGO = {hours: SECONDS - hours * 3600 for hours in (1, 24, 47, 48, 49)}


def listed(name="a", text=b"as it was", **fields):
    return article(name, id=name, fingerprint=text, **fields)


def fact(name="a", story=None, **fields):
    known = {"fingerprint": b"as it was", "version": VERSION}
    return Remembered(id=name, story=story or name, **(known | fields))


def after(articles, facts, min_visible=TWO_DAYS):
    return recollect(articles, facts, NOW, min_visible)


def test_the_first_run_gives_no_article_a_moment():
    (kept,) = after([listed()], []).with_new({"a": "a"})
    assert (kept.arrived, kept.changed, kept.gone) == (None, None, None)


def test_the_first_run_has_no_late_arrivals():
    assert after([listed()], []).arrived == {}


def test_a_new_article_arrives_now():
    result = after([listed("a"), listed("b")], [fact("a")])
    assert result.arrived == {"b": NOW}


def test_a_new_article_is_remembered_with_its_moment_and_story():
    result = after([listed("a"), listed("b")], [fact("a")])
    assert result.with_new({"b": "a"}) == [fact("b", story="a", arrived=SECONDS)]


def test_a_known_article_that_is_as_it_was_leaves_nothing_to_remember():
    assert after([listed()], [fact(arrived=1, changed=2)]).with_new({}) == []


def test_a_known_article_keeps_its_story():
    assert after([listed("b")], [fact("b", story="a")]).stories == {"b": "a"}


def test_an_edit_is_remembered_with_the_time_of_the_run():
    result = after([listed(text=b"edited")], [fact()])
    assert result.with_new({}) == [fact(fingerprint=b"edited", changed=SECONDS)]


def test_an_edit_is_dated_by_the_run_where_the_record_gives_no_date():
    edited = listed(text=b"edited")
    assert after([edited], [fact()]).dated(edited).updated == NOW


def test_an_edit_is_dated_by_the_record_where_it_gives_a_date():
    edited = listed(text=b"edited", updated=DAY)
    assert after([edited], [fact()]).dated(edited).updated == DAY


def test_an_edit_stays_dated_in_later_runs():
    known = fact(changed=HOURS_AGO[49])
    assert after([listed()], [known]).dated(listed()).updated == NOW - timedelta(hours=49)


def test_an_edit_is_not_dated_before_the_article():
    ahead = listed(published=NOW + timedelta(minutes=30), text=b"edited")
    assert after([ahead], [fact()]).dated(ahead).updated == ahead.published


def test_an_article_that_never_changed_gets_no_date():
    assert after([listed()], [fact()]).dated(listed()).updated is None


def test_a_new_version_of_the_fingerprint_is_no_change():
    anew = after([listed(text=b"otherwise")], [fact(version=VERSION - 1)])
    assert anew.changed == {}


def test_a_new_version_of_the_fingerprint_is_remembered():
    anew = after([listed(text=b"otherwise")], [fact(version=VERSION - 1)])
    assert anew.with_new({}) == [fact(fingerprint=b"otherwise")]


def test_a_new_version_of_the_fingerprint_forgets_no_earlier_change():
    known = fact(version=VERSION - 1, changed=HOURS_AGO[1])
    assert "a" in after([listed(text=b"otherwise")], [known]).changed


def test_an_article_that_is_no_longer_listed_is_gone_now_under_either_id():
    assert after([], [fact("b", story="a")]).gone(set()) == {"a": SECONDS, "b": SECONDS}


def test_an_article_that_is_still_there_but_not_listed_is_not_gone():
    assert after([], [fact("a")]).gone({"a"}) == {}


def test_an_article_is_gone_but_once():
    result = after([], [fact(gone=HOURS_AGO[1])])
    assert (result.gone(set()), result.facts) == ({}, [])


def test_an_article_that_came_back_is_not_gone():
    (kept,) = after([listed()], [fact(gone=HOURS_AGO[1])]).facts
    assert kept.gone is None


def test_an_article_that_came_back_is_no_late_arrival():
    assert after([listed()], [fact(gone=HOURS_AGO[1])]).arrived == {}


def test_an_article_that_came_back_is_in_its_story_again():
    assert after([listed("b")], [fact("b", story="a", gone=1)]).stories == {"b": "a"}


def test_an_article_that_came_back_as_it_was_has_not_changed():
    assert after([listed()], [fact(gone=HOURS_AGO[1])]).changed == {}


def test_an_article_that_came_back_edited_has_changed():
    assert after([listed(text=b"edited")], [fact(gone=1)]).changed == {"a": NOW}


@pytest.mark.parametrize(("hours", "late"), [(1, True), (47, True), (48, False), (49, False)])
def test_a_late_arrival_is_one_for_the_hours_of_the_configuration(hours, late):
    result = after([listed()], [fact(arrived=HOURS_AGO[hours])])
    assert ("a" in result.arrived) is late


def test_nothing_arrives_late_where_no_time_is_granted():
    assert after([listed("a"), listed("b")], [fact("a")], min_visible=timedelta()).arrived == {}
