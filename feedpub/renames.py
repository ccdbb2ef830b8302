"""Records that seem to have moved: the path is the identity of one that carries no `id`."""

from collections.abc import Iterable, Iterator, Mapping

from feedpub.article import Article
from feedpub.errors import Problem
from feedpub.links import same_address


def by_link(articles: Iterable[Article]) -> dict[str, Article]:
    """Return articles whose files are gone, by what tells a link from others."""
    return {same_address(article.link): article for article in articles}


def renamed(articles: Iterable[Article], gone: Mapping[str, Article]) -> Iterator[Problem]:
    """Yield a warning for each article of a new file that has the link of one that is gone."""
    for article in articles:
        former = gone.get(same_address(article.link))
        if former is not None and former.id != article.id:
            yield Problem(
                code="renamed",
                source=article.source,
                line=article.line,
                message=f"has the link of {former.source}, which is gone: to readers it is new",
                help="rename it back, or give the record an id: that it keeps wherever it is",
                severity="warning",
                field="id",
            )
