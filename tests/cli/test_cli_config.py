import json

import jsonschema
import pytest
import yaml
from support import CONFIG, PROJECT, call_feedpub

from feedpub.config_file import parse_config

FULL = """
site:
  title: "Bücher: alle"
  url: https://feeds.example.org/news
  description: "no"
  language: pt_BR
  tag: feeds.example.org,2026-02-28
  author: {name: The Editors, url: https://example.org/us}
  logo: https://static.example.org/logo.png
  icon: https://static.example.org/icon.png
  rights: "© 2026, all of us"
sources:
  - articles/
  - {path: export/*.json, exclude: [a, "b*"], prefix: x/, link: "https://x.example.org/{slug}/"}
  - {path: more/, fields: {title: headline, webUrl: meta.link}}
output: public/
formats: atom
groups: [topic, all]
limit: 7
min_entries: 2
include_children: yes
select: {min_heat: -1.5, min_quality: 3, max_age: 8w, types: article, unpublished: true}
named:
  hot: {min_heat: 200, title: Most discussed, description: Warm, limit: 3}
  "no": {topics: [Repair, C++], providers: {exclude: example.com}, languages: [en, de]}
content: excerpt
related: {limit: 0}
images: {limit: 3, fallback: none, stock_threshold: 2}
fields: {title: "null", excerpt: "yes"}
topics: [metadata/topics/, {name: C++, slug: cpp, parent: Code, description: "12:30"}]
providers:
  - folder: metadata/organizations/
  - domain: www.example.com
    name: Example Daily
    url: https://www.example.com/
    feed: https://www.example.com/rss
    logo: https://static.example.org/logo.svg
timezone: Europe/Berlin
"""


def show(workspace):
    ended = call_feedpub("config", "show", cwd=workspace.folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    ended = call_feedpub("config", "schema", cwd=tmp_path_factory.mktemp("empty"))
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


# config show.


@pytest.mark.parametrize("text", [CONFIG, FULL, (PROJECT / "config.yaml").read_text("utf-8")])
def test_configuration_that_is_shown_means_the_same(workspace, text):
    workspace.configure(text)
    assert parse_config(show(workspace).encode(), "shown") == parse_config(text.encode(), "given")


@pytest.mark.parametrize("text", [CONFIG, FULL])
def test_configuration_that_is_shown_is_shown_the_same_again(workspace, text):
    workspace.configure(text)
    shown = show(workspace)
    workspace.configure(shown)
    assert show(workspace) == shown


def test_defaults_are_shown(workspace):
    shown = yaml.safe_load(show(workspace))
    assert shown["formats"] == ["rss", "atom", "json"]
    assert (shown["limit"], shown["content"], shown["related"]) == (50, "full", {"limit": 5})


def test_keys_are_shown_in_the_order_of_the_documentation(workspace):
    assert list(yaml.safe_load(show(workspace)))[:3] == ["site", "sources", "output"]


def test_letters_beyond_ascii_are_shown_as_they_are(workspace):
    workspace.configure(CONFIG.replace("Example Every Day", "Jeden Tag Bücher"))
    assert "title: Jeden Tag Bücher\n" in show(workspace)


def test_mistaken_configuration_is_not_shown(workspace):
    workspace.configure(CONFIG + "limt: 3\n")
    ended = call_feedpub("config", "show", cwd=workspace.folder)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "(did you mean 'limit'?)" in ended.stderr


def test_configuration_of_another_name_is_shown(workspace):
    (workspace.folder / "config.yaml").rename(workspace.folder / "mine.yaml")
    ended = call_feedpub("config", "show", "-c", "mine.yaml", cwd=workspace.folder)
    assert "Example Every Day" in ended.stdout


def test_showing_writes_nothing(workspace):
    before = sorted(workspace.folder.rglob("*"))
    show(workspace)
    assert sorted(workspace.folder.rglob("*")) == before


# config schema.


def problems(schema, text):
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [error.message for error in validator.iter_errors(yaml.safe_load(text))]


def test_schema_is_valid(schema):
    jsonschema.validators.validator_for(schema).check_schema(schema)


def test_schema_knows_every_key(schema):
    assert {"site", "sources", "output", "select", "named", "timezone"} <= set(schema["properties"])


WRITTEN_OUT = CONFIG.replace("- articles/", "- path: articles/")


def test_schema_accepts_a_configuration_that_is_written_out(schema):
    assert problems(schema, WRITTEN_OUT) == []


def test_schema_accepts_the_configuration_of_the_project(schema):
    assert problems(schema, (PROJECT / "config.yaml").read_text("utf-8")) == []


@pytest.mark.parametrize(
    "more",
    [
        "sources: articles/",
        "formats: rss",
        "groups: all",
        "select: {topics: [Repair]}",
        "select: {topics: Repair}",
        "topics: metadata/topics/",
        "topics: [metadata/topics/]",
        "providers: metadata/organizations/",
        "sources: [{path: a, exclude: README.md}]",
    ],
)
def test_schema_accepts_a_text_where_feedpub_does(schema, more):
    base = WRITTEN_OUT if not more.startswith("sources") else WRITTEN_OUT.partition("sources")[0]
    assert parse_config(f"{base}\n{more}\n".encode(), "config.yaml")
    assert problems(schema, f"{base}\n{more}\n") == []


def test_schema_accepts_what_is_shown(schema, workspace):
    workspace.configure(FULL)
    assert problems(schema, show(workspace)) == []


@pytest.mark.parametrize(
    "more",
    [
        "limt: 3",
        "limit: 0",
        "formats: [pdf]",
        "content: none",
        "related: {limits: 3}",
        "named: {hot: {min_het: 3}}",
        "images: {fallback: any}",
        "include_children: perhaps",
    ],
)
def test_schema_refuses_a_mistake(schema, more):
    assert len(problems(schema, f"{WRITTEN_OUT}{more}\n")) == 1


@pytest.mark.parametrize("key", ["title", "url", "tag"])
def test_schema_misses_a_key_that_is_needed(schema, key):
    lines = [line for line in WRITTEN_OUT.splitlines() if f"  {key}:" not in line]
    assert problems(schema, "\n".join(lines)) == [f"'{key}' is a required property"]


def test_schema_needs_no_configuration(tmp_path):
    assert call_feedpub("config", "schema", cwd=tmp_path).returncode == 0
