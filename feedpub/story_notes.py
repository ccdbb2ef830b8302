"""What the entries of a story have in common: its records are gone through once for all of them."""

from functools import cached_property

import msgspec

from feedpub.article import Article
from feedpub.corpus import Corpus
from feedpub.digests import digest, encoded
from feedpub.links import same_address
from feedpub.related import Ranking, as_related, ranked


class StoryNotes:
    """The records of a story that a run lists, and what is made of them when it is asked for."""

    def __init__(self, members: tuple[str, ...], corpus: Corpus) -> None:
        self._members, self._corpus = members, corpus

    @cached_property
    def articles(self) -> list[Article]:
        """Return the records of the story."""
        by_id = self._corpus.by_id if self._members else {}  # for nothing, no index is made
        return [by_id[id_] for id_ in self._members if id_ in by_id]

    @cached_property
    def as_left(self) -> msgspec.Raw:
        """Return what stands for the records as editors left them."""
        return encoded([(article.id, article.fingerprint) for article in self.articles])

    @cached_property
    def key(self) -> bytes:
        """Return a digest of which records there are, as editors left them."""
        return digest(self._members, self.as_left)

    @cached_property
    def ranking(self) -> Ranking:
        """Return the records as they are ranked beside one another."""
        return ranked(map(as_related, self.articles), self._corpus)

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Return where the records are."""
        return frozenset(same_address(article.link) for article in self.articles)
