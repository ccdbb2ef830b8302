"""Which feed rules have tests, and why the others have none."""

import ast
import re
from pathlib import Path

import pytest
from support import PROJECT

RULES = PROJECT.parent / "shared" / "feed-rules.md"
TESTS = Path(__file__).resolve().parents[1]

# Every rule of §§1-9 and 11 that is a MUST or that no validator notices, and 100 and 111.
REQUIRED = frozenset(
    """1 2 3 5 6 9 10 11 12 14 16 17 18 22 23 25 26 27 28 29 30 31 33 36 38 39 41 42 45 46 48 50 51
    52 53 55 56 60 61 62 66 69 70 72 73 74 75 77 79 81 82 85 86 87 92 93 94 99 100
    101 102 111""".split()
)
# MUST rules, or whole sections, that do not apply now.
NOT_APPLICABLE = {
    "4": "either spelling of & and < is allowed; rule 5 fixes ours in addresses and attributes",
    "19": "ttl, skipHours and skipDays are not written (test_rules_rss_channel sees to it)",
    "20": "sy:updatePeriod and sy:updateFrequency are not written (likewise)",
    "96": "no feed is complete; one without archives says nothing of either (tests/test_archives)",
    "97": "there are no paged feeds, only archived ones",
    "98": "tests/test_archives, with all archives of a site",
    "108": "what a server sends is its own; Document.media_type is tested with the formats",
    "109": "names of files are tested with the formats",
    "110": "no stylesheet instruction is written",
}


def rules_with_tests():
    """Return the numbers that the `rule` markers of all tests name."""
    found = set()
    for location in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(location.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found |= {number for mark in node.decorator_list for number in _numbers(mark)}
    return found


def _numbers(decorator):
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule":
        return {str(ast.literal_eval(argument)) for argument in decorator.args}
    return set()


def rules_of_the_document():
    parts = re.split(r"^(\d+)\. ", RULES.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_rule_that_applies_has_a_test():
    assert sorted(REQUIRED - rules_with_tests(), key=int) == []


def test_rule_that_does_not_apply_has_no_test():
    assert sorted(NOT_APPLICABLE.keys() & rules_with_tests(), key=int) == []


@pytest.mark.skipif(not RULES.is_file(), reason="../shared/feed-rules.md is not on this machine")
def test_every_must_of_the_document_is_required_or_excused():
    musts = {n for n, text in rules_of_the_document().items() if re.search(r"MUST|own test", text)}
    assert sorted(musts - REQUIRED - NOT_APPLICABLE.keys(), key=int) == []


@pytest.mark.skipif(not RULES.is_file(), reason="../shared/feed-rules.md is not on this machine")
def test_every_rule_of_the_document_is_tested_or_excused():
    numbers = set(rules_of_the_document())
    assert sorted(numbers - rules_with_tests() - NOT_APPLICABLE.keys(), key=int) == []
