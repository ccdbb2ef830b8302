from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support import DAY, NOW, article

from feedpub.corpus import newest_first, sort_out
from feedpub.selection import Selection

EVERYTHING = Selection()
LINK = "https://www.example.com/same"


def listed(*articles, selection=EVERYTHING):
    return sort_out(articles, selection, NOW).listed


def days(number):
    return DAY - timedelta(days=number)


def ids(articles):
    return [article.id.rpartition(":")[2] for article in articles]


def test_newest_comes_first():
    assert ids(
        newest_first([article("a", published=days(2)), article("b", published=days(1))])
    ) == [
        "b",
        "a",
    ]


def test_ties_are_broken_by_id():
    assert ids(newest_first([article("b"), article("c"), article("a")])) == ["a", "b", "c"]


def test_every_article_is_accounted_for():
    corpus = sort_out(
        [
            article("a"),
            article("b", link=LINK),
            article("c", link=LINK),
            article("d", withheld="removed"),
            article("e", quality=-1),
        ],
        Selection(min_quality=0),
        NOW,
    )
    assert (len(corpus.listed), len(corpus.held_back), len(corpus.merged)) == (2, 2, 1)


def test_reason_is_kept_with_what_is_held_back():
    corpus = sort_out([article("a", withheld="draft")], EVERYTHING, NOW)
    assert [reason for _, reason in corpus.held_back] == ["draft"]


def test_unpublished_are_listed_on_request():
    selection = Selection(unpublished=True)
    assert ids(listed(article("a", withheld="unpublished"), selection=selection)) == ["a"]


def test_articles_with_the_same_link_are_one():
    assert len(listed(article("a", link=LINK), article("b", link=LINK))) == 1


def test_http_and_https_are_the_same_link():
    http = LINK.replace("https", "http")
    assert len(listed(article("a", link=LINK), article("b", link=http))) == 1


def test_case_of_a_path_makes_another_link():
    assert len(listed(article("a", link=LINK), article("b", link=LINK.upper()))) == 2


def test_better_quality_stays():
    [stays] = listed(
        article("a", link=LINK, quality=1, title="worse", published=days(9)),
        article("b", link=LINK, quality=2, title="better"),
    )
    assert stays.title == "better"


def test_older_one_of_equal_quality_stays():
    [stays] = listed(
        article("a", link=LINK, title="newer"),
        article("b", link=LINK, title="older", published=days(1)),
    )
    assert stays.title == "older"


def test_ties_of_quality_and_date_are_broken_by_id():
    [stays] = listed(article("b", link=LINK, title="b"), article("a", link=LINK, title="a"))
    assert stays.title == "a"


def test_id_of_the_oldest_stays_whatever_the_quality():
    [stays] = listed(
        article("a", link=LINK, quality=2),
        article("b", link=LINK, quality=1, published=days(1)),
    )
    assert ids([stays]) == ["b"]


def test_change_of_quality_changes_no_id():
    both = [
        ids(
            listed(
                article("a", link=LINK, quality=quality),
                article("b", link=LINK, quality=1, published=days(1)),
            )
        )
        for quality in (0, 2)
    ]
    assert both[0] == both[1]


def test_ids_of_the_others_are_remembered():
    [stays] = listed(*(article(name, link=LINK) for name in "cab"))
    assert [name.rpartition(":")[2] for name in stays.merged_ids] == ["b", "c"]


def test_merge_names_what_stands_for_what():
    corpus = sort_out([article("a", link=LINK), article("b", link=LINK)], EVERYTHING, NOW)
    [merge] = corpus.merged
    assert (ids([merge.article, merge.into]), merge.reason) == (["b", "a"], "same link")


def test_articles_with_the_same_id_are_one():
    corpus = sort_out(
        [article("a", source="x.md", quality=1), article("a", source="y.md", quality=2)],
        EVERYTHING,
        NOW,
    )
    assert [a.source for a in corpus.listed] == ["x.md"]
    assert [merge.reason for merge in corpus.merged] == ["same id"]


