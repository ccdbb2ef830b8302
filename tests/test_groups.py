from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import DAY, NOW, article, provider, record

from feedpub.catalog import TopicMetadata, build_catalog
from feedpub.corpus import sort_out
from feedpub.errors import ConfigError
from feedpub.groups import (
    KINDS,
    GroupRules,
    NamedRule,
    PublishedFeed,
    groups_of,
    provider_path,
)
from feedpub.selection import Selection

ALL_KINDS = frozenset(KINDS)
RULES = GroupRules(kinds=ALL_KINDS, min_entries=3)


def groups(*articles, rules=RULES, metadata=(), published=None):
    """Return the groups of some articles, by path."""
    corpus = sort_out(articles, Selection(), NOW)
    catalog = build_catalog(corpus.listed, metadata)
    found = groups_of(corpus, catalog, rules, NOW, published)
    return {group.path: group for group in found}


def many(number, **fields):
    return [article(f"{fields.get('topics', 'x')}{n}", **fields) for n in range(number)]


def published(path, kind="topic", **fields):
    """Return what the last run recorded about one feed."""
    fields = {"name": "Old name", "updated": DAY} | fields
    return {path: PublishedFeed(path=path, kind=kind, **fields)}


def names(group):
    return [found.id.rpartition(":")[2] for found in group.articles]


def test_there_is_always_a_feed_of_everything():
    assert list(groups()) == ["all"]


def test_every_topic_has_a_feed():
    found = groups(article("a", topics=("AI", "Law")))
    assert {"topics/ai", "topics/law"} <= set(found)


def test_every_provider_has_a_feed():
    found = groups(article("a"), article("b", provider=provider("Net", "example.net")))
    assert {"providers/example.com", "providers/example.net"} <= set(found)


def test_article_without_topic_or_provider_is_in_the_feed_of_everything():
    assert list(groups(article("a", topics=(), provider=None))) == ["all"]


def test_article_with_two_spellings_of_a_topic_is_in_its_feed_once():
    assert names(groups(article("a", topics=("AI", "ai")))["topics/ai"]) == ["a"]


def test_feed_is_newest_first():
    old, new = article("a", published=DAY - timedelta(days=1)), article("b")
    assert names(groups(old, new)["topics/libraries"]) == ["b", "a"]


def test_feed_shows_the_newest_up_to_the_limit():
    rules = GroupRules(kinds=ALL_KINDS, limit=2)
    articles = [article(name, published=DAY - timedelta(days=n)) for n, name in enumerate("abc")]
    group = groups(*articles, rules=rules)["all"]
    assert [found.id[-1] for found in group.window] == ["a", "b"]


@pytest.mark.parametrize(("number", "there"), [(2, False), (3, True)])
def test_topic_of_a_provider_has_a_feed_from_min_entries_on(number, there):
    assert ("topics/libraries/example.com" in groups(*many(number))) is there


def test_feed_of_a_pair_names_both_and_its_parent():
    group = groups(*many(3))["topics/libraries/example.com"]
    assert (group.kind, group.name, group.parent) == (
        "topic-provider",
        "Libraries: Example Daily",
        "topics/libraries",
    )


def test_entries_of_a_pair_are_counted_before_the_limit():
    rules = GroupRules(kinds=ALL_KINDS, min_entries=3, limit=1)
    assert "topics/libraries/example.com" in groups(*many(3), rules=rules)


@pytest.mark.parametrize(
    ("kinds", "paths"),
    [
        ({"all"}, {"all"}),
        ({"topic"}, {"topics/libraries"}),
        ({"provider"}, {"providers/example.com"}),
        ({"topic-provider"}, {"topics/libraries/example.com"}),
        (set(), set()),
    ],
)
def test_only_the_kinds_asked_for_are_made(kinds, paths):
    rules = GroupRules(kinds=frozenset(kinds), min_entries=1)
    assert set(groups(article("a"), rules=rules)) == paths


def test_groups_come_by_kind_and_path():
    rules = GroupRules(
        kinds=ALL_KINDS, min_entries=1, named=(NamedRule(name="a", selection=Selection()),)
    )
    assert list(groups(article("a", topics=("Z", "B")), rules=rules)) == [
        "all",
        "topics/b",
        "topics/z",
        "providers/example.com",
        "topics/b/example.com",
        "topics/z/example.com",
        "a",
    ]


