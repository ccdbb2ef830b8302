from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from feedpub.dates import rfc3339
from feedpub.errors import RecordError
from feedpub.fields import (
    FieldReader,
    flag,
    items,
    line_of_text,
    lookup,
    merged_names,
    number,
    unknown_keys,
)
from feedpub.tree import Mapping, Plain, Sequence, is_null, parse_json, parse_yaml


def reader(text, *, zone=UTC, **own_names):
    """Return a reader of the fields in a YAML text; `own_names` are a site's `fields:`."""
    [fields] = parse_yaml(text)
    return FieldReader(
        source="articles/a.md", fields=fields, names=merged_names(own_names), zone=zone
    )


def reader_of_json(text, **own_names):
    return FieldReader(
        source="a.json", fields=parse_json(text), names=merged_names(own_names), zone=UTC
    )


@pytest.mark.parametrize(
    "word", ["true", "True", "TRUE", "yes", "Yes", "on", "ON", "y", "1", " true "]
)
def test_yes_is_read(word):
    assert flag(word) == "yes"


@pytest.mark.parametrize("word", ["false", "False", "no", "NO", "off", "n", "0", " false\n"])
def test_no_is_read(word):
    assert flag(word) == "no"


@pytest.mark.parametrize("node", [None, Plain("null"), Plain("~"), Plain("")])
def test_nothing_is_absent(node):
    assert flag(node) == "absent"


@pytest.mark.parametrize(
    "node",
    [
        "", "null", "maybe", "2", "-1", "1.0", "truee", "not yet", "2024-01-01", "ja", "tr ue",
        "ｔｒｕｅ", Sequence(), Mapping(),
    ],
)  # fmt: skip
def test_anything_else_is_doubtful(node):
    assert flag(node) == "doubtful"


@given(st.sampled_from("true False yes NO on Off y n 1 0 2 maybe".split()) | st.text(max_size=10))
def test_quotes_make_no_difference_to_a_word(text):
    assume(not is_null(Plain(text)))
    assert flag(text) == flag(Plain(text))


@pytest.mark.parametrize(
    ("text", "value"), [("47", 47), ("-1", -1), ("3.5", 3.5), (" 7 ", 7), ("007", 7), ("0", 0)]
)
def test_decimal_numbers_are_read(text, value):
    assert number(text) == value


@pytest.mark.parametrize(
    "node",
    [
        "", "1e3", "1_000", "0x1F", ".5", "5.", "+5", ".inf", ".nan", "nan", "1,5", "٣", "1" * 10,
        "twelve", None, Sequence(), Mapping(),
    ],
)  # fmt: skip
def test_other_numbers_are_not_guessed(node):
    assert number(node) is None


@pytest.mark.parametrize("node", [None, Plain("null"), "", " ", "\u200b", Sequence(), Mapping()])
def test_line_of_text_of_nothing_is_none(node):
    assert line_of_text(node) is None


def test_line_of_text_is_cut_at_the_limit():
    assert line_of_text("one two three", 8) == "one two…"


def test_single_value_is_a_list_of_one():
    assert list(items("AI")) == ["AI"]


def test_nulls_of_a_list_are_passed_over():
    assert list(items(parse_json('["a", null, "b"]'))) == ["a", "b"]


@pytest.mark.parametrize("node", [None, Plain("null"), Sequence()])
def test_nothing_has_no_items(node):
    assert list(items(node)) == []


def test_dotted_path_is_followed():
    [root] = parse_yaml("a: {b: {c: x}}")
    assert lookup(root, "a.b.c") == "x"


def test_key_with_dots_wins_over_the_path():
    [root] = parse_yaml("a.b: x\na: {b: y}")
    assert lookup(root, "a.b") == "x"


@pytest.mark.parametrize("path", ["z", "a.z", "a.b.c.d", "b", "list.0"])
def test_path_to_nowhere_is_none(path):
    [root] = parse_yaml("a: {b: {c: x}}\nlist: [x]")
    assert lookup(root, path) is None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("title", "name"),
        ("excerpt", "description"),
        ("excerpt", "summary"),
        ("publishedDateTime", "date"),
        ("updatedDateTime", "lastmod"),
        ("webUrl", "originalUrl"),
        ("webUrl", "website"),
        ("webUrl", "url"),
        ("webUrl", "link"),
        ("authors", "author"),
        ("images", "image"),
        ("tags", "tags"),
        ("categories", "categories"),
        ("draft", "draft"),
        ("removed", "removed"),
        ("deleted", "deleted"),
    ],
)
def test_names_of_other_systems_are_known(name, key):
    assert reader(f"{key}: x").found(name) == (key, "x")


