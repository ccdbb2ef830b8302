"""A record that moved has another id, unless it carries one: whoever moved it is told."""

import pytest
from support import Workspace, record

from feedpub.state import State


@pytest.fixture
def site(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.state = State.in_memory()
    for number in range(3):
        workspace.write(f"other-{number}.md", record(webUrl=f"https://www.example.com/{number}"))
    return workspace


def moved(site, before, after):
    """Build with a record, move it, and return the warnings of the next build."""
    link = {"webUrl": "https://www.example.com/drills"}
    site.write("a.md", record(**before, **link))
    site.build(state=site.state)
    (site.folder / "articles/a.md").unlink()
    site.write("b.md", record(**after, **link))
    report = site.build(state=site.state)
    return [problem for problem in report.survey.problems if problem.code == "renamed"]


def test_renamed_record_is_named_with_where_it_was(site):
    [problem] = moved(site, {}, {})
    assert (problem.source, problem.severity) == ("articles/b.md", "warning")
    assert "articles/a.md" in problem.message


def test_warning_is_given_once(site):
    moved(site, {}, {})
    report = site.build(state=site.state)
    assert "renamed" not in {problem.code for problem in report.survey.problems}


def test_record_that_carries_its_id_may_move(site):
    own = {"id": "https://www.example.com/id/drills"}
    assert moved(site, own, own) == []


def test_new_record_with_another_link_is_none_that_moved(site):
    site.write("a.md", record(webUrl="https://www.example.com/a"))
    site.build(state=site.state)
    (site.folder / "articles/a.md").unlink()
    site.write("b.md", record(webUrl="https://www.example.com/b"))
    problems = site.build(state=site.state).survey.problems
    assert "renamed" not in {problem.code for problem in problems}