def test_articles_that_nothing_makes_the_same_stay_two():
    assert len(listed(article("a"), article("b", via="https://www.example.com/a"))) == 2


def test_withheld_article_takes_no_other_with_it():
    assert ids(listed(article("a", link=LINK, withheld="removed"), article("b", link=LINK))) == [
        "b"
    ]


def test_withheld_article_has_no_part_in_a_merge():
    [stays] = listed(
        article("a", link=LINK, withheld="removed", quality=9, published=days(9)),
        article("b", link=LINK),
    )
    assert (ids([stays]), stays.merged_ids) == (["b"], ())


def test_addresses_of_withheld_articles_are_known():
    corpus = sort_out(
        [article("a", withheld="removed", via="https://www.example.net/o")], EVERYTHING, NOW
    )
    assert corpus.withheld_addresses == {"www.example.com/a", "www.example.net/o"}


def test_scheduled_article_is_withheld():
    corpus = sort_out([article("a", published=NOW + timedelta(days=1))], EVERYTHING, NOW)
    assert corpus.withheld_addresses == {"www.example.com/a"}


def test_address_that_is_listed_is_not_withheld():
    corpus = sort_out(
        [article("a", link=LINK, withheld="removed"), article("b", link=LINK)], EVERYTHING, NOW
    )
    assert corpus.withheld_addresses == frozenset()


def test_unselected_article_is_not_withheld():
    corpus = sort_out([article("a")], Selection(min_quality=1), NOW)
    assert (corpus.withheld_addresses, ids(corpus.by_address.values())) == (frozenset(), ["a"])


def test_article_is_found_by_both_its_addresses():
    corpus = sort_out([article("a", via="https://www.example.net/o")], EVERYTHING, NOW)
    assert sorted(corpus.by_address) == ["www.example.com/a", "www.example.net/o"]


def test_link_wins_over_an_original_address():
    corpus = sort_out(
        [article("a", link=LINK), article("b", via=LINK), article("0", via=LINK)], EVERYTHING, NOW
    )
    assert ids([corpus.by_address["www.example.com/same"]]) == ["a"]


def test_listed_article_wins_over_an_unselected_one():
    corpus = sort_out(
        [article("a", via=LINK), article("b", link=LINK, quality=-1)],
        Selection(min_quality=0),
        NOW,
    )
    assert ids([corpus.by_address["www.example.com/same"]]) == ["a"]


CORPORA = st.lists(
    st.builds(
        lambda number, name, link, via, quality, age, withheld: article(
            name,
            source=f"articles/{number}.md",
            link=f"https://www.example.com/{link}",
            via=f"http://www.example.com/{via}" if via else None,
            quality=quality,
            published=NOW - timedelta(hours=age),
            withheld=withheld,
        ),
        st.integers(0, 10_000),
        st.sampled_from("abcdef"),
        st.sampled_from("pqr"),
        st.sampled_from(["", "p", "q", "z"]),
        st.sampled_from([0, 1, 2]),
        st.sampled_from([-9, 0, 5, 6]),
        st.sampled_from([None, None, None, "removed", "unpublished"]),
    ),
    max_size=8,
    unique_by=lambda a: a.source,
)


@given(CORPORA, st.randoms(use_true_random=False))
def test_order_of_the_articles_does_not_matter(articles, random):
    shuffled = random.sample(articles, len(articles))
    assert sort_out(shuffled, EVERYTHING, NOW) == sort_out(articles, EVERYTHING, NOW)


@given(CORPORA)
def test_listed_articles_are_unique_by_id_and_by_link(articles):
    found = sort_out(articles, EVERYTHING, NOW).listed
    links = {article.link.partition("://")[2] for article in found}
    assert len(found) == len(links) == len({article.id for article in found})


@given(CORPORA)
def test_no_article_is_lost(articles):
    corpus = sort_out(articles, EVERYTHING, NOW)
    parts = len(corpus.listed) + len(corpus.held_back) + len(corpus.merged)
    assert parts == len(articles)
