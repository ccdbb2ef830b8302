"""Dates of records: ISO 8601 / RFC 3339 first, dateutil as a guarded fall-back.

A date is what the record says, never what the day of the run or the time zone of the machine
would add to it.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo

_MAX_LENGTH = 40
_FIRST_YEAR, _LAST_YEAR = 1970, 2200

# As nearly all dates are written: nothing has to be done to what it names.
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_ISO = re.compile(
    r"""(?P<date>\d{4}-\d{2}-\d{2})
    (?:[Tt ]\s*(?P<time>\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d{1,9})?
    \s*(?P<offset>[Zz]|[+-]\d{2}:?\d{2})?)?""",
    re.VERBOSE | re.ASCII,
)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)", re.ASCII)
# dateutil reads `UTC+3` as three hours *behind* UTC, as POSIX does and nobody expects.
_POSIX_OFFSET = re.compile(
    r"(?:UTC|GMT|UT|Z)\s*[+-]|:\d\d(?:[:.,]\d+)*\s*(?:[AP]M\s*)?(?![AP]M\b)[A-Z]+\s*[+-]\s*\d",
    re.IGNORECASE | re.ASCII,
)
# A year by itself, or at the head of 20240130, 202401301353, 20240130135300: `1200` is a time.
_YEAR = re.compile(r"(?<!\d)(?:1[89]|2[0-3])\d\d(?:\d{4}(?:\d{4}(?:\d\d)?)?)?(?!\d)", re.ASCII)
_SHORT_YEAR = re.compile(r"['`]\d", re.ASCII)
# It says nothing the date does not say, and dateutil makes up a day from it.
_WEEKDAY = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]*", re.IGNORECASE
)
# RFC 822 §5.1; other names mean different things in different places.
_ZONE_HOURS = {
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip

# RFC 822 §5.1, in every locale.
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class DateError(ValueError):
    """A text is no date feedpub would dare to publish; the message says why."""


def parse_date(text: str, zone: tzinfo = UTC) -> datetime:
    """Return the instant `text` names, in UTC and whole seconds; raise `DateError` if none.

    A date without a time is its midnight, one without an offset is in `zone`.
    """
    text = text.strip()
    if len(text) > _MAX_LENGTH:
        raise DateError(f"longer than {_MAX_LENGTH} characters")
    try:
        moment = datetime.fromisoformat(text) if _USUAL.fullmatch(text) else _parsed(text, zone)
    except DateError:
        raise
    except (ValueError, OverflowError) as error:
        raise DateError("no such date") from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise DateError(f"outside the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def _parsed(text: str, zone: tzinfo) -> datetime:
    moment = _parse_iso(text) or _parse_loosely(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).replace(microsecond=0)


def _parse_iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    offset = (match["offset"] or "").upper()
    return datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00'}{offset}")


def _parse_loosely(text: str) -> datetime:
    """Parse with dateutil, twice, with readings and defaults that differ in every part.

    Where the two results differ, a part was missing or could be read in two ways.
    """
    from dateutil import parser  # 60 ms that a corpus of ISO dates never pays

    # dateutil guesses a century from today
    if not text.isascii() or not _YEAR.search(text) or _SHORT_YEAR.search(text):
        raise DateError("no year of four digits in it")
    if _POSIX_OFFSET.search(text):
        raise DateError("an offset after a zone name is read in two ways")
    text = _YEAR_FIRST.sub(r"\1-\2-\3", _WEEKDAY.sub("", text)).strip()
    year_leads = re.match(r"\d{4}\D", text) is not None
    readings = (
        (datetime(1972, 1, 1), False),  # noqa: DTZ001 - a default, not an instant
        (datetime(1976, 2, 2), not year_leads),  # noqa: DTZ001 - both leap years, for 29 February
    )
    try:
        first, second = (
            parser.parse(text, default=default, dayfirst=dayfirst, tzinfos=_zone_seconds)
            for default, dayfirst in readings
        )
    except parser.ParserError as error:
        raise DateError("not a date feedpub can read") from error
    if first != second:
        raise DateError("incomplete, or day and month could be swapped")
    if str(first.year) not in {found[0][:4] for found in _YEAR.finditer(text)}:
        raise DateError("the year of four digits is not where one is expected")  # taken for a time
    return first


def _zone_seconds(name: str | None, offset: int | None) -> int | None:
    """Give dateutil the offset of a zone in seconds, so that it never asks the machine."""
    if offset is not None or name is None:
        return offset
    try:
        return _ZONE_HOURS[name.upper()] * 3600
    except KeyError:
        raise DateError("unknown time zone name") from None


def rfc3339(moment: datetime) -> str:
    """Format as RFC 3339 in UTC, for Atom, JSON Feed and pages."""
    # Half the time of strftime.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def rfc822(moment: datetime) -> str:
    """Format as RFC 822 in UTC, for RSS and OPML."""
    # As `email.utils` would, which takes 6 ms to load; strftime would ask the locale.
    utc = moment.astimezone(UTC)
    day, month = _DAYS[utc.weekday()], _MONTHS[utc.month - 1]
    return f"{day}, {utc.day:02} {month} {utc.year:04} {utc.time().isoformat('seconds')} GMT"


def parse_duration(text: str) -> timedelta:
    """Read `10s`, `36h`, `30d` or `2w`; raise ValueError for anything else."""
    match = re.fullmatch(r"(\d{1,5})\s*([shdw])", text.strip().lower(), re.ASCII)
    if match is None:
        raise ValueError("expected a number and s, h, d or w, like 30d")
    unit = {"s": "seconds", "h": "hours", "d": "days", "w": "weeks"}[match[2]]
    return timedelta(**{unit: int(match[1])})
