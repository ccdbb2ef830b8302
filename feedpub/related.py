"""Related links: which of a record's related articles are shown, and in which order."""

from collections import defaultdict
from collections.abc import Iterable

from feedpub.article import Article, Candidate, Related
from feedpub.corpus import Corpus
from feedpub.links import same_address


def related_articles(
    article: Article, corpus: Corpus, embedded: Iterable[Candidate] | None = None
) -> tuple[Candidate, ...]:
    """Return what may be shown beside an article, best quality first, one a provider first.

    Left out are the article itself, repeats, and what is withheld. What the corpus knows better
    than the embedded copy is taken from there. `embedded` stands in for a list that was left in
    the file. Not capped: see `Presentation.related_limit`.
    """
    seen = {same_address(url) for url in article.addresses}
    found = []
    for copy in article.related if embedded is None else embedded:
        address = same_address(copy.link)
        item = _newest_at(address, copy, corpus)
        if item is None or item.withheld:
            continue
        addresses = {address} if item is copy else {address, same_address(item.link)}
        if seen.isdisjoint(addresses):
            found.append(item)
        seen |= addresses
    return _one_a_provider_first(sorted(found, key=_best_first))


def as_related(article: Article) -> Related:
    """Return an article as one that is related to another."""
    return Related(
        title=article.title,
        link=article.link,
        published=article.published,
        provider=article.provider,
        quality=article.quality,
        images=article.images,
    )


def newest_form(copy: Candidate, corpus: Corpus) -> Candidate | None:
    """Return what the corpus knows of a related article, else the copy; None if it is withheld."""
    return _newest_at(same_address(copy.link), copy, corpus)


def _newest_at(address: str, copy: Candidate, corpus: Corpus) -> Candidate | None:
    if address in corpus.withheld_addresses:
        return None
    known = corpus.by_address.get(address)
    if known is None:
        return copy
    embedded = None if known.provider and known.images else copy.full()
    return Related(
        title=known.title,
        link=known.link,
        published=known.published,
        provider=known.provider or (embedded.provider if embedded else None),
        quality=known.quality,
        images=known.images or (embedded.images if embedded else ()),
    )


def _best_first(item: Candidate) -> tuple[float, str]:
    return (-item.quality, item.link)


def _one_a_provider_first(items: list[Candidate]) -> tuple[Candidate, ...]:
    """Deal items out in rounds: the best of every provider, then the second best, and so on."""
    rounds: dict[int, list[Candidate]] = defaultdict(list)
    taken: dict[str, int] = defaultdict(int)
    for item in items:
        who = item.who or item.link
        turn = taken[who]
        taken[who] += 1
        rounds[turn].append(item)
    return tuple(item for turn in sorted(rounds) for item in rounds[turn])
