from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support import DAY, NOW, article, image, provider, related

from feedpub.corpus import sort_out
from feedpub.related import related_articles
from feedpub.selection import Selection


def shown(main, *others, selection=None):
    """Return what is shown beside the first article of a corpus."""
    corpus = sort_out([main, *others], selection or Selection(), NOW)
    return tuple(item.full() for item in related_articles(main, corpus))


def links(items):
    return [item.link.rpartition("/")[2] for item in items]


def of(name, domain=None, **fields):
    fields.setdefault("provider", provider(domain=domain) if domain else None)
    return related(f"https://www.example.net/{name}", **fields)


def test_related_article_is_shown_as_embedded():
    item = of("r", "example.net", quality=3)
    assert shown(article("a", related=(item,))) == (item,)


def test_no_index_is_made_for_an_article_that_lists_nothing():
    corpus = sort_out([article("a"), article("b")], Selection(), NOW)
    assert related_articles(article("a"), corpus) == ()
    assert related_articles(article("a"), corpus, iter(())) == ()
    assert "by_address" not in vars(corpus)


def test_article_itself_is_left_out():
    assert shown(article("a", related=(related("http://www.example.com/a"),))) == ()


def test_article_itself_is_left_out_under_its_original_address():
    main = article(
        "a", via="https://www.example.org/o", related=(related("https://www.example.org/o"),)
    )
    assert shown(main) == ()


def test_article_itself_is_left_out_under_the_address_of_a_merged_one():
    twin = article("b", link="https://www.example.com/a", via="https://www.example.org/twin")
    main = article("a", related=(related("https://www.example.org/twin"),))
    assert shown(main, twin) == ()


def test_repeats_are_left_out():
    main = article("a", related=(of("r"), of("r", title="Again"), of("s")))
    assert links(shown(main)) == ["r", "s"]


def test_two_addresses_of_one_article_are_a_repeat():
    other = article("b", via="https://www.example.org/b")
    main = article("a", related=(related(other.link), related("https://www.example.org/b")))
    assert links(shown(main, other)) == ["b"]


def test_http_and_https_are_a_repeat():
    main = article("a", related=(of("r"), related("http://www.example.net/r")))
    assert len(shown(main)) == 1


def test_item_that_withholds_itself_is_left_out():
    main = article("a", related=(of("r", withheld="unpublished"), of("s")))
    assert links(shown(main)) == ["s"]


def test_withheld_record_is_left_out_whatever_its_copy_says():
    hidden = article("b", withheld="removed", via="https://www.example.org/b")
    main = article("a", related=(related(hidden.link), related("https://www.example.org/b")))
    assert shown(main, hidden) == ()


def test_record_of_the_future_is_left_out():
    hidden = article("b", published=NOW + timedelta(days=1))
    assert shown(article("a", related=(related(hidden.link),)), hidden) == ()


def test_unpublished_record_is_shown_on_request():
    other = article("b", withheld="unpublished")
    main = article("a", related=(related(other.link),))
    assert links(shown(main, other, selection=Selection(unpublished=True))) == ["b"]


def test_record_that_is_merely_not_selected_is_shown():
    other = article("b", quality=1)
    main = article("a", quality=9, related=(related(other.link),))
    assert links(shown(main, other, selection=Selection(min_quality=5))) == ["b"]


def test_data_of_the_corpus_beats_the_embedded_copy():
    other = article(
        "b",
        title="New title",
        link="https://www.example.com/new",
        via="https://www.example.com/old",
        quality=7,
        images=(image(),),
        provider=provider("New name"),
    )
    old = related("https://www.example.com/old", title="Old title", quality=1)
    [item] = shown(article("a", related=(old,)), other)
    assert (item.title, item.link, item.quality, item.published, item.images, item.provider) == (
        "New title",
        "https://www.example.com/new",
        7,
        DAY,
        (image(),),
        provider("New name"),
    )


def test_published_record_beats_a_copy_that_says_unpublished():
    other = article("b")
    main = article("a", related=(related(other.link, withheld="unpublished"),))
    assert links(shown(main, other)) == ["b"]


def test_what_the_corpus_does_not_know_is_taken_from_the_copy():
    other = article("b", provider=None)
    copy = related(other.link, images=(image(),), provider=provider("Example Net", "example.net"))
    [item] = shown(article("a", related=(copy,)), other)
    assert (item.images, item.provider) == (copy.images, copy.provider)


def test_best_quality_comes_first():
    main = article("a", related=(of("r", quality=1), of("s", quality=3), of("t", quality=2)))
    assert links(shown(main)) == ["s", "t", "r"]


def test_ties_are_broken_by_link():
    assert links(shown(article("a", related=(of("c"), of("b"), of("d"))))) == ["b", "c", "d"]


def test_one_a_provider_comes_first():
    main = article(
        "a",
        related=(
            of("p1", "p.example.org", quality=9),
            of("p2", "p.example.org", quality=8),
            of("q1", "q.example.org", quality=7),
            of("p3", "p.example.org", quality=6),
            of("q2", "q.example.org", quality=5),
        ),
    )
    assert links(shown(main)) == ["p1", "q1", "p2", "q2", "p3"]


def test_provider_without_domain_is_told_by_its_name():
    one, two = provider("One", None), provider("Two", None)
    main = article(
        "a",
        related=(
            of("r", provider=one, quality=3),
            of("s", provider=one, quality=2),
            of("t", provider=two, quality=1),
        ),
    )
    assert links(shown(main)) == ["r", "t", "s"]


def test_items_without_provider_do_not_count_as_one():
    main = article("a", related=(of("r", quality=3), of("s", quality=2), of("t", "t.example.org")))
    assert links(shown(main)) == ["r", "s", "t"]


ITEMS = st.lists(
    st.builds(
        of,
        st.sampled_from("rstuv"),
        st.sampled_from([None, "p.example.org", "q.example.org"]),
        quality=st.sampled_from([0, 1, 2]),
    ),
    max_size=8,
    unique_by=lambda item: item.link,
)


@given(ITEMS, st.randoms(use_true_random=False))
def test_order_of_the_list_does_not_matter(items, random):
    shuffled = random.sample(items, len(items))
    one, other = article("a", related=tuple(items)), article("a", related=tuple(shuffled))
    assert shown(one) == shown(other)


@given(ITEMS)
def test_as_many_providers_as_possible_come_first(items):
    domains = [
        item.provider.domain if item.provider else item.link
        for item in shown(article("a", related=tuple(items)))
    ]
    distinct = len(set(domains))
    assert len(set(domains[:distinct])) == distinct
