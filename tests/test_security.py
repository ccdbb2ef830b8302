"""Each claim of SECURITY.md has a test, which is there."""

import re

import pytest
from support import PROJECT

PAGE = (PROJECT / "SECURITY.md").read_text("utf-8")
ROWS = [row for row in PAGE.splitlines() if row.startswith("| ")][1:]
TESTS = {
    name
    for path in (PROJECT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_claim_has_tests_that_there_are(row):
    named = set(re.findall(r"`(test_\w+)`", row))
    assert named
    assert named <= TESTS


def test_links_of_the_page_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGE):
        assert (PROJECT / target).exists(), target
