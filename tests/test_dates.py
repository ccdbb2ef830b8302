import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedpub.dates import DateError, parse_date, parse_duration, rfc822, rfc3339

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
GOOD = {
    "1970-01-01T00:00:00Z": "1970-01-01T00:00:00Z",
    "2038-01-19T03:14:08Z": "2038-01-19T03:14:08Z",
    "2099-01-01T00:00:00Z": "2099-01-01T00:00:00Z",
    "2024-01-30": "2024-01-30T00:00:00Z",
    "2024-01-30 13:53:00": "2024-01-30T13:53:00Z",
    "2024-01-30T13:53:00": "2024-01-30T13:53:00Z",
    "2024-01-30T13:53Z": "2024-01-30T13:53:00Z",
    "2024-01-30t13:53:00z": "2024-01-30T13:53:00Z",
    " 2024-01-30T13:53:00Z\n": "2024-01-30T13:53:00Z",
    "2024-01-30T13:53:00-00:00": "2024-01-30T13:53:00Z",
    "2024-01-30T13:53:00+05:30": "2024-01-30T08:23:00Z",
    "2024-01-30T13:53:00+0530": "2024-01-30T08:23:00Z",
    "2024-01-30 13:53:00 -07:00": "2024-01-30T20:53:00Z",
    "2024-01-30T13:53:00.123456789Z": "2024-01-30T13:53:00Z",
    "2024-01-30T13:53:00 EST": "2024-01-30T18:53:00Z",
    "Tue, 30 Jan 2024 13:53:00 GMT": "2024-01-30T13:53:00Z",
    "Tue, 30 Jan 2024 13:53:00 +0000": "2024-01-30T13:53:00Z",
    "Tue Jan 30 13:53:00 PDT 2024": "2024-01-30T20:53:00Z",
    "30 January 2024": "2024-01-30T00:00:00Z",
    "January 30, 2024 1:53 PM": "2024-01-30T13:53:00Z",
    "30/01/2024": "2024-01-30T00:00:00Z",
    "02/02/2024": "2024-02-02T00:00:00Z",
    "2024/01/02": "2024-01-02T00:00:00Z",
    "2024.1.2": "2024-01-02T00:00:00Z",
    "20240130": "2024-01-30T00:00:00Z",
    "2024-02-29": "2024-02-29T00:00:00Z",
}
REFUSED = {
    "impossible": [
        "2024-13-45", "2024-02-30T00:00:00Z", "2023-02-29", "2024-01-01T25:00:00Z",
        "2024-01-01T00:00:60Z", "2024-01-30T13:53:00+99:99", "2024-01-30T13:53:00+24:00",
        "0000-01-01", "10000-01-01T00:00:00Z", "-0001-01-01",
    ],
    "implausible": [
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0999-12-31T00:00:00Z",
        "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z",
        "2201-01-01T00:00:00Z", "1970-01-01T00:00:00+05:30",
    ],
    "incomplete": [
        "January", "10", "12:30", "13:53", "Monday", "January 2024", "2024", "2024-01", "2024-W05",
        "2024 10:30", "30 January", "", " ",
    ],
    "ambiguous": ["01/02/2024", "05-01-2024", "1.2.2024", "10/11/12", "2024-01-30 13:53 UTC+3"],
    "of a two-digit year": ["30/01/24", "30 Jan 24", "1/2/03", "Jan 30 '24"],
    "no date": [
        "now", "today", "true", "null", "1706622780", "1706622780000", "9" * 5000, "a" * 200_000,
        "２０２４-01-30", "2024年1月30日", "2024-01-30T13:53:00\x00Z0",
    ],
    "of an unknown zone": [
        "2024-03-10T02:30:00 America/New_York", "2024-01-30T13:53:00 CET", "2024-01-30 13:53 XYZ",
    ],
}  # fmt: skip
REFUSED_TEXTS = [
    pytest.param(text, id=f"{kind} {text[:30]!a}")
    for kind, texts in REFUSED.items()
    for text in texts
]


