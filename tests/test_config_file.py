import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import CONFIG, PROJECT

from feedpub.config_file import load_config, parse_config
from feedpub.errors import ConfigError
from feedpub.slugs import ROOT_FILES

BASE = CONFIG.lstrip()
NEXT = BASE.count("\n") + 1  # the line of what a test appends


def parse(text):
    return parse_config(text if isinstance(text, bytes) else text.encode(), "config.yaml")


def mistakes(text):
    with pytest.raises(ConfigError) as raised:
        parse(text)
    return raised.value.mistakes


def mistake(text):
    (only,) = mistakes(text)
    return only


def appended(more):
    return mistake(BASE + more)


def replaced(old, new):
    assert old in BASE
    return mistake(BASE.replace(old, new))


def test_valid_configuration_has_no_mistakes():
    assert parse(BASE).site.title == "Example Every Day"


def test_byte_order_mark_is_no_mistake():
    assert parse(b"\xef\xbb\xbf" + BASE.encode()).output == "feeds/"


def test_windows_line_ends_are_no_mistake():
    assert parse(BASE.replace("\n", "\r\n")).site.language == "en"


# Unknown keys.


def test_unknown_key_at_the_root_is_named_with_its_line_and_the_nearest_key():
    assert appended("outputt: x/\n") == (
        f"config.yaml:{NEXT}: unknown key 'outputt' (did you mean 'output'?)"
    )


@pytest.mark.parametrize(
    ("more", "line", "near"),
    [
        ("select:\n  min_het: 3\n", 1, "min_heat"),
        ("select:\n  topics:\n    inclde: [a]\n", 2, "include"),
        ("named:\n  hot:\n    limt: 3\n", 2, "limit"),
        ("related:\n  limits: 3\n", 1, "limit"),
        ("images:\n  fall_back: none\n", 1, "fallback"),
        ("topics:\n  - name: A\n    slugg: a\n", 2, "slug"),
        ("providers:\n  - domain: example.com\n    nmae: A\n", 2, "name"),
        ("FORMATS: rss\n", 0, "formats"),
    ],
)
def test_unknown_key_below_is_named_with_its_line_and_the_nearest_key(more, line, near):
    said = appended(more)
    assert said.startswith(f"config.yaml:{NEXT + line}: unknown key ")
    assert said.endswith(f"(did you mean '{near}'?)")


@pytest.mark.parametrize(
    ("old", "new", "line", "near"),
    [
        ("  language: en", "  langauge: en", 5, "language"),
        ("  language: en", "  author: {nmae: A, name: B}", 5, "name"),
        ("- articles/", "- {path: a, exlude: b}", 8, "exclude"),
    ],
)
def test_unknown_key_of_site_and_sources_is_named(old, new, line, near):
    said = replaced(old, new)
    assert said.startswith(f"config.yaml:{line}: unknown key ")
    assert said.endswith(f"(did you mean '{near}'?)")


def test_unknown_key_like_no_other_is_answered_with_the_keys_there_are():
    assert appended("related: {wxyz: 3}\n").endswith("(the keys here are limit)")


@pytest.mark.parametrize("name", ["types", "title"])
def test_unknown_key_of_a_feed_named_like_a_key_has_the_keys_of_a_named_feed(name):
    said = appended(f"named:\n  {name}:\n    min_het: 3\n")
    assert said.endswith("(did you mean 'min_heat'?)")


# What is missing.


@pytest.mark.parametrize("key", ["title", "url", "tag"])
def test_missing_key_of_the_site_is_named_with_an_example(key):
    lines = [line for line in BASE.splitlines(keepends=True) if f"  {key}:" not in line]
    said = mistake("".join(lines))
    assert said.startswith("config.yaml:1: site." + key + ": missing (like " + key + ": ")


def test_missing_site_is_named_with_what_it_needs():
    said = mistake("sources: [articles/]\n")
    assert said == "config.yaml:1: site: missing (like site: with title:, url: and tag:)"


def test_missing_sources_are_named_with_an_example():
    said = mistake(BASE.partition("sources:")[0])
    assert said == "config.yaml:1: sources: missing (like sources: [articles/])"


def test_missing_tag_warns_never_to_change_it():
    assert "never change it" in mistake(BASE.replace("  tag: feeds.example.org,2026\n", ""))


