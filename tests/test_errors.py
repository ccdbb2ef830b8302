import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedpub import errors
from feedpub.errors import Problem, RecordError, printable, quoted


def problem(**fields):
    return Problem(
        **({"code": "no-title", "source": "articles/a.md", "message": "no title"} | fields)
    )


def test_problem_says_file_and_line_first():
    assert str(problem(line=12)).startswith("articles/a.md:12: no title")


def test_problem_without_a_line_says_the_file():
    assert str(problem()) == "articles/a.md: no title"


def test_problem_says_what_to_do_last():
    assert str(problem(help="add title:")) == "articles/a.md: no title (add title:)"


def test_problem_is_an_error_unless_it_says_otherwise():
    assert problem().severity == "error"


def test_file_name_with_a_line_break_cannot_forge_a_line():
    assert "\n" not in str(problem(source="a.md\nerror: b.md"))


def test_file_name_with_an_override_cannot_disguise_itself():
    assert str(problem(source="a\u202edm.exe")) == "a\\u202edm.exe: no title"


def test_file_name_that_is_not_utf_8_can_be_printed():
    str(problem(source="caf\udce9.md")).encode()


def test_quoted_text_stands_in_quotes():
    assert quoted("a title") == "'a title'"


def test_quoted_text_keeps_letters_of_any_script():
    assert quoted("Bücher 図書館") == "'Bücher 図書館'"


def test_long_text_is_cut_with_an_ellipsis():
    assert quoted("x" * 300, 10) == "'" + "x" * 9 + "…'"


def test_text_of_just_the_limit_is_not_cut():
    assert quoted("x" * 10, 10) == "'" + "x" * 10 + "'"


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\x1b", "\0", "\u200b", "\u2028", "\u202e", "\ufeff"]
)
def test_invisible_character_is_escaped(character):
    assert character not in quoted(f"a{character}b")


@given(st.text())
def test_printable_text_is_one_line_of_any_encoding_that_knows_unicode(text):
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode()


@given(st.text(string.ascii_letters + string.digits + " .:/-äß"))
def test_harmless_text_is_printed_as_it_is(text):
    assert printable(text) == text


def test_record_error_becomes_a_problem_with_its_own_line():
    error = RecordError("bad-date", "no such date", line=4, help="write it like this")
    assert error.problem("a.md", 1) == problem(
        code="bad-date", source="a.md", message="no such date", line=4, help="write it like this"
    )


def test_record_error_without_a_line_takes_the_line_of_the_record():
    assert RecordError("no-date", "no date").problem("a.yaml", 7).line == 7


def test_record_error_is_not_one_that_ends_a_run():
    assert not issubclass(RecordError, errors.FeedpubError)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigError, 78),
        (errors.NotOursError, 78),
        (errors.EnvironmentUnfitError, 78),
        (errors.OutputError, 74),
        (errors.BusyError, 75),
        (errors.RefusedError, 4),
    ],
)
def test_error_ends_the_run_with_the_code_of_sysexits(error, code):
    assert error.exit_code == code
    assert issubclass(error, errors.FeedpubError)


def test_configuration_error_holds_every_mistake():
    error = errors.ConfigError(["config.yaml:1: a", "config.yaml:2: b"])
    assert error.mistakes == ["config.yaml:1: a", "config.yaml:2: b"]


def test_configuration_error_says_one_mistake_a_line():
    assert str(errors.ConfigError(["a", "b"])) == "a\nb"
