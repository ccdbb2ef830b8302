from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from support import DAY, NOW, article, image, provider, record, related

from feedpub.article import Person
from feedpub.catalog import ProviderMetadata, TopicMetadata, build_catalog
from feedpub.compose import NO_ARTICLES, Site, compose_feed
from feedpub.corpus import sort_out
from feedpub.dates import parse_date
from feedpub.entries import Presentation, entry_composer
from feedpub.feed import Category, Source
from feedpub.groups import GroupRules, NamedRule, PublishedFeed, groups_of
from feedpub.selection import Selection

SITE = Site(
    title="Example Every Day",
    url="https://feeds.example.org/",
    tag="feeds.example.org,2026",
    description="What the world writes",
    language="en",
    author=Person(name="Example Every Day", uri="https://feeds.example.org/"),
    logo="https://feeds.example.org/logo.png",
)
KINDS = frozenset({"all", "topic", "provider", "topic-provider", "named"})


class Run:
    """Articles composed into entries and feeds."""

    def __init__(self, *articles, topics=(), providers=(), site=SITE, **presentation):
        self.site = site
        self.corpus = sort_out(articles, Selection(), NOW)
        self.catalog = build_catalog(self.corpus.listed, topics, providers)
        composer = entry_composer(self.corpus, self.catalog, site, Presentation(**presentation))
        self.entries = {found.id: composer.entry(found) for found in self.corpus.listed}

    def entry(self, name="a"):
        return self.entries[f"tag:feeds.example.org,2026:{name}"]

    def feed(self, path, *, published=None, formats=("rss", "atom", "json"), **rules):
        rules = GroupRules(kinds=KINDS, min_entries=1, **rules)
        found = groups_of(self.corpus, self.catalog, rules, NOW, published)
        [group] = [group for group in found if group.path == path]
        entries = tuple(self.entries[article.id] for article in group.window)
        return replace(compose_feed(group, self.site, formats), entries=entries)


def entry(**fields):
    return Run(article("a", **fields)).entry()


def number_of(count, **fields):
    return tuple(
        related(f"https://www.example.net/{n}", title=f"R{n}", **fields) for n in range(count)
    )


# Entries


def test_every_listed_article_has_an_entry():
    run = Run(article("a"), article("b"), article("c", withheld="removed"))
    assert sorted(run.entries) == [article("a").id, article("b").id]


def test_entry_says_what_the_article_says():
    found = entry(via="https://www.example.org/o", language="de", summary="S")
    assert (found.title, found.link, found.via, found.language, found.summary) == (
        "Title of a",
        "https://www.example.com/a",
        "https://www.example.org/o",
        "de",
        "S",
    )


def test_article_never_updated_is_as_old_as_its_publication():
    assert entry().updated == DAY


def test_updated_article_says_when():
    assert entry(updated=DAY + timedelta(days=1)).updated == DAY + timedelta(days=1)


@pytest.mark.parametrize(
    "change",
    [{"quality": 9}, {"heat": 300}, {"related": (related(),)}],
)
def test_score_and_story_do_not_move_the_update(change):
    assert entry(**change).updated == entry().updated


def test_update_of_the_future_is_not_published(workspace):
    workspace.write("a.md", record(updatedDateTime="2190-01-01"))
    workspace.write("b.md", record(webUrl="https://www.example.com/b"))
    workspace.build()
    assert "2190" not in workspace.text("all/atom.xml")


def test_people_wrote_it():
    ana = Person(name="Ana", uri="https://example.org/ana")
    assert entry(authors=(ana,)).authors == (ana,)


def test_provider_wrote_it_where_nobody_is_named():
    assert entry().authors == (Person(name="Example Daily", uri="https://example.com/"),)


def test_site_wrote_it_where_no_provider_is_named():
    assert entry(provider=None).authors == (SITE.author,)


def test_provider_without_domain_has_no_page():
    assert entry(provider=provider("Somebody", None)).authors == (Person(name="Somebody"),)


def test_provider_goes_by_its_commonest_name():
    run = Run(*(article(n, provider=provider(f"Name {n > 'a'}")) for n in "abc"))
    assert run.entry("a").provider_name == "Name True"


def test_provider_goes_by_the_name_of_the_metadata():
    metadata = ProviderMetadata(domain="example.com", name="Example, Inc.")
    assert Run(article("a"), providers=[metadata]).entry().provider_name == "Example, Inc."


def test_topics_are_categories_with_the_page_of_their_feed():
    assert entry(topics=("C++", "Künstliche Intelligenz")).categories == (
        Category(term="C++", scheme="https://feeds.example.org/topics/c-cedb1bac/"),
        Category(
            term="Künstliche Intelligenz",
            scheme="https://feeds.example.org/topics/k%C3%BCnstliche-intelligenz/",
        ),
    )