def test_source_without_a_path_is_named():
    said = replaced("- articles/", "- {prefix: a/}")
    assert said.startswith("config.yaml:8: sources[0]: expected a path: or a url:")


def test_empty_sources_are_a_mistake():
    said = replaced("sources:\n  - articles/", "sources: []")
    assert said == "config.yaml:7: sources: expected at least one (like sources: [articles/])"


def test_empty_formats_are_a_mistake():
    assert appended("formats: []\n") == f"config.yaml:{NEXT}: formats: expected at least one"


# Wrong types, words and forms.


@pytest.mark.parametrize(
    ("more", "key", "expected", "found"),
    [
        ("limit: many", "limit", "a whole number", "many"),
        ("limit: 3.5", "limit", "a whole number", "3.5"),
        ("limit: 0", "limit", "1 or more", "0"),
        ("limit: 1001", "limit", "1000 or less", "1001"),
        ("min_entries: -1", "min_entries", "1 or more", "-1"),
        ("related: {limit: -1}", "related.limit", "0 or more", "-1"),
        ("include_children: perhaps", "include_children", "true or false", "perhaps"),
        ("select: {min_heat: warm}", "select.min_heat", "a number", "warm"),
        ("select: {unpublished: 2}", "select.unpublished", "true or false", "2"),
        ("related: 5", "related", "a list of `key: value`", "5"),
        ("named: hot", "named", "a list of `key: value`", "hot"),
        ("named: {hot: 200}", "named.hot", "a list of `key: value`", "200"),
        ("select: unpublished", "select", "a list of `key: value`", "unpublished"),
    ],
)
def test_value_of_the_wrong_kind_is_named_with_what_was_expected(more, key, expected, found):
    assert appended(f"{more}\n") == (
        f"config.yaml:{NEXT}: {key}: expected {expected}, found '{found}'"
    )


@pytest.mark.parametrize("more", ["named: [hot]", "images: [a]", "output: [a]", "limit: [3]"])
def test_list_where_none_belongs_is_a_mistake(more):
    key = more.partition(":")[0]
    assert appended(f"{more}\n").startswith(f"config.yaml:{NEXT}: {key}: expected a ")


@pytest.mark.parametrize(
    ("more", "key", "found", "near"),
    [
        ("formats: [rss, atmo]", "formats[1]", "atmo", "atom"),
        ("formats: RSS", "formats[0]", "RSS", "rss"),
        ("groups: [all, topics]", "groups[1]", "topics", "topic"),
        ("content: exerpt", "content", "exerpt", "excerpt"),
        ("images: {fallback: realted}", "images.fallback", "realted", "related"),
    ],
)
def test_unknown_word_is_named_with_the_nearest_one(more, key, found, near):
    said = appended(f"{more}\n")
    assert said.startswith(f"config.yaml:{NEXT}: {key}: expected ")
    assert said.endswith(f", found '{found}' (did you mean '{near}'?)")


def test_unknown_word_is_answered_with_the_words_there_are():
    assert "expected 'rss', 'atom' or 'json'" in appended("formats: pdf\n")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("url", "feeds.example.org", "an address like https://feeds.example.org/"),
        ("url", "ftp://example.org/", "an address like https://feeds.example.org/"),
        ("url", "https://user:word@example.org/", "an address like https://feeds.example.org/"),
        ("url", "https://example.org/?a", "an address without ? and #"),
        ("url", "https://example.org/#a", "an address without ? and #"),
        ("language", "deutsch", "a language tag like en or pt-BR"),
        ("tag", "feeds.example.org", "authority,date"),
        ("tag", "Feeds.example.org,2026", "authority,date"),
        ("tag", "feeds.example.org,26", "authority,date"),
        ("tag", "feeds.example.org,2026-13", "authority,date"),
        ("tag", "https://example.org,2026", "authority,date"),
    ],
)
def test_value_of_the_site_in_the_wrong_form_is_named(key, value, expected):
    line = {"url": 3, "language": 5, "tag": 6}[key]
    said = mistake(re.sub(rf"^  {key}:.*", f"  {key}: {value}", BASE, flags=re.MULTILINE))
    assert said.startswith(f"config.yaml:{line}: site.{key}: expected {expected}, found '{value}'")


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026-04-31", "0000", "２０２６"], ids=["30 Feb", "31 Apr", "0", "wide"]
)
def test_tag_of_a_day_that_never_was_is_a_mistake(day):
    assert "site.tag: expected" in replaced(",2026", f",{day}")