PARENTS = (TopicMetadata(name="Law", parent="AI"), TopicMetadata(name="AI", parent="Science"))
PARENTS += (TopicMetadata(name="Science"),)


def test_parent_holds_only_its_own_articles_by_default():
    assert set(groups(article("a", topics=("Law",)), metadata=PARENTS)) == {
        "all",
        "topics/law",
        "providers/example.com",
    }


def test_parent_includes_the_articles_of_all_its_descendants_on_request():
    rules = GroupRules(kinds=ALL_KINDS, include_children=True)
    found = groups(
        article("a", topics=("Law",)), article("b", topics=("AI",)), rules=rules, metadata=PARENTS
    )
    assert {path: names(group) for path, group in found.items() if group.kind == "topic"} == {
        "topics/law": ["a"],
        "topics/ai": ["a", "b"],
        "topics/science": ["a", "b"],
    }


def test_article_of_parent_and_child_is_in_the_parent_s_feed_once():
    rules = GroupRules(kinds=ALL_KINDS, include_children=True)
    found = groups(article("a", topics=("Law", "AI")), rules=rules, metadata=PARENTS)
    assert names(found["topics/ai"]) == ["a"]


def test_circle_of_parents_ends():
    circle = (TopicMetadata(name="A", parent="B"), TopicMetadata(name="B", parent="A"))
    rules = GroupRules(kinds=ALL_KINDS, include_children=True)
    assert "topics/a" in groups(article("a", topics=("A",)), rules=rules, metadata=circle)


def test_topic_knows_the_feed_of_its_parent():
    found = groups(article("a", topics=("Law",)), metadata=PARENTS)
    assert found["topics/law"].parent == "topics/ai"


def test_description_of_a_topic_is_the_subtitle_of_its_feed():
    metadata = [TopicMetadata(name="Law", description="What courts say")]
    found = groups(article("a", topics=("law",)), metadata=metadata)
    assert (found["topics/law"].name, found["topics/law"].subtitle) == ("Law", "What courts say")


def named(name="hot", **fields):
    selection = fields.pop("selection", Selection(min_heat=200))
    rule = NamedRule(name=name, selection=selection, **fields)
    return GroupRules(kinds=ALL_KINDS, named=(rule,))


def test_named_feed_holds_what_its_rule_selects():
    found = groups(article("a", heat=200), article("b", heat=1), rules=named())
    assert names(found["hot"]) == ["a"]


def test_named_feed_is_there_even_when_nothing_is_selected():
    assert groups(rules=named())["hot"].articles == ()


def test_named_feed_has_title_subtitle_and_limit_of_its_own():
    rules = named(title="Most discussed", subtitle="What people talk of", limit=7)
    group = groups(rules=rules)["hot"]
    assert (group.name, group.subtitle, group.limit) == (
        "Most discussed",
        "What people talk of",
        7,
    )


def test_named_feed_without_title_goes_by_its_name():
    assert groups(rules=named())["hot"].name == "hot"


def test_named_feed_cannot_show_what_is_withheld():
    rules = named(selection=Selection(unpublished=True))
    assert names(groups(article("a", withheld="unpublished"), rules=rules)["hot"]) == []


def test_feed_that_was_published_stays_when_its_topic_is_gone():
    group = groups(published=published("topics/gone"))["topics/gone"]
    assert (group.articles, group.standing, group.name) == ((), "kept", "Old name")


def test_feed_that_was_published_and_still_belongs_is_current():
    group = groups(article("a"), published=published("topics/libraries"))["topics/libraries"]
    assert (group.standing, group.name, names(group)) == ("current", "Libraries", ["a"])


def test_feed_that_fell_below_a_threshold_keeps_its_articles():
    path = "topics/libraries/example.com"
    group = groups(article("a"), published=published(path, "topic-provider"))[path]
    assert (group.standing, names(group)) == ("kept", ["a"])


def test_feed_of_a_kind_no_longer_asked_for_keeps_its_articles():
    rules = GroupRules(kinds=frozenset({"all"}))
    group = groups(article("a"), rules=rules, published=published("topics/libraries"))[
        "topics/libraries"
    ]
    assert (group.standing, names(group)) == ("kept", ["a"])