def test_category_is_never_repeated():
    assert [c.term for c in entry(topics=("AI", "ai", "Law")).categories] == ["AI", "Law"]


def test_category_goes_by_the_readable_name():
    run = Run(article("a", topics=("cpp",)), topics=[TopicMetadata(name="CPP", slug="c-pp")])
    assert run.entry().categories == (
        Category(term="CPP", scheme="https://feeds.example.org/topics/c-pp/"),
    )


def test_related_links_are_capped():
    run = Run(article("a", related=number_of(9)), related_limit=3)
    assert [link.title for link in run.entry().related] == ["R0", "R1", "R2"]


def test_five_related_links_are_shown_by_default():
    assert len(entry(related=number_of(9)).related) == 5


def test_no_related_links_are_shown_on_request():
    run = Run(article("a", related=number_of(2)), related_limit=0)
    assert (run.entry().related, "Related" in run.entry().content) == ((), False)


def test_related_link_names_its_provider_as_the_catalog_does():
    other = related(provider=provider("Old name"))
    run = Run(
        article("a", related=(other,)),
        providers=[ProviderMetadata(domain="example.com", name="New name")],
    )
    assert run.entry().related[0].provider == "New name"


def test_related_link_names_a_provider_the_catalog_does_not_know():
    other = related(provider=provider("Example Net", "example.net"))
    assert entry(related=(other,)).related[0].provider == "Example Net"


def test_content_holds_picture_body_and_related_links():
    found = entry(images=(image(),), body="*text*", related=number_of(1)).content
    places = [found.index(part) for part in ("<img ", "<em>text</em>", "Related:")]
    assert places == sorted(places)


def test_excerpt_is_shown_on_request():
    run = Run(article("a", body="*body*", summary="excerpt"), full_content=False)
    assert run.entry().content == "<p>excerpt</p>"


def test_pictures_are_those_of_the_article():
    found = entry(images=(image(),))
    assert (found.images, found.lead) == ((image(),), image())


def test_stock_picture_is_left_out():
    articles = [article(str(n), images=(image(),)) for n in range(4)]
    assert Run(*articles, stock_threshold=3).entry("0").images == ()


def test_picture_that_few_share_is_kept():
    articles = [article(str(n), images=(image(),)) for n in range(3)]
    assert Run(*articles, stock_threshold=3).entry("0").images == (image(),)


def test_picture_of_held_back_articles_does_not_count_as_stock():
    articles = [
        article(str(n), images=(image(),), withheld="removed" if n else None) for n in range(9)
    ]
    assert Run(*articles, stock_threshold=3).entry("0").images == (image(),)


def test_picture_of_a_related_article_beyond_the_limit_may_lead():
    items = (*number_of(5, quality=9), related("https://www.example.net/p", images=(image(),)))
    run = Run(article("a", related=items))
    assert (run.entry().lead, len(run.entry().related)) == (image(), 5)


def test_no_related_picture_is_taken_on_request():
    run = Run(article("a", related=number_of(1, images=(image(),))), related_pictures=False)
    assert run.entry().images == ()


def test_logo_of_the_metadata_is_no_picture():
    metadata = ProviderMetadata(domain="example.com", logos=(image(),))
    assert Run(article("a", images=(image(),)), providers=[metadata]).entry().images == ()


def test_smaller_logo_of_the_metadata_is_no_picture():
    wide = image("https://example.com/wide.png", width=500)
    metadata = ProviderMetadata(domain="example.com", logos=(image(width=50), wide))
    assert Run(article("a", images=(image(),)), providers=[metadata]).entry().images == ()


def test_source_is_told_only_where_the_feed_of_the_provider_is_configured():
    metadata = ProviderMetadata(domain="example.com", feed="https://example.com/feed.xml")
    assert (entry().source, Run(article("a"), providers=[metadata]).entry().source) == (
        None,
        Source(title="Example Daily", feed_url="https://example.com/feed.xml"),
    )


def test_merged_ids_are_remembered():
    link = "https://www.example.com/same"
    run = Run(article("a", link=link), article("b", link=link))
    assert run.entry("a").merged_ids == (article("b").id,)


# Feeds


def test_id_of_a_feed_is_a_tag_uri_of_its_path():
    assert Run(article("a")).feed("topics/libraries").id == (
        "tag:feeds.example.org,2026:feed:topics/libraries"
    )


