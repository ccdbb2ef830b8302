"""Pictures: which of a record's images illustrate it, and which one leads."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from feedpub.article import Article, Image, Related
from feedpub.links import host_has_dot, last_segment

# So small a side is not looked at.
_PIXEL = 1


class Pictures(Struct, frozen=True, kw_only=True):
    """The pictures of an entry; `lead` is the first of `all` that is a picture indeed, or None."""

    all: tuple[Image, ...]
    lead: Image | None

    def mapped(self, change: Callable[[Image], Image]) -> "Pictures":
        """Return them, each changed."""
        lead = change(self.lead) if self.lead else None
        return Pictures(all=tuple(map(change, self.all)), lead=lead)


def stock_pictures(articles: Iterable[Article], threshold: int) -> frozenset[str]:
    """Return the addresses that more than `threshold` articles share: logos, not illustrations."""
    uses = Counter(image.url for article in articles for image in article.images)
    return frozenset(url for url, count in uses.items() if count > threshold)


def illustrates(image: Image, not_pictures: frozenset[str]) -> bool:
    """Tell whether an image can stand for an article.

    Stock pictures and logos (`not_pictures`) cannot, nor can what counts readers, nor an address
    without a public host, which an RSS enclosure must not have.
    """
    return image.url not in not_pictures and not counts_readers(image) and host_has_dot(image.url)


def counts_readers(image: Image) -> bool:
    """Tell whether an image is there to be fetched, not to be seen: a pixel, or a script's answer.

    `.php` without a size was an advertiser's wherever real records had one; `.ashx` is a picture.
    """
    if any(side is not None and side <= _PIXEL for side in (image.width, image.height)):
        return True
    is_unsized = image.width is None or image.height is None
    return is_unsized and last_segment(image.url).lower().endswith(".php")


def pictures_of(
    article: Article,
    related: Iterable[Related],
    *,
    not_pictures: frozenset[str],
    limit: int,
    fall_back_to_related: bool,
) -> Pictures:
    """Choose the pictures of an article: its own, else the first one among `related`.

    Of `related` no more is looked at than it takes.
    """
    own = tuple(_illustrating(article, not_pictures))[:limit]
    lead = _first_picture(own)
    if lead is None and fall_back_to_related:
        lead = _first_picture(
            image
            for item in related
            for image in _illustrating(item, not_pictures)
            if image.url not in _logos(article)
        )
        own = (lead, *own) if lead else own
    return Pictures(all=own, lead=lead)


def _illustrating(item: Article | Related, not_pictures: frozenset[str]) -> Iterator[Image]:
    logos = _logos(item)
    for image in item.images:
        if image.url not in logos and illustrates(image, not_pictures):
            yield image


def _logos(item: Article | Related) -> frozenset[str]:
    return frozenset(logo.url for logo in item.provider.logos) if item.provider else frozenset()


def _first_picture(images: Iterable[Image]) -> Image | None:
    return next((image for image in images if image.medium == "image"), None)
