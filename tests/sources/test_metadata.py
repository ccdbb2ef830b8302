import pytest

from feedpub.catalog import ProviderMetadata, TopicMetadata
from feedpub.limits import DEFAULT_LIMITS
from feedpub.sources.files import FileSource
from feedpub.sources.metadata import read_providers, read_topics

BASE = "https://feeds.example.org/"


@pytest.fixture
def topics(tmp_path):
    """Return a reader of topics from the texts of files."""

    def read(**files):
        return read_topics([written(tmp_path, files)], DEFAULT_LIMITS)

    return read


@pytest.fixture
def providers(tmp_path):
    """Return a reader of providers from the texts of files."""

    def read(**files):
        return read_providers([written(tmp_path, files)], BASE, DEFAULT_LIMITS)

    return read


def written(folder, files):
    """Write files whose names have `__` for the dot, and return the source they are."""
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return FileSource(pattern=str(folder), shown="_data/")


def front_matter(text):
    return f"---\n{text}---\n"


def test_topic_is_read_from_yaml(topics):
    text = (
        "_id: ai-law\nname: AI and law\nshortname: law\nparent: AI\ndescription: What courts say\n"
    )
    assert topics(a__yaml=text + "keywords: [court]\nhashtags: []\n") == (
        [
            TopicMetadata(
                name="AI and law", slug="ai-law", parent="AI", description="What courts say"
            )
        ],
        [],
    )


def test_topic_needs_only_a_name(topics):
    assert topics(a__yaml="name: AI\n") == ([TopicMetadata(name="AI")], [])


@pytest.mark.parametrize("name", ["No", "1.10", "C++"])
def test_name_of_a_topic_is_the_text_that_was_written(topics, name):
    [[topic], _] = topics(a__yaml=f"name: {name}\n")
    assert topic.name == name


def test_slug_of_a_topic_is_in_lower_case(topics):
    [[topic], _] = topics(a__yaml="_id: CPP\nname: C++\n")
    assert topic.slug == "cpp"


def test_topics_are_read_from_a_list_and_from_front_matter(topics):
    found, _ = topics(a__yaml="- name: A\n- name: B\n", b__md=front_matter("name: C\n"))
    assert [topic.name for topic in found] == ["A", "B", "C"]


@pytest.mark.parametrize("text", ["_id: ai\n", "name: ''\n", "name: [a]\n", "name: null\n"])
def test_topic_without_name_is_a_problem(topics, text):
    found, [problem] = topics(a__yaml=text, b__yaml="name: B\n")
    assert ([topic.name for topic in found], problem.code) == (["B"], "no-name")


@pytest.mark.parametrize("name", ["'-'", '"\\u200d"'])
def test_topic_named_by_nothing_visible_is_a_problem(topics, name):
    assert topics(a__yaml=f"name: {name}\n")[0] == []


@pytest.mark.parametrize("slug", ["../../etc", "a/b", ".git", "con", "all", "C++"])
def test_slug_that_is_no_folder_name_is_a_problem_with_its_line(topics, slug):
    found, [problem] = topics(a__yaml=f"name: A\n_id: {slug}\n")
    assert (found, problem.code, problem.line) == ([], "bad-slug", 2)


def test_problem_names_the_file(topics):
    _, [problem] = topics(a__yaml="name: [x\n")
    assert str(problem).startswith("_data/a.yaml:")


def test_bad_file_costs_no_other_its_place(topics):
    found, problems = topics(a__yaml="name: A\n", b__yaml="name: [x\n", c__yaml="name: C\n")
    assert ([topic.name for topic in found], len(problems)) == (["A", "C"], 1)


def test_provider_is_read_from_front_matter(providers):
    text = """_id: example.com
name: Example, Inc.
otherNames: [Example]
domain: www.Example.com
description: A daily
url: /about
feed: https://www.example.com/feed.xml
images:
  - url: /logo.png
    width: 50
    height: 50
"""
    [[found], problems] = providers(a__md=front_matter(text))
    assert (found.domain, found.name, found.description, found.url, found.feed, problems) == (
        "example.com",
        "Example, Inc.",
        "A daily",
        "https://feeds.example.org/about",
        "https://www.example.com/feed.xml",
        [],
    )


def test_logos_are_resolved_against_the_site(providers):
    [[found], _] = providers(a__yaml="domain: example.com\nimages: [{url: /l.png, width: 50}]\n")
    assert [(logo.url, logo.width) for logo in found.logos] == [
        ("https://feeds.example.org/l.png", 50)
    ]


def test_id_stands_in_for_the_domain(providers):
    assert providers(a__yaml="_id: example.com\n") == (
        [ProviderMetadata(domain="example.com")],
        [],
    )


@pytest.mark.parametrize("null", ["null", "~"])
def test_id_stands_in_for_a_null_domain(providers, null):
    [found, _] = providers(a__yaml=f"domain: {null}\n_id: example.com\n")
    assert found == [ProviderMetadata(domain="example.com")]


@pytest.mark.parametrize(
    "text", ["name: A\n", "domain: ''\n", "domain: Example Daily\n", "_id: ../x\n"]
)
def test_provider_without_domain_is_a_problem(providers, text):
    found, [problem] = providers(a__yaml=text)
    assert (found, problem.code) == ([], "no-domain")


@pytest.mark.parametrize("key", ["url", "feed"])
@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:,x", "'https://u:p@example.com/'"]
)
def test_address_that_is_not_http_is_left_out(providers, key, address):
    [[found], _] = providers(a__yaml=f"domain: example.com\n{key}: {address}\n")
    assert getattr(found, key) is None


def test_provider_of_json_is_read(providers):
    [[found], _] = providers(a__json='[{"domain": "example.com", "name": "Example"}]')
    assert found.name == "Example"


def test_secret_of_the_metadata_is_dropped(providers):
    assert "CANARY" not in repr(providers(a__yaml="domain: example.com\nsecured: CANARY\n"))


def test_several_folders_are_read_in_their_order(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.yaml").write_text(f"name: {name}\n")
    folders = [FileSource(pattern=str(tmp_path / name), shown=name) for name in ("b", "a")]
    assert [topic.name for topic in read_topics(folders, DEFAULT_LIMITS)[0]] == ["b", "a"]
