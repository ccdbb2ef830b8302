from datetime import timedelta

import pytest
from support import NOW, article, provider, record

from feedpub.corpus import sort_out
from feedpub.selection import (
    Choice,
    Selection,
    unselected_reason,
    withheld_reason,
)

EVERYTHING = Selection()


def reason(selection, **fields):
    return unselected_reason(article(**fields), selection, NOW)


def chosen(*names):
    return Choice(include=frozenset(names))


def excluded(*names):
    return Choice(exclude=frozenset(names))


def test_article_is_listed_by_default():
    corpus = sort_out([article()], EVERYTHING, NOW)
    assert (len(corpus.listed), corpus.held_back) == (1, ())


@pytest.mark.parametrize("withheld", ["removed", "draft", "unpublished", "doubtful"])
def test_withheld_article_is_held_back(withheld):
    assert withheld_reason(article(withheld=withheld), EVERYTHING, NOW) == withheld


def test_unpublished_can_be_lifted():
    assert (
        withheld_reason(article(withheld="unpublished"), Selection(unpublished=True), NOW) is None
    )


@pytest.mark.parametrize("withheld", ["removed", "draft", "doubtful"])
def test_nothing_else_can_be_lifted(withheld):
    selection = Selection(unpublished=True)
    assert withheld_reason(article(withheld=withheld), selection, NOW) == withheld


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(0), None),
        (timedelta(minutes=59), None),
        (timedelta(hours=1), None),
        (timedelta(hours=1, seconds=1), "scheduled"),
        (timedelta(days=365), "scheduled"),
    ],
)
def test_article_of_the_future_is_scheduled(ahead, expected):
    assert withheld_reason(article(published=NOW + ahead), EVERYTHING, NOW) == expected


@pytest.mark.parametrize("unpublished", [True, False])
def test_future_is_not_lifted_with_unpublished(unpublished):
    selection = Selection(unpublished=unpublished)
    assert withheld_reason(article(published=NOW + timedelta(days=1)), selection, NOW)


@pytest.mark.parametrize(
    ("heat", "expected"),
    [
        (200, None),
        (201, None),
        (199, "below min_heat"),
        (-1, "below min_heat"),
        (None, "below min_heat"),
    ],
)
def test_min_heat(heat, expected):
    assert reason(Selection(min_heat=200), heat=heat) == expected


def test_min_heat_of_zero_is_a_limit():
    assert reason(Selection(min_heat=0), heat=-1) == "below min_heat"


@pytest.mark.parametrize(("quality", "expected"), [(50, None), (49.9, "below min_quality")])
def test_min_quality(quality, expected):
    assert reason(Selection(min_quality=50), quality=quality) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [(timedelta(days=30), None), (timedelta(days=30, seconds=1), "older than max_age")],
)
def test_max_age(age, expected):
    assert reason(Selection(max_age=timedelta(days=30)), published=NOW - age) == expected


@pytest.mark.parametrize(
    ("types", "kind", "expected"),
    [
        (chosen("video"), "video", None),
        (chosen("video"), "article", "type not selected"),
        (chosen("video"), None, "type not selected"),
        (excluded("video"), "video", "type not selected"),
        (excluded("video"), None, None),
    ],
)
def test_types(types, kind, expected):
    assert reason(Selection(types=types), type=kind) == expected


@pytest.mark.parametrize(
    ("languages", "language", "expected"),
    [
        (chosen("en"), "en", None),
        (chosen("en"), "en-US", None),
        (chosen("en-us"), "en-US", None),
        (chosen("en-us"), "en", "language not selected"),
        (chosen("en"), "de", "language not selected"),
        (chosen("en"), None, "language not selected"),
        (excluded("de"), "de-AT", "language not selected"),
        (excluded("de"), None, None),
    ],
)
def test_languages(languages, language, expected):
    assert reason(Selection(languages=languages), language=language) == expected


@pytest.mark.parametrize(
    ("topics", "names", "expected"),
    [
        (chosen("ai"), ("AI", "Law"), None),
        (chosen("management tools"), ("Management-Tools",), None),
        (chosen("ai"), ("Law",), "topic not selected"),
        (chosen("ai"), (), "topic not selected"),
        (excluded("law"), ("AI", "Law"), "topic not selected"),
        (excluded("law"), (), None),
        (Choice(include=frozenset({"ai"}), exclude=frozenset({"law"})), ("AI", "Law"),
         "topic not selected"),
    ],
)  # fmt: skip
def test_topics(topics, names, expected):
    assert reason(Selection(topics=topics), topics=names) == expected


@pytest.mark.parametrize(
    ("providers", "domain", "expected"),
    [
        (chosen("example.com"), "example.com", None),
        (chosen("example.com"), "news.example.com", "provider not selected"),
        (chosen("example.com"), None, "provider not selected"),
        (excluded("example.com"), "example.com", "provider not selected"),
        (excluded("example.com"), None, None),
    ],
)
def test_providers(providers, domain, expected):
    own = provider(domain=domain)
    assert reason(Selection(providers=providers), provider=own) == expected


def test_article_without_provider_is_not_excluded():
    assert reason(Selection(providers=excluded("example.com")), provider=None) is None


def test_reason_of_the_record_comes_before_the_rule_of_the_site():
    held_back = article(withheld="removed", quality=0)
    corpus = sort_out([held_back], Selection(min_quality=1), NOW)
    assert [reason for _, reason in corpus.held_back] == ["removed"]


def test_names_of_a_choice_are_met_however_they_are_written(workspace):
    workspace.configure(
        """
        site: {title: a, url: "https://feeds.example.org/", tag: "feeds.example.org,2026"}
        sources: [articles/]
        select:
          topics: [MANAGEMENT-tools]
          types: [Article]
          languages: en_US
          providers: {include: "https://www.Example.com/"}
        """
    )
    workspace.write("a.md", record(topics="[Management Tools]", type="article", locale="en-us"))
    assert len(workspace.build().survey.corpus.listed) == 1
