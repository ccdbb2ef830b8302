"""`title: C #1` is `C` to YAML, and whoever wrote it is told."""

import pytest
from support import record


def warned(workspace, text, name="a.md"):
    workspace.write(name, text)
    problems = workspace.build().survey.warnings
    return [(p.line, p.field) for p in problems if p.code == "comment"]


@pytest.mark.parametrize("title", ["C #1", "C\t# 1", "C #", "In C  #1 is a comment"])
def test_title_that_a_comment_cuts_is_warned_about(workspace, title):
    assert warned(workspace, record(title=title)) == [(2, "title")]


def test_warning_says_what_to_do(workspace):
    workspace.write("a.md", record(title="C #1"))
    (problem,) = workspace.build().survey.warnings
    assert str(problem) == (
        "articles/a.md:2: title: what follows # is a comment in YAML, and left out"
        " (put the text into quotation marks if it is part of it)"
    )


def test_excerpt_and_topics_that_a_comment_cuts_are_warned_about(workspace):
    text = record(excerpt="We are #1", topics="\n  - C #1\n  - C#\n  - F #2")
    assert warned(workspace, text) == [(3, "excerpt"), (8, "topics"), (10, "topics")]


def test_records_of_a_yaml_file_are_warned_about(workspace):
    text = (
        "- title: A #1\n  url: /a\n  date: 2026-01-01\n- title: B\n  url: /b\n  date: 2026-01-01\n"
    )
    assert warned(workspace, text, "a.yaml") == [(1, "title")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", record(title="C#1")),
        ("a.md", record(title='"C #1"')),
        ("a.md", record(title="'C #1'")),
        ("a.md", record(title=">-\n  C #1")),
        ("a.md", record(title="C", body="# C #1\n")),
        ("a.md", record(layout="C #1")),
        ("a.md", record(excerpt="# to be written")),
        ("a.md", record(topics="\n  - # none yet\n  - C")),
        ("a.json", '{"title": "C #1", "url": "/c", "date": "2026-01-01"}'),
    ],
)
def test_text_that_no_comment_cuts_is_not_warned_about(workspace, name, text):
    assert warned(workspace, text, name) == []
