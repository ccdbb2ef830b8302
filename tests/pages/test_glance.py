"""What the index shows of a feed at a glance."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from support import DAY, article, image

from feedpub.article import Person
from feedpub.catalog import ProviderEntry
from feedpub.compose import Site, compose_feed
from feedpub.groups import Group
from feedpub.pages.glance import CARDS, WEEKS, Glance, articles_a_week, glances
from feedpub.pages.site_map import Published, SiteMap

SITE = Site(
    title="Example Every Day",
    url="https://feeds.example.org/",
    tag="feeds.example.org,2026",
    description="All",
    language="en",
    author=Person(name="Example"),
)


def published(name, *articles, kind="topic"):
    group = Group(kind=kind, path=f"topics/{name}", name=name, articles=articles, limit=50)
    return Published(group=group, feed=compose_feed(group, SITE, ("rss",)), sha256="")


def glance(*articles, kind="topic"):
    item = published("a", *articles, kind=kind)
    pictures = lambda article: article.images[0].url if article.images else None  # noqa: E731
    return glances(SiteMap(site=SITE, feeds=(item,)), pictures)["topics/a"]


def test_articles_of_the_last_week_are_in_the_last_bar():
    days = [DAY, DAY - timedelta(days=6), DAY - timedelta(days=7)]
    counts = articles_a_week([article(str(day), published=day) for day in days], DAY)
    assert (len(counts), counts[-2:]) == (WEEKS, (1, 2))


@given(st.lists(st.integers(min_value=0, max_value=20 * 7 * 24)))
def test_each_article_is_in_the_bar_of_its_week(hours):
    moments = [DAY - timedelta(hours=age) for age in sorted(hours)]
    counts = articles_a_week([article(str(m), published=m) for m in moments], DAY)
    weeks = [age // (7 * 24) for age in hours]
    assert counts == tuple(weeks.count(week) for week in reversed(range(WEEKS)))


def test_articles_older_than_all_weeks_are_in_no_bar():
    old = article("a", published=DAY - timedelta(weeks=WEEKS))
    assert sum(articles_a_week([old], DAY)) == 0


def test_highest_bar_is_ten_high_and_no_article_is_no_bar():
    assert Glance(weeks=(0, 1, 4)).bars == "M6 10v-3M10 10v-10"


def test_feed_without_articles_shows_nothing():
    assert glance() == Glance()


def test_three_newest_are_shown():
    articles = [article(str(n), published=DAY - timedelta(days=n)) for n in range(5)]
    assert [a.title for a in glance(*articles).newest] == [f"Title of {n}" for n in range(3)]


def test_newest_picture_is_shown():
    assert glance(article("a"), article("b", images=(image(),))).picture == image().url


def test_last_article_is_the_newest_of_those_shown():
    assert glance(article("a"), article("b", published=DAY - timedelta(days=1))).last == DAY


def test_of_very_many_feeds_the_largest_show_titles():
    several = [article(f"l{n}") for n in range(2)]
    feeds = [published(f"t{n}", article(f"a{n}")) for n in range(CARDS)]
    large = published("zzz", *several)
    found = glances(SiteMap(site=SITE, feeds=(*feeds, large)), lambda _: None)
    assert found["topics/zzz"].newest
    assert sum(1 for each in found.values() if each.newest) == CARDS


def test_logo_of_a_provider_is_no_picture():
    entry = ProviderEntry(
        domain="example.com", name="Example Daily", url="https://example.com/", logo=image()
    )
    item = published("a", article("a"), kind="provider")
    item = replace(item, group=replace(item.group, provider=entry))
    found = glances(SiteMap(site=SITE, feeds=(item,)), lambda _: None)["topics/a"]
    assert (found.logo, found.picture) == (image().url, None)
