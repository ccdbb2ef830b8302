from hypothesis import given
from hypothesis import strategies as st
from support import DAY, NOW, article, provider, related

from feedpub.corpus import sort_out
from feedpub.links import same_address
from feedpub.related import as_related, ranked, related_articles
from feedpub.selection import Selection
from feedpub.story_notes import StoryNotes

NAMES = "abcdef"
ADDRESSES = st.sampled_from([f"https://www.example.net/{name}" for name in "abcdefgh"])


@st.composite
def corpora(draw):
    """Records of which some share addresses, and some are held back."""
    articles = [
        article(
            name,
            link=draw(ADDRESSES),
            via=draw(st.none() | ADDRESSES),
            quality=draw(st.sampled_from([1.0, 2.0])),
            provider=draw(st.sampled_from([None, provider("P", "p.example.org"), provider()])),
            withheld=draw(st.sampled_from([None, None, None, "unpublished"])),
        )
        for name in NAMES
    ]
    return sort_out(articles, Selection(), NOW)


def links(items):
    return [item.link for item in items]


def others_of(main, copies, corpus):
    """Return the links beside a record: by the rule, without what is at an address met before."""
    met, found = set(map(same_address, main.addresses)), []
    for copy in copies:
        address = same_address(copy.link)
        known = corpus.by_address.get(address)
        if address in corpus.withheld_addresses:
            continue
        addresses = {address, same_address(known.link)} if known else {address}
        if not addresses & met:
            found.append(as_related(known, copy) if known else copy)
        met |= addresses
    return links(related_articles(article("z"), sort_out([], Selection(), NOW), found))


@given(corpora())
def test_each_record_of_a_story_has_the_others_beside_it(corpus):
    notes = StoryNotes(tuple(each.id for each in corpus.listed), corpus)
    for each in corpus.listed:
        story = map(as_related, corpus.listed)
        assert links(notes.ranking.beside(each)) == others_of(each, story, corpus)


@given(corpora(), st.lists(st.builds(related, ADDRESSES), max_size=8))
def test_what_is_ranked_for_all_is_what_each_record_may_have_beside_it(corpus, copies):
    ranking = ranked(copies, corpus)
    for each in corpus.listed:
        assert links(ranking.beside(each)) == others_of(each, copies, corpus)


def test_records_that_are_not_listed_are_not_of_the_story():
    corpus = sort_out([article("a"), article("b")], Selection(), NOW)
    notes = StoryNotes((*(each.id for each in corpus.listed), "tag:example.org,2026:gone"), corpus)
    assert [each.id for each in notes.articles] == [each.id for each in corpus.listed]


def test_key_of_a_story_changes_when_an_editor_changes_one_of_its_records():
    def key(fingerprint):
        corpus = sort_out([article("a"), article("b", fingerprint=fingerprint)], Selection(), NOW)
        return StoryNotes(tuple(each.id for each in corpus.listed), corpus).key

    assert key(b"one") == key(b"one") != key(b"two")


def test_no_index_is_made_for_an_article_without_a_story():
    corpus = sort_out([article("a", published=DAY)], Selection(), NOW)
    notes = StoryNotes((), corpus)
    assert notes.articles == []
    assert notes.ranking.beside(corpus.listed[0]) == ()
    assert vars(corpus) == {}
