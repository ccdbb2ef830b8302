"""What a feed says of a picture that was measured, and when it is measured again."""

from datetime import timedelta

import pytest
from support import image

from feedpub.measurements import Measurement, to_measure, with_measurement

URL = image().url
FOUND = Measurement(URL, 1, 1234, "image/png", 640, 480)
DAY = int(timedelta(days=1).total_seconds())


def test_a_picture_that_was_not_measured_stays_as_it_is():
    assert with_measurement(image(), None) == image()


def test_what_was_measured_is_told_where_the_record_says_nothing():
    measured = with_measurement(image(), FOUND)
    assert measured == image(length_bytes=1234, media_type="image/png", width=640, height=480)


def test_what_a_record_says_is_told():
    said = image(type_declared=True, width=320, height=240)
    assert with_measurement(said, FOUND) == image(
        type_declared=True, width=320, height=240, length_bytes=1234
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"width": 640}, (640, 480)),
        ({"height": 480}, (640, 480)),
        ({"width": 600}, (600, None)),
        ({"height": 9}, (None, 9)),
    ],
    ids=str,
)
def test_one_side_in_a_record_is_completed_if_it_agrees(said, told):
    measured = with_measurement(image(**said), FOUND)
    assert (measured.width, measured.height) == told


def test_a_picture_does_not_become_a_video():
    film = FOUND._replace(media_type="video/mp4")
    assert with_measurement(image(), film).media_type == "image/jpeg"


def test_what_nobody_found_out_is_not_told():
    assert with_measurement(image(), Measurement(URL, 1, failure="is no picture")) == image()


@pytest.mark.parametrize(
    ("known", "days"), [(FOUND, 90), (FOUND._replace(failure="is empty, or cut short"), 7)]
)
def test_a_measurement_holds_for_a_while(known, days):
    def due(now):
        return to_measure([URL], {URL: known}, now)

    assert due(days * DAY) == []
    assert due(days * DAY + 1) == [known]


def test_pictures_never_measured_come_first_as_they_are_shown():
    known = {"b": Measurement("b", 5), "d": Measurement("d", 4)}
    due = to_measure("abcd", known, 1000 * DAY)
    assert [item.url for item in due] == ["a", "c", "d", "b"]