def test_first_name_wins():
    assert reader("name: b\ntitle: a").node("title") == "a"


def test_name_of_the_site_comes_first():
    assert reader("title: a\nheadline: b", title="headline").node("title") == "b"


def test_known_names_still_count_beside_the_site_s():
    assert reader("title: a", title="headline").node("title") == "a"


def test_dotted_name_of_the_site_is_followed():
    assert reader("meta: {seo: {title: b}}", title="meta.seo.title").node("title") == "b"


def test_source_s_names_come_before_the_site_s():
    assert merged_names({"title": "a"}, {"title": "b"})["title"][:2] == ("b", "a")


def test_names_of_other_fields_stay():
    assert merged_names({"title": "a"})["excerpt"] == merged_names()["excerpt"]


def test_null_lets_the_next_name_speak():
    fields = reader_of_json('{"title": null, "name": "b"}')
    assert fields.line_of_text("title") == "b"


@pytest.mark.parametrize(
    "read", [FieldReader.text, FieldReader.line_of_text], ids=["text", "line_of_text"]
)
@pytest.mark.parametrize("value", ["[a]", "{a: b}", "[]", "{}"])
def test_list_or_mapping_is_no_text(read, value):
    with pytest.raises(RecordError, match="title: expected a text, found a") as raised:
        read(reader(f"x: y\ntitle: {value}"), "title", 100)
    assert (raised.value.code, raised.value.line) == ("not-a-text", 2)


def test_text_is_cut_at_the_limit():
    assert reader("excerpt: one two three").text("excerpt", 8) == "one two…"


@pytest.mark.parametrize("value", ['""', '" "', '"\\u00a0"', '"&nbsp;"', '"<br>"'])
def test_blank_text_is_none(value):
    assert reader(f"excerpt: {value}").text("excerpt", 100) is None


def test_bad_number_is_ignored_with_a_warning():
    fields = reader("title: a\nquality: high")
    assert fields.number("quality") is None
    [problem] = fields.problems
    assert (problem.code, problem.line, problem.severity) == ("not-a-number", 2, "warning")


def test_doubtful_flag_is_warned_of():
    fields = reader("title: a\nremoved: perhaps")
    assert fields.flag("removed") == "doubtful"
    [problem] = fields.problems
    assert "removed: expected true or false, and 'perhaps' is neither" in problem.message


def test_blank_published_is_doubtful():
    assert reader("published:").flag("published") == "doubtful"


def test_null_published_is_doubtful():
    assert reader_of_json('{"published": null}').flag("published") == "doubtful"


def test_blank_published_under_a_name_of_the_site_is_doubtful():
    fields = reader_of_json('{"visible": null}', published="visible")
    assert fields.flag("published") == "doubtful"


@pytest.mark.parametrize("name", ["published", "draft", "removed", "deleted"])
def test_missing_flag_is_absent(name):
    assert reader("title: a").flag(name) == "absent"


def test_date_is_read_in_the_zone_of_the_site():
    fields = reader("date: 2026-07-01 12:00", zone=ZoneInfo("Europe/Berlin"))
    assert rfc3339(fields.date("publishedDateTime")) == "2026-07-01T10:00:00Z"


def test_bad_date_is_named_with_its_line():
    with pytest.raises(RecordError, match="date: '2026-13-01' is not a date") as raised:
        reader("title: a\ndate: 2026-13-01").date("publishedDateTime")
    assert (raised.value.code, raised.value.line) == ("bad-date", 2)


def test_bad_date_cannot_forge_a_line_of_the_log():
    with pytest.raises(RecordError) as raised:
        reader('date: "x\\nERROR\\e[31m\\u202e"').date("publishedDateTime")
    assert raised.value.message.isprintable()


def test_long_bad_date_is_quoted_in_part():
    with pytest.raises(RecordError) as raised:
        reader(f"date: {'x' * 5000}").date("publishedDateTime")
    assert len(raised.value.message) < 300


def test_missing_date_is_none():
    assert reader("title: a").date("publishedDateTime") is None


def test_unknown_keys_are_named_in_their_order():
    [fields] = parse_yaml("zebra: 1\ntitle: a\n__proto__: {a: 1}\nlayout: x")
    assert unknown_keys(fields, merged_names()) == ("zebra", "__proto__")


def test_names_of_the_site_are_not_unknown():
    [fields] = parse_yaml("meta: {title: a}\nheadline: b")
    names = merged_names({"title": "meta.title", "excerpt": "headline"})
    assert unknown_keys(fields, names) == ()


def test_secured_is_not_even_an_unknown_key():
    [fields] = parse_yaml("secured: x\ntitle: a")
    assert unknown_keys(fields, merged_names()) == ()