def test_no_record_can_have_the_id_of_a_feed(workspace):
    workspace.write("feed:all.md", record())
    workspace.build()
    assert workspace.text("all/atom.xml").count("tag:feeds.example.org,2026:feed:all<") == 1


def test_addresses_of_a_feed_are_absolute():
    feed = Run(article("a", topics=("日本",))).feed("topics/日本")
    page = "https://feeds.example.org/topics/%E6%97%A5%E6%9C%AC/"
    assert (feed.page, feed.addresses) == (
        page,
        {"rss": f"{page}rss.xml", "atom": f"{page}atom.xml", "json": f"{page}feed.json"},
    )


def test_feed_has_only_the_formats_asked_for():
    assert list(Run(article("a")).feed("all", formats=("json", "rss")).addresses) == ["rss", "json"]


def test_feed_is_as_new_as_its_newest_change():
    run = Run(article("a", updated=DAY + timedelta(days=3)), article("b", published=DAY))
    assert run.feed("all").updated == DAY + timedelta(days=3)


def test_change_of_an_entry_that_is_not_shown_does_not_count():
    old = article("b", published=DAY - timedelta(days=1), updated=DAY + timedelta(days=3))
    assert Run(article("a"), old).feed("all", limit=1).updated == DAY


def published(path="topics/gone"):
    return {path: PublishedFeed(path=path, kind="topic", name="Gone", updated=DAY)}


def test_emptied_feed_keeps_its_date():
    assert Run().feed("topics/gone", published=published()).updated == DAY


@pytest.mark.parametrize(
    ("tag", "epoch"),
    [("2026", (2026, 1, 1)), ("2026-03", (2026, 3, 1)), ("2026-03-09", (2026, 3, 9))],
)
def test_feed_that_never_held_anything_is_as_old_as_the_tag(tag, epoch):
    site = Site(
        title="a",
        url="https://feeds.example.org/",
        tag=f"feeds.example.org,{tag}",
        description="a",
        language="en",
        author=SITE.author,
    )
    assert Run(site=site).feed("all").updated == datetime(*epoch, tzinfo=UTC)


def test_emptied_feed_says_so():
    feed = Run().feed("topics/gone", published=published())
    assert (feed.entries, feed.subtitle, feed.title) == (
        (),
        NO_ARTICLES,
        "Gone – Example Every Day",
    )


@pytest.mark.parametrize(
    ("path", "title", "subtitle"),
    [
        ("all", "Example Every Day", "What the world writes"),
        ("topics/libraries", "Libraries – Example Every Day", "Articles on Libraries"),
        (
            "providers/example.com",
            "Example Daily – Example Every Day",
            "Articles from Example Daily",
        ),
        (
            "topics/libraries/example.com",
            "Libraries: Example Daily – Example Every Day",
            "Libraries: Example Daily – What the world writes",
        ),
    ],
)
def test_feed_says_what_it_is_about(path, title, subtitle):
    feed = Run(article("a")).feed(path)
    assert (feed.title, feed.subtitle) == (title, subtitle)


def test_description_of_a_topic_is_the_subtitle():
    metadata = TopicMetadata(name="Libraries", description="Books, lent")
    run = Run(article("a"), topics=[metadata])
    assert run.feed("topics/libraries").subtitle == "Books, lent"


def test_named_feed_has_its_own_words():
    rule = NamedRule(name="hot", selection=Selection(), title="Hot", subtitle="Much discussed")
    feed = Run(article("a")).feed("hot", named=(rule,))
    assert (feed.title, feed.subtitle) == ("Hot – Example Every Day", "Much discussed")


def test_feed_shows_its_entries_newest_first_and_capped():
    articles = [article(n, published=DAY - timedelta(days=ord(n))) for n in "cab"]
    feed = Run(*articles).feed("all", limit=2)
    assert [found.id[-1] for found in feed.entries] == ["a", "b"]


def test_same_article_has_the_same_entry_in_every_feed():
    run = Run(article("a"))
    assert run.feed("all").entries == run.feed("providers/example.com").entries


def test_feed_of_a_provider_shows_its_logo():
    metadata = ProviderMetadata(domain="example.com", logos=(image(),))
    run = Run(article("a"), providers=[metadata])
    assert (run.feed("providers/example.com").logo, run.feed("all").logo) == (
        image().url,
        SITE.logo,
    )


def test_order_of_the_articles_changes_no_feed():
    articles = [article(n, topics=("AI", "ai", n)) for n in "abcd"]
    one, other = Run(*articles), Run(*reversed(articles))
    assert one.feed("topics/ai") == other.feed("topics/ai")


def test_emptied_feed_has_no_date_of_the_run():
    assert Run().feed("all").updated < parse_date("2026-01-02")
