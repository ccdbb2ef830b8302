"""What counts as a change by an editor."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import DAY, article, image, provider, related

from feedpub.editorial import editorial_fingerprint

BASE = {
    "title": "A title",
    "summary": "An excerpt.",
    "body": "A body.",
    "topics": ("Law", "Repair"),
    "images": (image("https://i.example/a.jpg"), image("https://i.example/b.jpg")),
}


def fingerprint(**fields):
    return editorial_fingerprint(article(**(BASE | fields)))


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Another title"},
        {"title": "a title"},
        {"summary": "Another excerpt."},
        {"summary": None},
        {"body": "Another body."},
        {"body": None},
        {"link": "https://www.example.com/moved"},
        {"topics": ("Law",)},
        {"topics": ("Law", "Repair", "Trade")},
        {"topics": ()},
        {"images": BASE["images"][:1]},
        {"images": (*BASE["images"], image("https://i.example/c.jpg"))},
        {"images": BASE["images"][::-1]},  # the first one leads
        {"images": ()},
    ],
    ids=str,
)
def test_a_change_readers_see_is_editorial(fields):
    assert fingerprint(**fields) != fingerprint()


@pytest.mark.parametrize(
    "fields",
    [
        {"heat": -1.0},
        {"quality": 77.0},
        {"related": (related(),)},
        {"related_keys": b"12345678"},
        {"related_unread": True},
        {"source": "elsewhere.md"},
        {"line": 7},
        {"published": DAY + timedelta(days=1)},
        {"updated": DAY + timedelta(days=1)},
        {"withheld": "unpublished"},
        {"provider": provider("Renamed Daily")},
        {"merged_ids": ("tag:example.org,2026:twin",)},
    ],
    ids=str,
)
def test_a_change_of_anything_else_is_not(fields):
    assert fingerprint(**fields) == fingerprint()


@pytest.mark.parametrize(
    "fields",
    [
        {"title": " A  title\n"},
        {"summary": "An\texcerpt. "},
        {"body": "\nA\n\nbody.\n"},
    ],
    ids=str,
)
def test_white_space_does_not_count(fields):
    assert fingerprint(**fields) == fingerprint()


def test_no_text_is_as_good_as_an_empty_one():
    assert fingerprint(summary=None) == fingerprint(summary="")


def test_words_that_move_from_title_to_excerpt_are_a_change():
    assert fingerprint(title="One two", summary="three") != fingerprint(
        title="One", summary="two three"
    )


def test_a_topic_called_like_a_picture_is_not_taken_for_it():
    url = "https://i.example/a.jpg"
    assert fingerprint(topics=(url,), images=()) != fingerprint(topics=(), images=(image(url),))


@given(st.text(), st.text())
def test_any_text_has_a_fingerprint_of_its_own(one, other):
    same = one.split() == other.split()
    assert (fingerprint(title=one) == fingerprint(title=other)) is same


def test_half_a_surrogate_pair_is_no_obstacle():
    assert fingerprint(title="\ud83d") != fingerprint()
