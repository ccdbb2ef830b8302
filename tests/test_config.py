from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from support import CONFIG

from feedpub.config_file import parse_config
from feedpub.selection import Choice


def config(more="", base=CONFIG):
    return parse_config((base + more).encode(), "config.yaml")


def test_configuration_of_a_newcomer_needs_no_more_than_site_and_sources():
    made = config()
    assert made.output == "feeds/"
    assert made.formats == ("rss", "atom", "json")
    assert made.groups == ("all", "topic", "provider", "topic-provider")
    assert (made.limit, made.min_entries, made.related.limit) == (50, 5, 5)


def test_nothing_is_selected_away_by_default():
    assert config().selection() == type(config().selection())()


def test_configuration_cannot_be_changed_after_reading():
    with pytest.raises(ValidationError, match="frozen"):
        config().limit = 3


# A bare text where a list is meant.


def test_one_source_may_stand_without_a_list():
    made = config(base=CONFIG.replace("sources:\n  - articles/", "sources: articles/"))
    assert [source.path for source in made.sources] == ["articles/"]


def test_source_may_be_a_path_or_have_keys():
    base = CONFIG.replace("- articles/", "- articles/\n  - {path: more/, prefix: more/}")
    assert [(s.path, s.prefix) for s in config(base=base).sources] == [
        ("articles/", ""),
        ("more/", "more/"),
    ]


def test_one_exclude_pattern_may_stand_without_a_list():
    base = CONFIG.replace("- articles/", "- {path: articles/, exclude: README.md}")
    assert config(base=base).sources[0].exclude == ("README.md",)


def test_one_format_may_stand_without_a_list():
    assert config("formats: atom\n").formats == ("atom",)


def test_one_group_may_stand_without_a_list():
    assert config("groups: topic\n").groups == ("topic",)


def test_folder_of_topics_may_stand_without_a_list():
    assert [item.folder for item in config("topics: metadata/topics/\n").topics] == [
        "metadata/topics/"
    ]


def test_folders_and_topics_may_be_mixed():
    made = config("topics: [metadata/topics/, {folder: more/}, {name: C++, slug: cpp}]\n")
    assert [item.folder for item in made.topics] == ["metadata/topics/", "more/", None]
    assert [(topic.name, topic.slug) for topic in made.own_topics()] == [("C++", "cpp")]


# Addresses, tags, zones.


def test_address_of_the_site_ends_in_a_slash():
    made = config(base=CONFIG.replace("feeds.example.org/", "feeds.example.org/news"))
    assert made.site.url == "https://feeds.example.org/news/"


def test_description_of_the_site_is_its_title_unless_given():
    made = config(base=CONFIG.replace("  description: What the world writes\n", ""))
    assert made.site.site().description == "Example Every Day"


def test_author_of_the_site_is_the_site_unless_given():
    author = config().site.site().author
    assert (author.name, author.uri) == ("Example Every Day", "https://feeds.example.org/")


def test_author_of_the_site_may_be_named():
    base = CONFIG.replace("  language: en", "  author: {name: The Editors}")
    author = config(base=base).site.site().author
    assert (author.name, author.uri) == ("The Editors", None)


def test_language_with_an_underscore_becomes_a_tag():
    assert config(base=CONFIG.replace("language: en", "language: pt_BR")).site.language == "pt-BR"


@pytest.mark.parametrize(
    "tag",
    [
        "feeds.example.org,2026",
        "feeds.example.org,2026-02",
        "feeds.example.org,2026-02-28",
        "editor@example.org,2026",
        "localhost,2026",
    ],
)
def test_tag_is_an_authority_and_a_day_of_it(tag):
    assert config(base=CONFIG.replace("feeds.example.org,2026", tag)).site.tag == tag


