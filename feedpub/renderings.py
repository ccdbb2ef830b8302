"""Rendered entries: each is composed and rendered once, for all its feeds and for later runs.

What is kept in the state is believed only while its fingerprint holds: a digest of everything the
entry was made from.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from feedpub.article import Article, Candidate
from feedpub.compose import EntryComposer, Mentions
from feedpub.feed import Entry, Feed
from feedpub.fingerprints import digest
from feedpub.state import CachedEntry, State

_ENCODER = msgspec.msgpack.Encoder()
_MENTIONS = msgspec.msgpack.Decoder(Mentions)
_FRAGMENTS = msgspec.msgpack.Decoder(dict[str, bytes])

RenderFragment = Callable[[Entry, Feed], bytes]


class Renderings:
    """The rendered entries of a run.

    `digests` are those of the files, by the article's source; `shared` stands for all that every
    entry depends on; `read_related` reads the related list an article left in its file.
    """

    def __init__(
        self,
        *,
        composer: EntryComposer,
        state: State,
        digests: dict[str, bytes],
        shared: bytes,
        renderers: dict[str, RenderFragment],
        read_related: Callable[[Article], Sequence[Candidate]],
        sample: Feed,
    ) -> None:
        self._composer = composer
        self._state = state
        self._digests = digests
        self._shared = shared
        self._renderers = renderers
        self._read_related = read_related
        self._sample = sample
        self._fingerprints: dict[str, bytes] = {}
        self._fragments: dict[str, dict[str, bytes]] = {}
        self.rendered = 0

    def prepare(self, articles: Iterable[Article]) -> None:
        """Make sure that the entries of all these articles are rendered, and forget all others."""
        ids = set()
        for article in articles:
            if article.id not in ids:
                ids.add(article.id)
                self._prepare_one(article)
        self._state.keep_entries(ids)

    def fingerprint(self, article: Article) -> bytes:
        """Return the digest of all a prepared entry was made from."""
        return self._fingerprints[article.id]

    def fragment(self, article: Article, name: str) -> bytes:
        """Return a prepared entry as it stands in files of a format."""
        fragments = self._fragments.get(article.id)
        if fragments is None:
            cached = self._state.entry(article.id)
            assert cached is not None
            fragments = self._fragments[article.id] = _FRAGMENTS.decode(cached.fragments)
        return fragments[name]

    def _prepare_one(self, article: Article) -> None:
        cached = self._state.entry(article.id)
        if cached is not None:
            fingerprint = self._digest(article, _MENTIONS.decode(cached.mentions))
            if fingerprint == cached.fingerprint:
                self._fingerprints[article.id] = fingerprint
                return
        self._render(article)

    def _render(self, article: Article) -> None:
        embedded = self._read_related(article) if article.related_unread else None
        entry, mentions = self._composer.composed(article, embedded)
        fragments = {name: render(entry, self._sample) for name, render in self._renderers.items()}
        fingerprint = self._digest(article, mentions)
        self._fingerprints[article.id] = fingerprint
        self._state.record_entry(
            article.id,
            CachedEntry(fingerprint, _ENCODER.encode(mentions), _ENCODER.encode(fragments)),
        )
        self.rendered += 1

    def _digest(self, article: Article, mentions: Mentions) -> bytes:
        facts = self._composer.facts_about(article, mentions)
        return digest(article, self._digests[article.source], self._shared, facts)
