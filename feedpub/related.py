"""Related links: which of a record's related articles are shown, and in which order."""

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

from msgspec import Struct, field

from feedpub.article import Article, Candidate, Provider, Related
from feedpub.corpus import Corpus
from feedpub.links import same_address


class Known(Struct, frozen=True):
    """A related article of which the corpus knows more than the copy of it in a list, if any."""

    link: str
    quality: float
    who: str | None
    article: Article
    copy: Candidate | None = None
    withheld: None = None

    def full(self) -> Related:
        """Return all of it; what the article lacks is taken from the copy."""
        provider, images = self.article.provider, self.article.images
        if self.copy and not (provider and images):
            embedded = self.copy.full()
            provider = provider or (embedded.provider if embedded else None)
            images = images or (embedded.images if embedded else ())
        return Related(
            title=self.article.title,
            link=self.link,
            published=self.article.published,
            provider=provider,
            quality=self.quality,
            images=images,
        )


def as_related(article: Article, copy: Candidate | None = None) -> Known:
    """Return an article as one that is related to another."""
    who = _who(article.provider) or (copy.who if copy else None)
    return Known(article.link, article.quality, who, article, copy)


def _known_as(article: Article, copy: Candidate) -> Known:
    """Return an article as one that is related to another, which may have it like that."""
    if isinstance(copy, Known) and copy.article is article:
        return copy
    return as_related(article, copy)


def _who(provider: Provider | None) -> str | None:
    return (provider.domain or provider.name) if provider else None


class Ranking(Struct, frozen=True):
    """What may be shown beside some articles: best quality first, and what is at which address."""

    items: tuple[Candidate, ...] = ()
    at: dict[str, Candidate] = field(default_factory=dict)

    def beside(self, article: Article) -> tuple[Candidate, ...]:
        """Return what may be shown beside an article, but for itself, one a provider first."""
        own = {id(self.at[url]) for url in map(same_address, article.addresses) if url in self.at}
        return _one_a_provider_first([item for item in self.items if id(item) not in own])


def ranked(copies: Iterable[Candidate], corpus: Corpus) -> Ranking:
    """Return what may be shown of some related articles.

    Left out are repeats, and what is withheld. What the corpus knows better than the embedded copy
    is taken from there.
    """
    copies = tuple(copies)
    if not copies:
        return Ranking()  # for nothing, no index is made
    seen: set[str] = set()
    at: dict[str, Candidate] = {}
    withheld, articles = corpus.withheld_addresses, corpus.by_address
    for copy in copies:
        address = same_address(copy.link)
        if address in withheld:
            continue
        known = articles.get(address)
        if known:
            item = _known_as(known, copy)
            addresses = {address, same_address(item.link)} if item is not copy else {address}
            if seen.isdisjoint(addresses):
                at.update(dict.fromkeys(addresses, item))
            seen |= addresses
        elif address not in seen and not copy.withheld:
            at[address] = copy
            seen.add(address)
    # An item that is at two addresses is there once. Two sorts by what is there take half the time
    # of one by a pair that has to be made.
    items = list({id(item): item for item in at.values()}.values())
    items.sort(key=attrgetter("link"))
    items.sort(key=attrgetter("quality"), reverse=True)
    return Ranking(tuple(items), at)


def related_articles(
    article: Article, corpus: Corpus, embedded: Iterable[Candidate] | None = None
) -> tuple[Candidate, ...]:
    """Return what may be shown beside an article, best quality first, one a provider first.

    `embedded` stands in for a list that was left in the file. Not capped: see
    `Presentation.related_limit`.
    """
    copies = article.related if embedded is None else embedded
    return ranked(copies, corpus).beside(article)


def newest_form(copy: Candidate, corpus: Corpus) -> Candidate | None:
    """Return what the corpus knows of a related article, else the copy; None if it is withheld."""
    address = same_address(copy.link)
    if address in corpus.withheld_addresses:
        return None
    article = corpus.by_address.get(address)
    return as_related(article, copy) if article else copy


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