@pytest.mark.parametrize("age", ["30", "3y", "d", "-3d", "1.5d", "soon"])
def test_duration_in_the_wrong_form_is_named(age):
    assert appended(f"select: {{max_age: {age}}}\n") == (
        f"config.yaml:{NEXT}: select.max_age: expected a number and s, h, d or w, like 30d,"
        f" found '{age}'"
    )


def test_a_budget_of_no_time_is_named():
    assert appended("images: {budget: 0s}\n") == (
        f"config.yaml:{NEXT}: images.budget: expected more than no time, found '0s'"
    )


@pytest.mark.parametrize("zone", ["Mars/Base", "Europe", "../etc/passwd", "/etc/localtime"])
def test_unknown_time_zone_is_named(zone):
    assert appended(f"timezone: {zone}\n") == (
        f"config.yaml:{NEXT}: timezone: expected a time zone like UTC or Europe/Berlin,"
        f" found '{zone}'"
    )


@pytest.mark.parametrize("score", ["nan", "inf", "-Infinity"])
def test_score_that_is_no_number_is_a_mistake(score):
    assert "expected a number" in appended(f"select: {{min_heat: {score}}}\n")


@pytest.mark.parametrize("domain", ["not a domain", "example", "-", "1.2.3.4"])
def test_domain_in_the_wrong_form_is_named(domain):
    assert appended(f"providers:\n  - domain: {domain!r}\n") == (
        f"config.yaml:{NEXT + 1}: providers[0].domain: expected a domain like example.org,"
        f" found '{domain}'"
    )


def test_item_of_topics_without_folder_or_name_is_a_mistake():
    assert appended("topics:\n  - slug: cpp\n") == (
        f"config.yaml:{NEXT + 1}: topics[0]: expected a folder, or a topic with a name:"
    )


def test_item_of_providers_cannot_be_folder_and_provider():
    assert appended("providers:\n  - {domain: example.com, folder: more/}\n") == (
        f"config.yaml:{NEXT + 1}: providers[0]: expected a folder, or a provider with a domain:"
    )


@pytest.mark.parametrize("link", ["https://example.org/{slgu}", "https://example.org/{", "/{0}"])
def test_template_of_a_link_with_an_unknown_place_is_a_mistake(link):
    assert "sources[0].link" in replaced("- articles/", f"- {{path: a, link: '{link}'}}")


def test_exclude_pattern_that_matches_nothing_at_all_is_a_mistake():
    assert "sources[0].exclude" in replaced("- articles/", "- {path: articles/, exclude: .}")


OUTSIDE = [
    "output: ../feeds/\n", "topics: ../topics/\n", "providers: a/../../providers\n",
    "pages: {templates: ..}\n",
]  # fmt: skip


@pytest.mark.parametrize("more", OUTSIDE)
def test_relative_path_out_of_the_folder_of_the_configuration_is_a_mistake(more):
    key = more.partition(":")[0]
    assert f"config.yaml:{NEXT}: {key}" in appended(more)


def test_source_out_of_the_folder_of_the_configuration_is_a_mistake():
    assert "sources[0].path" in replaced("- articles/", "- x/../../*/*.md")


@pytest.mark.parametrize("more", OUTSIDE)
def test_path_may_lead_out_of_the_folder_where_that_is_allowed(more):
    assert parse(BASE + "allow_outside: true\n" + more).allow_outside


@pytest.mark.parametrize("path", ["/srv/feeds", "a/../feeds", "..feeds"])
def test_path_that_stays_in_the_folder_or_is_absolute_is_no_mistake(path):
    assert parse(f"{BASE}output: {path}\n").output == path


# Names of feeds and topics.


@pytest.mark.parametrize(
    "name",
    ["all", "ALL", "topics", "providers", "index", "nul", "'../x'", "a/b", "'..'", ".feedpub"],
)
def test_named_feed_cannot_take_a_folder_that_is_not_its_own(name):
    said = appended(f"named:\n  {name}: {{min_heat: 1}}\n")
    assert said.startswith(f"config.yaml:{NEXT + 1}: named.")
    assert ": expected one folder name of letters, digits, dashes and dots, found " in said


