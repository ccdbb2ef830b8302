import pytest
from support import article, image, provider, related

from feedpub.pictures import illustrates, pictures_of, stock_pictures

NONE = frozenset()


def pictures(own=(), others=(), *, not_pictures=NONE, limit=10, fall_back=True, **fields):
    return pictures_of(
        article(images=tuple(own), **fields),
        others,
        not_pictures=not_pictures,
        limit=limit,
        fall_back_to_related=fall_back,
    )


def numbered(number, **fields):
    return image(f"https://images.example.com/{number}.jpg", **fields)


VIDEO = image("https://images.example.com/a.mp4", media_type="video/mp4")


def test_picture_that_more_than_the_threshold_share_is_stock():
    articles = [article(str(n), images=(numbered(0), numbered(n))) for n in range(1, 5)]
    assert stock_pictures(articles, 3) == {numbered(0).url}


def test_picture_that_as_many_as_the_threshold_share_is_not_stock():
    articles = [article(str(n), images=(numbered(0),)) for n in range(3)]
    assert stock_pictures(articles, 3) == frozenset()


@pytest.mark.parametrize(
    "size", [{"width": 1, "height": 1}, {"width": 1}, {"height": 1}, {"width": 1, "height": 600}]
)
def test_pixel_illustrates_nothing(size):
    assert not illustrates(image(**size), NONE)


@pytest.mark.parametrize("size", [{}, {"width": 2, "height": 2}, {"width": 50}])
def test_picture_of_any_other_size_illustrates(size):
    assert illustrates(image(**size), NONE)


@pytest.mark.parametrize("url", ["https://localhost/a.jpg", "https://[::1]/a.jpg"])
def test_picture_without_a_public_host_illustrates_nothing(url):
    assert not illustrates(image(url), NONE)


def test_stock_picture_illustrates_nothing():
    assert not illustrates(image(), frozenset({image().url}))


def test_own_pictures_stay_in_their_order():
    assert pictures([numbered(2), numbered(1)]).all == (numbered(2), numbered(1))


def test_first_picture_leads():
    assert pictures([numbered(2), numbered(1)]).lead == numbered(2)


def test_video_does_not_lead():
    found = pictures([VIDEO, numbered(1)])
    assert (found.lead, found.all) == (numbered(1), (VIDEO, numbered(1)))


def test_pictures_beyond_the_limit_are_left_out():
    assert len(pictures(map(numbered, range(20)), limit=3).all) == 3


def test_pictures_that_do_not_illustrate_do_not_count():
    own = [numbered(0, width=1), numbered(1), numbered(2)]
    assert pictures(own, limit=2).all == (numbered(1), numbered(2))


def test_logo_of_the_provider_is_no_picture():
    found = pictures([image(), numbered(1)], provider=provider(logos=(image(),)))
    assert found.all == (numbered(1),)


def test_article_without_picture_takes_the_first_related_one():
    found = pictures([], [related(), related(images=(numbered(1), numbered(2)))])
    assert (found.lead, found.all) == (numbered(1), (numbered(1),))


def test_own_picture_wins_over_a_related_one():
    assert pictures([numbered(1)], [related(images=(numbered(2),))]).all == (numbered(1),)


def test_article_with_nothing_but_a_video_takes_a_related_picture():
    found = pictures([VIDEO], [related(images=(numbered(1),))])
    assert (found.lead, found.all) == (numbered(1), (numbered(1), VIDEO))


def test_related_video_is_not_taken():
    assert pictures([], [related(images=(VIDEO,))]).all == ()


def test_related_pixel_is_not_taken():
    assert pictures([], [related(images=(numbered(0, width=1), numbered(1)))]).lead == numbered(1)


def test_related_stock_picture_is_not_taken():
    stock = frozenset({numbered(1).url})
    assert pictures([], [related(images=(numbered(1),))], not_pictures=stock).lead is None


def test_no_related_picture_is_taken_when_that_is_switched_off():
    assert pictures([], [related(images=(numbered(1),))], fall_back=False).all == ()


def test_own_logo_is_not_taken_from_a_related_article():
    found = pictures([], [related(images=(numbered(1),))], provider=provider(logos=(numbered(1),)))
    assert found.lead is None


def test_logo_of_the_related_article_s_provider_is_not_taken():
    other = related(images=(numbered(1),), provider=provider(logos=(numbered(1),)))
    assert pictures([], [other]).lead is None


def test_lead_is_one_of_all():
    found = pictures([VIDEO, numbered(1)], [related(images=(numbered(2),))])
    assert found.lead in found.all


@pytest.mark.parametrize(
    ("url", "size", "seen"),
    [
        ("https://ads.example.com/count.php", {}, False),
        ("https://ads.example.com/count.php?id=7", {"width": 1200}, False),
        ("https://ads.example.com/count.PHP", {}, False),
        ("https://images.example.com/show.php?id=7", {"width": 1200, "height": 800}, True),
        ("https://images.example.com/-/media/80ae800a.ashx?mw=1024", {}, True),
        ("https://images.example.com/wide", {}, True),
        ("https://images.example.com/a.gif", {"width": 600, "height": 1}, False),
    ],
)
def test_what_counts_readers_is_no_picture(url, size, seen):
    assert illustrates(image(url, **size), NONE) is seen