@pytest.mark.parametrize(
    ("tag", "day"),
    [
        ("example.org,2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("example.org,2026-03", datetime(2026, 3, 1, tzinfo=UTC)),
        ("example.org,2026-03-15", datetime(2026, 3, 15, tzinfo=UTC)),
    ],
)
def test_day_of_the_tag_is_when_a_feed_without_entries_last_changed(tag, day):
    assert config(base=CONFIG.replace("feeds.example.org,2026", tag)).site.site().epoch == day


@pytest.mark.parametrize("name", ["UTC", "utc"])
def test_zone_is_utc_by_name(name):
    assert config(f"timezone: {name}\n").zone() is UTC


def test_zone_is_utc_by_default():
    assert config().zone() is UTC


def test_zone_may_be_a_place():
    assert config("timezone: Europe/Berlin\n").zone() == ZoneInfo("Europe/Berlin")


# Selecting.


@pytest.mark.parametrize(
    "written",
    ["[Repair, Libraries]", "{include: [Repair, Libraries]}", "{include: [repair, LIBRARIES]}"],
)
def test_list_of_a_rule_means_what_to_include(written):
    selection = config(f"select: {{topics: {written}}}\n").selection()
    assert selection.topics == Choice(include=frozenset({"repair", "libraries"}))


def test_rule_may_exclude():
    selection = config("select: {providers: {exclude: www.Example.com}}\n").selection()
    assert selection.providers == Choice(exclude=frozenset({"example.com"}))


def test_rule_may_include_and_exclude():
    selection = config("select: {types: {include: [Article], exclude: [video]}}\n").selection()
    assert selection.types == Choice(include=frozenset({"article"}), exclude=frozenset({"video"}))


def test_one_name_of_a_rule_may_stand_without_a_list():
    selection = config("select: {languages: pt_BR}\n").selection()
    assert selection.languages == Choice(include=frozenset({"pt-br"}))


def test_scores_may_be_fractions_and_negative():
    selection = config("select: {min_heat: -1, min_quality: 20.5}\n").selection()
    assert (selection.min_heat, selection.min_quality) == (-1, 20.5)


@pytest.mark.parametrize(
    ("written", "age"),
    [("36h", timedelta(hours=36)), ("30d", timedelta(days=30)), ("8w", timedelta(weeks=8))],
)
def test_age_is_counted_in_hours_days_or_weeks(written, age):
    assert config(f"select: {{max_age: {written}}}\n").selection().max_age == age


def test_unpublished_records_may_be_selected():
    assert config("select: {unpublished: true}\n").selection().unpublished


def test_one_run_may_lift_the_bar_for_unpublished_records():
    assert config().selection(unpublished=True).unpublished


def test_named_feed_cannot_ask_for_unpublished_records():
    with pytest.raises(Exception, match="unknown key 'unpublished'"):
        config("named:\n  all-of-it: {unpublished: true}\n")


# Groups.


def test_named_feed_has_a_rule_a_title_and_a_limit():
    made = config("named:\n  hot: {min_heat: 200, title: Most discussed, limit: 3}\n")
    (hot,) = made.group_rules().named
    assert (hot.name, hot.title, hot.limit) == ("hot", "Most discussed", 3)
    assert hot.selection.min_heat == 200


def test_named_feeds_are_sorted_whatever_their_order_in_the_file():
    made = config("named: {zebra: {min_heat: 1}, apple: {min_heat: 1}}\n")
    assert [rule.name for rule in made.group_rules().named] == ["apple", "zebra"]


def test_name_of_a_feed_may_have_letters_of_any_script():
    assert list(config("named: {Büchereien: {min_heat: 1}}\n").named) == ["büchereien"]


def test_groups_are_those_of_the_configuration():
    rules = config("groups: [topic, all]\nlimit: 7\nmin_entries: 2\ninclude_children: yes\n")
    made = rules.group_rules()
    assert made.kinds == {"topic", "all"}
    assert (made.limit, made.min_entries, made.include_children) == (7, 2, True)


# What is known of topics and providers.


def test_topic_of_the_configuration_has_parent_and_description():
    (topic,) = config(
        "topics: [{name: Repair, parent: Libraries, description: Mending things}]\n"
    ).own_topics()
    assert (topic.parent, topic.description) == ("Libraries", "Mending things")


def test_provider_of_the_configuration_is_known_by_its_domain():
    (provider,) = config(
        "providers: [{domain: https://www.Example.com/news, name: Example Daily}]\n"
    ).own_providers()
    assert (provider.domain, provider.name, provider.logos) == ("example.com", "Example Daily", ())


def test_logo_of_a_provider_is_a_picture():
    (provider,) = config(
        "providers: [{domain: example.com, logo: https://static.example.org/logo.png}]\n"
    ).own_providers()
    assert [(logo.url, logo.media_type) for logo in provider.logos] == [
        ("https://static.example.org/logo.png", "image/png")
    ]


def test_folder_of_providers_is_no_provider_itself():
    assert config("providers: metadata/organizations/\n").own_providers() == []


def test_presentation_is_what_the_configuration_says():
    shown = config(
        "content: excerpt\n"
        "related: {limit: 0}\n"
        "images: {limit: 3, fallback: none, stock_threshold: 2}\n"
    ).presentation()
    assert not shown.full_content
    assert not shown.related_pictures
    assert (shown.related_limit, shown.image_limit, shown.stock_threshold) == (0, 3, 2)


@pytest.mark.parametrize(
    ("images", "seconds"),
    [
        ("{}", None),
        ("{budget: 5s}", None),
        ("{measure: true}", 10),
        ("{measure: true, budget: 5s}", 5),
    ],
)
def test_pictures_are_measured_for_a_while_if_asked_for(images, seconds):
    measuring = config(f"images: {images}\n").images.measuring()
    assert measuring == (timedelta(seconds=seconds) if seconds else None)


@pytest.mark.parametrize("name", ["yes", "no", "null", "2026", "12:30", "1.10"])
def test_title_is_the_text_that_stands_there(name):
    base = CONFIG.replace("Example Every Day", f'"{name}"')
    assert config(base=base).site.title == name


@pytest.mark.parametrize("name", ["yes", "no", "2026", "12:30", "1.10", "0x10"])
def test_unquoted_title_is_the_text_that_stands_there(name):
    assert config(base=CONFIG.replace("Example Every Day", name)).site.title == name