@pytest.mark.parametrize("name", sorted(ROOT_FILES | {"Feeds.JSON"}))
def test_named_feed_cannot_be_called_like_a_file_of_the_output_folder(name):
    assert f":{NEXT + 1}: named." in appended(f"named:\n  {name}: {{min_heat: 1}}\n")


def test_named_feeds_that_differ_only_in_case_are_a_mistake():
    assert "hot" in appended("named:\n  Hot: {min_heat: 1}\n  hot: {min_heat: 2}\n")


@pytest.mark.parametrize("slug", ["a/b", "..", "all", "con", "a b"])
def test_slug_that_is_no_folder_name_is_a_mistake(slug):
    assert appended(f"topics:\n  - {{name: A, slug: {slug!r}}}\n") == (
        f"config.yaml:{NEXT + 1}: topics[0].slug: expected one folder name of letters, digits,"
        f" dashes and dots, found '{slug}'"
    )


def test_two_topics_with_one_slug_are_a_mistake():
    said = appended("topics:\n  - {name: C, slug: cpp}\n  - {name: C++, slug: CPP}\n")
    assert said.endswith("two topics have the slug cpp")


def test_two_topics_with_one_slug_are_named_with_their_line():
    said = appended("topics:\n  - {name: C, slug: cpp}\n  - {name: C++, slug: cpp}\n")
    assert int(said.split(":")[1]) >= NEXT


def test_two_topics_with_one_slug_are_named_beside_other_mistakes():
    found = mistakes(BASE + "topics: [{name: C, slug: x}, {name: D, slug: x}]\nlimt: 3\n")
    assert len(found) == 2


# Fields.


def test_unknown_field_of_the_mapping_is_a_mistake():
    said = appended("fields: {titel: headline}\n")
    assert said.startswith(f"config.yaml:{NEXT}: fields: no field is called titel; the fields are ")


def test_unknown_field_is_named_with_the_nearest_one():
    assert "did you mean 'title'?" in appended("fields: {titel: headline}\n")


def test_unknown_field_is_named_with_its_own_line():
    said = appended("fields:\n  title: headline\n  bodi: text\n")
    assert said.startswith(f"config.yaml:{NEXT + 2}: ")


def test_every_unknown_field_is_named():
    said = "\n".join(mistakes(BASE + "fields: {titel: headline, bodi: text}\n"))
    assert "titel" in said
    assert "bodi" in said


def test_unknown_field_of_a_source_is_named_with_its_line():
    said = replaced("- articles/", "- path: articles/\n    fields: {titel: headline}")
    assert said.startswith("config.yaml:9: sources[0].fields: no field is called titel")


# All at once.


def test_every_mistake_is_named_at_once_in_the_order_of_the_lines():
    found = mistakes(
        "site:\n"
        "  titel: Example\n"
        "  url: nowhere\n"
        "  tag: example.org\n"
        "sources: []\n"
        "formats: [rss, atmo]\n"
        "limit: many\n"
        "select: {max_age: 3y}\n"
    )
    assert [said.split(": ")[0] for said in found] == [
        "config.yaml:1", "config.yaml:2", "config.yaml:3", "config.yaml:4", "config.yaml:5",
        "config.yaml:6", "config.yaml:7", "config.yaml:8",
    ]  # fmt: skip


def test_mistakes_of_one_line_are_all_named():
    assert len(mistakes(BASE + "images: {limit: 0, stock_threshold: 0, fallback: x}\n")) == 3


@pytest.mark.parametrize("value", ["", "~", "null"])
def test_key_without_a_value_counts_as_absent(value):
    assert parse(f"{BASE}output: {value}\n").output == "feeds/"


def test_needed_key_without_a_value_is_missing():
    assert "site.title: missing" in replaced("title: Example Every Day", "title:")


# What is no configuration at all.


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "- a\n", "feeds\n", f"{BASE}---\n{BASE}"])
def test_file_that_is_no_mapping_is_told_how_to_start(text):
    assert mistake(text) == (
        "config.yaml:1: expected one list of `key: value`, starting with site:"
    )


