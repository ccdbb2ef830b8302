"""Related links: which of a record's related articles are shown, and in which order."""

from collections import defaultdict

from feedpub.article import Article, Related
from feedpub.corpus import Corpus
from feedpub.links import same_address


def related_articles(article: Article, corpus: Corpus) -> tuple[Related, ...]:
    """Return what may be shown beside an article, best quality first, one a provider first.

    Left out are the article itself, repeats, and what is withheld. What the corpus knows better
    than the embedded copy is taken from there. Not capped: see `Presentation.related_limit`.
    """
    seen = {same_address(url) for url in article.addresses}
    found = []
    for embedded in article.related:
        item = _newest_form(embedded, corpus)
        if item is None or item.withheld:
            continue
        addresses = {same_address(embedded.link), same_address(item.link)}
        if not addresses & seen:
            found.append(item)
        seen |= addresses
    return _one_a_provider_first(sorted(found, key=_best_first))


def _newest_form(embedded: Related, corpus: Corpus) -> Related | None:
    address = same_address(embedded.link)
    if address in corpus.withheld_addresses:
        return None
    known = corpus.by_address.get(address)
    if known is None:
        return embedded
    return Related(
        title=known.title,
        link=known.link,
        published=known.published,
        provider=known.provider or embedded.provider,
        quality=known.quality,
        images=known.images or embedded.images,
    )


def _best_first(item: Related) -> tuple[float, str]:
    return (-item.quality, item.link)


def _one_a_provider_first(items: list[Related]) -> tuple[Related, ...]:
    """Deal items out in rounds: the best of every provider, then the second best, and so on."""
    rounds: dict[int, list[Related]] = defaultdict(list)
    taken: dict[str, int] = defaultdict(int)
    for item in items:
        who = (item.provider.domain or item.provider.name) if item.provider else None
        turn = taken[who or item.link]
        taken[who or item.link] += 1
        rounds[turn].append(item)
    return tuple(item for turn in sorted(rounds) for item in rounds[turn])