@pytest.fixture(params=ZONES)
def machine_zone(request, monkeypatch):
    """Make the machine live in a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("text", "instant"), GOOD.items())
def test_date_is_the_instant_its_text_names(text, instant):
    assert rfc3339(parse_date(text)) == instant


@pytest.mark.parametrize("text", REFUSED_TEXTS)
def test_doubtful_date_is_refused(text):
    with pytest.raises(DateError):
        parse_date(text)


@pytest.mark.parametrize(
    "text", ["Tue, 30 Jan 24 13:53:00 +0000", "30 Jan 24 13:53 +0100", "Jan 30 '24 1200"]
)
def test_two_digit_year_beside_an_offset_is_refused(text):
    with pytest.raises(DateError):
        parse_date(text)


@pytest.mark.parametrize("text", ["240130", "301224", "012024"])
def test_six_digits_are_no_date(text):
    with pytest.raises(DateError):
        parse_date(text)


@pytest.mark.parametrize(
    "text", ["Jan 30 2024 13:53 PST-0800", "2024-01-30 13:53 EST+5", "Jan 30 2024 13:53 ABC-3"]
)
def test_offset_after_any_zone_name_is_refused(text):
    with pytest.raises(DateError):
        parse_date(text)


def test_weekday_does_not_stand_in_for_the_day():
    with pytest.raises(DateError):
        parse_date("Tue January 2024")


@pytest.mark.usefixtures("machine_zone")
def test_zone_of_the_machine_changes_no_date():
    assert {text: rfc3339(parse_date(text)) for text in GOOD} == GOOD


@pytest.mark.usefixtures("machine_zone")
@pytest.mark.parametrize("text", ["2024-01-30 13:53 CET", "2024-01-30 13:53 IST"])
def test_zone_name_of_the_machine_is_not_trusted(text):
    with pytest.raises(DateError):
        parse_date(text)


def test_date_without_offset_is_in_the_given_zone():
    assert rfc3339(parse_date("2024-07-01 12:00", ZoneInfo("Europe/Berlin"))) == (
        "2024-07-01T10:00:00Z"
    )


def test_date_alone_is_midnight_in_the_given_zone():
    assert rfc3339(parse_date("2024-07-01", ZoneInfo("Asia/Tokyo"))) == "2024-06-30T15:00:00Z"


def test_offset_wins_over_the_given_zone():
    assert rfc3339(parse_date("2024-07-01T12:00Z", ZoneInfo("Asia/Tokyo"))) == (
        "2024-07-01T12:00:00Z"
    )


def test_hour_that_a_clock_change_skips_is_still_a_date():
    assert parse_date("2024-03-10 02:30", ZoneInfo("America/New_York")).tzinfo is UTC


@given(st.text(alphabet="0123456789-:/., +TZ", max_size=30) | st.text(max_size=45))
def test_any_text_is_a_date_or_a_date_error(text):
    try:
        moment = parse_date(text)
    except DateError:
        return
    assert moment.utcoffset() == timedelta(0)


@given(
    st.lists(
        st.sampled_from(
            "2024 30 01 Jan January Tue T Z UTC EST + - : 13 53 00 . / am PM , 99".split()
        ),
        max_size=8,
    ).map(" ".join)
)
@example("1969-12-31T23:59:59Z")
@example("January 30 2201")
@example("30 01 30 2024")
def test_any_pieces_of_dates_are_a_date_or_a_date_error(text):
    try:
        moment = parse_date(text)
    except DateError:
        return
    assert abs(moment.year - 2024) <= 1, "no other year is among the pieces"
    assert parse_date(rfc3339(moment)) == moment


@given(
    st.datetimes(
        min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2200, 12, 30),  # noqa: DTZ001
        timezones=st.timezones(),
    )
)
def test_written_date_reads_as_the_same_instant(moment):
    assert parse_date(rfc3339(moment)) == moment.astimezone(UTC).replace(microsecond=0)


def test_date_of_rss_is_in_english_with_gmt():
    assert rfc822(datetime(2026, 3, 1, 2, 3, 4, tzinfo=UTC)) == "Sun, 01 Mar 2026 02:03:04 GMT"


@given(
    st.datetimes(
        min_value=datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(9998, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([ZoneInfo(zone) for zone in ZONES]),
    )
)
def test_date_of_rss_is_that_of_the_standard_library(moment):
    assert rfc822(moment) == format_datetime(moment.astimezone(UTC), usegmt=True)


@given(
    st.dates(
        min_value=datetime(1971, 1, 1, tzinfo=UTC).date(),
        max_value=datetime(2199, 1, 1, tzinfo=UTC).date(),
    )
)
def test_day_reads_as_its_midnight(day):
    assert rfc3339(parse_date(day.isoformat())) == f"{day}T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("10s", timedelta(seconds=10)),
        ("36h", timedelta(hours=36)),
        ("30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
        (" 2 W ", timedelta(weeks=2)),
    ],
)
def test_durations_are_seconds_hours_days_or_weeks(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "30", "d", "1m", "-1d", "1.5d", "٣d", "999999d", "1d 2h"])
def test_other_durations_are_refused(text):
    with pytest.raises(ValueError, match="like 30d"):
        parse_duration(text)
