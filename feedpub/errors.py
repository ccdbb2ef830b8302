"""The taxonomy of what can go wrong, and how it is said.

An *error* (`FeedpubError` and below) ends the run with a documented exit code. A *problem*
(`Problem`) is a value: one record or one field that could not be used while the run goes on.
"""

import unicodedata
from typing import ClassVar, Literal

from msgspec import Struct

Severity = Literal["error", "warning", "note"]

_MEND_FOLDER = "let feedpub read it, or leave it out with exclude: or from sources:"
_UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def quoted(value: str, limit: int = 200) -> str:
    """Return `value` fit for one line of a log: quoted, shortened, control characters escaped.

    Bidirectional overrides and zero-width characters are escaped too, so that a record cannot
    forge or disguise a line.
    """
    shown = value if len(value) <= limit else value[: limit - 1] + "…"
    return "'" + printable(shown) + "'"


def printable(text: str) -> str:
    """Escape every character of `text` that is invisible or would move the cursor."""
    return "".join(
        c.encode("unicode_escape", "surrogatepass").decode("ascii")
        if unicodedata.category(c) in _UNPRINTABLE_CATEGORIES
        else c
        for c in text
    )


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: `1 record`, `2 records`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


class Problem(Struct, frozen=True, kw_only=True):
    """Something in the input that could not be used as it stands.

    `error`: the record is left out. `warning`: something about it is not as it should be. `note`:
    worth knowing, and no more; only `feedpub check` says it.
    `source` is the file as the user knows it, `line` counts from 1. The last good version of the
    record stays published until `stale_until`, a date.
    """

    code: str
    source: str
    message: str
    line: int | None = None
    help: str | None = None
    severity: Severity = "error"
    field: str | None = None
    stale_until: str | None = None

    def __str__(self) -> str:
        """Say where, what and what to do, on one line."""
        place = f"{printable(self.source)}:{self.line}" if self.line else printable(self.source)
        text = f"{place}: {self.message}"
        if self.help:
            text += f" ({self.help})"
        return f"{text}; stays as it was until {self.stale_until}" if self.stale_until else text


class RecordError(Exception):
    """A record cannot become an article; the source turns this into a `Problem`."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        line: int | None = None,
        help: str | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.help = help
        self.field = field

    def problem(self, source: str, line: int | None = None) -> Problem:
        """Return the value that names the file, and `line` where the error knows none."""
        return Problem(
            code=self.code,
            source=source,
            line=self.line or line,
            message=self.message,
            help=self.help,
            field=self.field,
        )


class FeedpubError(Exception):
    """Base of everything that ends a run; `exit_code` follows sysexits.h where it can."""

    exit_code: ClassVar[int] = 1


class ConfigError(FeedpubError):
    """The configuration cannot be used; `mistakes` holds every mistake, one line each."""

    exit_code = 78

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class UnreadableFolderError(ConfigError):
    """A folder that cannot be read; its records are not gone.

    `location` is where it is, `shown` how messages name it, `reason` why it cannot be read.
    """

    def __init__(self, location: str, shown: str, reason: str) -> None:
        self.location, self.shown, self.reason = location, shown, reason
        super().__init__([f"{printable(shown)}: {reason}; nothing was published ({_MEND_FOLDER})"])

    def problem(self) -> Problem:
        """Return the value of a run in which the records of the folder stay as they were."""
        return Problem(
            code="unreadable-folder",
            source=self.shown,
            message=f"{self.reason}; its records stay as they were",
            help=_MEND_FOLDER,
        )


class UnreadableFileError(ConfigError):
    """A metadata file that cannot be read just now; what it says still holds."""

    def __init__(self, problem: Problem) -> None:
        mend = problem.help or "let feedpub read it, or take it away"
        place = printable(problem.source)
        super().__init__([f"{place}: {problem.message}; nothing was published ({mend})"])


def unreadable(error: OSError, shown: str) -> ConfigError:
    """Return the error of a configuration that is not there or cannot be read."""
    if isinstance(error, FileNotFoundError):
        hint = "name one with -c FILE, or run `feedpub init` to make one"
        return ConfigError([f"{shown}: there is no such file ({hint})"])
    return ConfigError([f"{shown}: cannot be read: {error.strerror}"])


class NotOursError(FeedpubError):
    """The output folder, or a file in it, was not written by feedpub."""

    exit_code = 78


class EnvironmentUnfitError(FeedpubError):
    """The installation lacks something feedpub cannot work without."""

    exit_code = 78


class OutputError(FeedpubError):
    """A file of the output could not be written; the previous one still stands."""

    exit_code = 74


class StateError(FeedpubError):
    """The state cannot be used as it is."""

    exit_code = 78


class UnwritableStateError(StateError):
    """The state cannot be written; what is published is old or new, and the next run goes on."""

    exit_code = 74


class AddressError(FeedpubError):
    """The preview cannot be served at this address."""

    exit_code = 78


class RefusedError(FeedpubError):
    """What is about to be published looks like an accident; nothing was done."""

    exit_code = 4


class UnfetchedError(RefusedError):
    """A source elsewhere is down, and none of its records are known; nothing was published."""


class BusyError(FeedpubError):
    """Another run is at work on the same site; nothing was done."""

    exit_code = 75


class UnavailableError(FeedpubError):
    """A service that the configuration names cannot be reached; the next run may find it again."""

    exit_code = 75