def test_named_feed_out_of_the_configuration_is_emptied():
    group = groups(article("a", heat=300), published=published("hot", "named"))["hot"]
    assert (group.standing, group.articles) == ("kept", ())


def test_emptied_feed_of_a_known_topic_still_has_its_place():
    group = groups(metadata=PARENTS, published=published("topics/law"))["topics/law"]
    assert (group.topic.name, group.parent) == ("Law", "topics/ai")


def test_record_of_the_last_run_is_kept_with_its_feed():
    last = published("all", "all", formats=("rss",))
    assert groups(published=last)["all"].published == last["all"]


def test_pruning_ends_what_no_longer_belongs():
    assert "topics/gone" not in groups(article("a"), published=None)


def test_folder_of_a_provider_is_below_providers():
    assert provider_path("example.com") == "providers/example.com"


NASTY = [
    "AI",
    "ai",
    "C",
    "C++",
    "..",
    "../../etc/passwd",
    "/",
    "\\",
    "😀",
    "index",
    "a/b",
    "~",
    "%2e",
]
ARTICLES = st.lists(
    st.builds(
        lambda name, topics, domain: article(
            name, topics=tuple(topics), provider=provider(domain=domain)
        ),
        st.sampled_from("abcdefgh"),
        st.lists(st.sampled_from(NASTY), max_size=4),
        st.sampled_from([None, "example.com", "con.example.net"]),
    ),
    max_size=8,
    unique_by=lambda found: found.id,
)
NEST = (TopicMetadata(name="C++", parent="C", slug="cpp"), TopicMetadata(name="C", parent="AI"))


@given(ARTICLES, st.randoms(use_true_random=False))
def test_order_of_the_articles_changes_no_group(articles, random):
    rules = GroupRules(kinds=ALL_KINDS, min_entries=2, include_children=True)
    shuffled = random.sample(articles, len(articles))
    assert list(groups(*shuffled, rules=rules, metadata=NEST).items()) == list(
        groups(*articles, rules=rules, metadata=NEST).items()
    )


@given(ARTICLES)
def test_no_path_leaves_the_output_folder(articles):
    rules = GroupRules(kinds=ALL_KINDS, min_entries=1)
    for path in groups(*articles, rules=rules):
        parts = PurePosixPath(path).parts
        assert not path.startswith(("/", "~"))
        assert not {"..", "."} & set(parts)
        assert "\\" not in path


@given(ARTICLES)
def test_paths_are_told_apart_even_without_case(articles):
    rules = GroupRules(kinds=ALL_KINDS, min_entries=1)
    corpus = sort_out(articles, Selection(), NOW)
    found = groups_of(corpus, build_catalog(corpus.listed), rules, NOW)
    paths = [group.path.casefold() for group in found]
    assert len(set(paths)) == len(paths)


def folders_that_are_files(workspace):
    """Return the documents of a build that would have to be files and folders at once."""
    workspace.build()
    folders = {
        str(folder)
        for path in workspace.destination.files
        for folder in PurePosixPath(path).parents
    }
    return folders & set(workspace.destination.files)


@pytest.mark.parametrize("domain", ["rss.xml", "atom.xml", "feed.json"])
def test_domain_like_a_file_of_the_feed_does_not_stop_the_run(workspace, domain):
    for number in range(5):
        workspace.write(
            f"{number}.md",
            record(
                webUrl=f"https://www.example.com/{number}",
                provider=f"{{name: Odd, domain: {domain}}}",
            ),
        )
    assert folders_that_are_files(workspace) == set()


@pytest.mark.parametrize("name", ["feeds.json", "feeds.opml", "embed.js", "pages.css"])
def test_named_feed_cannot_take_the_place_of_a_file_at_the_root(workspace, name):
    workspace.configure(
        f"""
        site: {{title: a, url: "https://feeds.example.org/", tag: "feeds.example.org,2026"}}
        sources: [articles/]
        named: {{{name}: {{min_heat: 1}}}}
        """
    )
    try:
        clashes = folders_that_are_files(workspace)
    except ConfigError:
        clashes = set()
    assert clashes == set()
