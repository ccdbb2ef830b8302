"""Which articles list one another in `related`: what stories are made of."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from operator import attrgetter

from feedpub.article import Article
from feedpub.digests import address_keys, numbered

_EPOCH, _INSTANT = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class MutualLinks:
    """The articles that list one another, of which one is new at least.

    `known` are the stories of those that are not, by their ids.
    """

    def __init__(self, articles: Collection[Article], known: Mapping[str, str]) -> None:
        self._known = known
        # Here, an article is its place among all.
        self._articles: list[Article] = []
        self._of_new: dict[int, list[int]] = {}
        if any(article.related_keys and article.id not in known for article in articles):
            self._articles = sorted(articles, key=attrgetter("id"))
            self._look_up()
        self._places = {article.id: one for one, article in enumerate(self._articles)}

    def _look_up(self) -> None:
        links = _Links(self._articles)
        for one, article in enumerate(self._articles):
            if article.id not in self._known:
                self._of_new[one] = [other for other in links[one] if one in links[other]]

    def groups(self) -> Iterator[list[str]]:
        """Yield the articles, by their ids, that links and known stories hold together."""
        beside = self._beside()
        left = set(beside)
        while left:
            group: set[int] = set()
            ahead = {left.pop()}
            while ahead:
                group |= ahead
                ahead = set().union(*(beside[one] for one in ahead)) - group
            left -= group
            yield [self._articles[one].id for one in sorted(group)]

    def pairs(self, ids: Iterable[str]) -> list[tuple[str, str]]:
        """Return the pairs among some articles that list one another; the nearest in time first."""
        articles = self._articles
        moments = {
            one: (articles[one].published - _EPOCH) // _INSTANT
            for one in map(self._places.__getitem__, ids)
        }
        pairs = [
            (abs(moments[one] - moments[other]), min(one, other), max(one, other))
            for one in moments.keys() & self._of_new
            for other in self._of_new[one]
            if one < other or other not in self._of_new  # two that are new are one pair
        ]
        return [(articles[one].id, articles[other].id) for _, one, other in sorted(pairs)]

    def _beside(self) -> dict[int, set[int]]:
        """Return what each article is held together with, if it is with anything."""
        beside: dict[int, set[int]] = defaultdict(set)
        met: dict[str, int] = {}
        for one, linked in self._of_new.items():
            for other in linked:
                if other not in self._of_new:
                    beside[other].add(one)
                    met.setdefault(self._known[self._articles[other].id], other)
            if linked:
                beside[one].update(linked)
        for one, article in enumerate(self._articles) if met else ():
            first = met.get(self._known.get(article.id, ""))
            if first is not None:
                beside[one].add(first)
                beside[first].add(one)
        return beside


class _Links(dict[int, set[int]]):
    """Which of some articles each of them lists; looked for when asked."""

    def __init__(self, articles: Sequence[Article]) -> None:
        super().__init__()
        self._articles = articles
        self._at: dict[int, int] = {}  # of those with the same address the first has it
        for one, article in reversed(list(enumerate(articles))):
            if article.related_keys:
                for key in numbered(address_keys(article.addresses)):
                    self._at[key] = one

    def __missing__(self, one: int) -> set[int]:
        keys = numbered(self._articles[one].related_keys)
        found = self[one] = set(map(self._at.get, keys, repeat(one)))  # itself for what is unknown
        found.discard(one)
        return found
