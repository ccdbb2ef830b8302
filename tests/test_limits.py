"""Limits: what is larger is cut where it is a text or a list, refused where it is anything else."""

import pytest
from support import CONFIG, record

from feedpub.config_file import parse_config
from feedpub.config_parts import LimitsConfig
from feedpub.errors import ConfigError
from feedpub.limits import DEFAULT_LIMITS
from feedpub.state import State

LINK = "https://www.example.com/"


def limited(workspace, name, value):
    workspace.configure(f"{CONFIG}limits: {{{name}: {value}}}\n")
    return workspace


def errors(workspace):
    return [problem.code for problem in workspace.build().survey.errors]


def only(workspace):
    (article,) = workspace.build().survey.corpus.listed
    return article


def test_limits_that_nobody_changed_are_the_usual_ones():
    assert LimitsConfig().limits() == DEFAULT_LIMITS


@pytest.mark.parametrize(
    ("size", "size_in_bytes"), [("2048", 2048), ("300KiB", 307_200), ("2MiB", 2_097_152)]
)
def test_limit_of_a_size_may_have_a_unit(size, size_in_bytes):
    config = parse_config(f"{CONFIG}limits: {{file_size: {size}}}\n".encode(), "config.yaml")
    assert config.limits.limits().file_bytes == size_in_bytes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("file_size", "0"), ("file_size", "1000"), ("file_size", "2000MiB"),
        ("file_size", "1 MB"), ("data_file_size", "-1"), ("front_matter_size", "1GiB"),
        ("depth", "65"), ("values", "99"), ("title", "0"), ("excerpt", "100001"),
        ("body", "1000001"), ("url", "8193"), ("topics", "0"), ("images", "many"),
        ("related", "-1"),
    ],
)  # fmt: skip
def test_limit_that_is_not_safe_is_a_mistake(name, value):
    with pytest.raises(ConfigError, match=f"limits.{name}"):
        parse_config(f"{CONFIG}limits:\n  {name}: {value}\n".encode(), "config.yaml")


@pytest.mark.parametrize(
    ("name", "value", "name_of_file", "text"),
    [
        ("file_size", "2KiB", "a.md", record(body="word " * 500)),
        ("front_matter_size", "1KiB", "a.md", record(excerpt="word " * 300)),
        ("front_matter_size", "1KiB", "a.jsonl", f'{{"x": "{"word " * 300}"}}'),
        ("data_file_size", "2KiB", "a.json", f'{{"x": "{"word " * 500}"}}'),
        ("data_file_size", "2KiB", "a.yaml", f"x: {'word ' * 500}"),
        ("values", "100", "a.md", record(x=f"[{'1, ' * 100}]")),
        ("body", "100", "a.md", record(body="word " * 30)),
    ],
    ids=lambda value: value[:20],
)
def test_record_past_such_a_limit_is_refused(workspace, name, value, name_of_file, text):
    workspace.write(name_of_file, text)
    assert errors(limited(workspace, name, value)) == ["too-large"]


@pytest.mark.parametrize(
    ("name_of_file", "text"),
    [
        ("a.md", record(x="{a: {b: {c: {d: 1}}}}")),
        ("a.md", record(x="\n  a:\n    b:\n      c:\n        d: 1")),
        ("a.yaml", "a: {b: {c: {d: {e: 1}}}}"),
        ("a.json", '{"a": {"b": {"c": {"d": {"e": 1}}}}}'),
    ],
)
def test_record_that_is_nested_deeper_is_refused(workspace, name_of_file, text):
    workspace.write(name_of_file, text)
    assert errors(limited(workspace, "depth", 4)) == ["too-deep"]


def test_limits_hold_for_records_that_no_parser_would_see(workspace):
    topics = "".join(f"\n  - Topic {number}" for number in range(60))
    workspace.write("a.md", record(topics=topics, provider=None))
    assert errors(workspace) == []
    assert errors(limited(workspace, "values", 100)) == []  # 60 topics and 5 pairs
    workspace.write("a.md", record(topics=topics * 2, provider=None))
    assert errors(workspace) == ["too-large"]


def test_long_title_and_excerpt_are_cut_at_a_word(workspace):
    workspace.configure(f"{CONFIG}limits: {{title: 20, excerpt: 30}}\n")
    workspace.write("a.md", record(title="word " * 10, excerpt="word " * 10))
    assert only(workspace).title == "word word word…"
    assert '"summary": "word word word word word…"' in workspace.text("all/feed.json")


def test_link_past_the_limit_is_refused(workspace):
    workspace.write("a.md", record(webUrl=LINK + "a" * 100))
    assert errors(limited(workspace, "url", 100)) == ["bad-link"]


def test_link_may_be_as_long_as_the_limit_says(workspace):
    workspace.write("a.md", record(webUrl=LINK + "a" * 4000))
    assert errors(workspace) == ["bad-link"]
    assert errors(limited(workspace, "url", 8000)) == []


def test_other_addresses_past_the_limit_are_left_out(workspace):
    long = LINK + "a" * 100
    workspace.write(
        "a.md",
        record(
            images=f"[{{url: {long}}}]",
            related=f"[{{title: R, webUrl: {long}}}]",
            originalUrl=long,
            provider=f"{{name: N, images: [{{url: {long}}}], authors: [{{name: A, url: {long}}}]}}",
        ),
    )
    workspace.build()
    assert long in workspace.text("all/feed.json")
    limited(workspace, "url", 100).build()
    assert [path for path, data in workspace.destination.files.items() if long in str(data)] == []


@pytest.mark.parametrize("name", ["topics", "images"])
def test_list_past_the_limit_is_cut(workspace, name):
    items = ", ".join(f"{LINK}{number}" for number in range(5))
    workspace.write("a.md", record(**{name: f"[{items}]"}))
    assert len(getattr(only(limited(workspace, name, 3)), name)) == 3


RELATED = "".join(
    f'\n  - title: "R"\n    webUrl: "{LINK}{number}"\n    quality: 1' for number in range(5)
)


@pytest.mark.parametrize("related", [RELATED, RELATED.replace("title:", "title: ")])
def test_related_list_past_the_limit_is_cut(workspace, related):
    workspace.configure(f"{CONFIG}limits: {{related: 3}}\nrelated: {{limit: 100}}\n")
    workspace.write("a.md", record(related=related))
    workspace.build()
    assert workspace.text("all/feed.json").count(f'"url": "{LINK}') - 1 == 3


def test_change_of_a_limit_reads_everything_anew(workspace):
    state = State.in_memory()
    workspace.write("a.md", record())
    assert workspace.build(state=state).survey.parsed == 1
    assert workspace.build(state=state).survey.parsed == 0
    survey = limited(workspace, "title", 20).build(state=state).survey
    assert survey.parsed == 1
    assert [article.title for article in survey.corpus.listed] == ["City libraries…"]