def test_key_that_appears_twice_is_a_mistake():
    assert appended("limit: 3\nlimit: 4\n") == f"config.yaml:{NEXT + 1}: key 'limit' appears twice"


def test_key_that_appears_twice_below_is_a_mistake():
    assert appended("related:\n  limit: 3\n  limit: 4\n") == (
        f"config.yaml:{NEXT + 2}: key 'limit' appears twice"
    )


def test_alias_is_a_mistake():
    assert appended("output: &folder feeds/\nnamed: {hot: {title: *folder}}\n") == (
        f"config.yaml:{NEXT + 1}: YAML aliases (*name) are not allowed"
    )


def test_merge_key_is_a_mistake():
    assert appended("related:\n  <<: {limit: 3}\n") == (
        f"config.yaml:{NEXT + 1}: YAML merge keys (<<) are not allowed"
    )


def test_tag_of_yaml_is_a_mistake():
    assert appended("limit: !!int 3\n") == (
        f"config.yaml:{NEXT}: YAML tags (!name) are not allowed"
    )


def test_text_that_is_no_yaml_is_named_with_its_line():
    assert appended("output: [\n").startswith(f"config.yaml:{NEXT + 1}: YAML: ")


@pytest.mark.parametrize("data", [b"site: \xe9\n", "site: x\n".encode("utf-16")])
def test_file_that_is_not_utf_8_is_a_mistake(data):
    assert mistake(data).startswith("config.yaml: not UTF-8")


def test_huge_file_is_a_mistake():
    assert "larger than" in mistake(b"#" * (2 * 1024 * 1024))


def test_value_is_shown_shortened_and_on_one_line():
    said = appended(f'limit: "{"x" * 500}\\n\\e[31mred"\n')
    assert len(said) < 150
    assert said.isprintable()


@given(st.text() | st.binary())
def test_any_text_is_a_configuration_or_a_list_of_mistakes(text):
    data = text if isinstance(text, bytes) else text.encode()
    assert all(said.startswith("config.yaml:") for said in mistakes(data))


_WORDS = st.sampled_from(["", "x", "3", "all", "title", "../x", "2026-01-01", "limit", "ä", "rss"])
_TREES = st.recursive(
    _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=6,
)


_KEYS = st.sampled_from(
    "output formats groups limit min_entries include_children select named content related images"
    " fields topics providers timezone sources site surprise".split()
)


@given(_KEYS, _TREES)
def test_any_tree_under_any_key_gives_mistakes_with_lines(key, tree):
    rest = re.sub(rf"^{key}:\n(?:  .*\n)+", "", BASE, flags=re.MULTILINE)
    text = f"{rest}surplus: 1\n{key}: {json.dumps(tree)}\n"
    assert all(re.match(r"config\.yaml:\d+: .", said) for said in mistakes(text))


# Loading.


def test_missing_file_is_answered_with_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError) as raised:
        load_config(tmp_path / "config.yaml", "config.yaml")
    (said,) = raised.value.mistakes
    assert said.startswith("config.yaml: there is no such file")
    assert "`feedpub init`" in said


def test_folder_instead_of_a_file_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match=r"^config\.yaml: cannot be read: "):
        load_config(tmp_path, "config.yaml")


def test_mistakes_name_the_file_as_the_user_did(tmp_path):
    (tmp_path / "mine.yaml").write_text("site: x\n")
    with pytest.raises(ConfigError, match=r"^\./mine\.yaml:1: ") as raised:
        load_config(tmp_path / "mine.yaml", "./mine.yaml")
    assert str(tmp_path) not in str(raised.value)


def test_relative_paths_start_from_the_folder_of_the_file(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text(BASE)
    monkeypatch.chdir("/")
    loaded = load_config(tmp_path / "config.yaml", "config.yaml")
    assert loaded.path("articles/") == tmp_path.resolve() / "articles"


def test_absolute_paths_stay_what_they_are(tmp_path):
    (tmp_path / "config.yaml").write_text(BASE)
    loaded = load_config(tmp_path / "config.yaml", "config.yaml")
    assert str(loaded.path("/srv/feeds")) == "/srv/feeds"


def test_sample_configuration_of_the_project_is_valid():
    loaded = load_config(PROJECT / "config.yaml", "config.yaml")
    assert loaded.config.site.tag == "feeds.example.org,2026"
