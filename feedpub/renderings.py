"""Rendered entries: each is composed and rendered once, for all its feeds and for later runs.

What is kept in the state is believed only while its fingerprint holds: a digest of everything the
entry was made from.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from feedpub.article import Article, Candidate
from feedpub.compose import EntryComposer, Mentions
from feedpub.feed import Entry, Feed
from feedpub.fingerprints import digest
from feedpub.progress import Progress, tracked
from feedpub.state import CachedEntry, State
from feedpub.workers import spread

_ENCODER = msgspec.msgpack.Encoder()
_MENTIONS = msgspec.msgpack.Decoder(Mentions)
_FRAGMENTS = msgspec.msgpack.Decoder(dict[str, bytes])
# Entries whose fragments stay at hand: neighbouring feeds share many.
_AT_HAND = 500

RenderEntries = Callable[[Sequence[Entry], Feed], list[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How the entries of a run are made; it goes to other processes as a whole.

    `digests` are those of files in which a related list was left, by their name; `shared` stands
    for all that every entry depends on; `read_related` reads the related list an article left in
    its file; `sample` is a feed that stands for all of the site.
    """

    composer: EntryComposer
    digests: dict[str, bytes]
    shared: bytes
    renderers: dict[str, RenderEntries]
    read_related: Callable[[Article], Sequence[Candidate]]
    sample: Feed

    def fingerprint(self, article: Article, mentions: Mentions) -> bytes:
        """Return a digest of everything an entry is made from."""
        facts = self.composer.facts_about(article, mentions)
        unread = self.digests[article.source] if article.related_unread else b""
        return digest(article, unread, self.shared, facts)

    def __call__(self, articles: Sequence[tuple[Article, Article]]) -> list[CachedEntry]:
        """Render the entries of articles, each given as it is listed and with its details."""
        composed = [
            self.composer.composed(
                whole, self.read_related(whole) if whole.related_unread else None
            )
            for _, whole in articles
        ]
        entries = [entry for entry, _ in composed]
        columns = [render(entries, self.sample) for render in self.renderers.values()]
        rendered = []
        for (article, _), (_, mentions), row in zip(
            articles, composed, zip(*columns, strict=True), strict=True
        ):
            fragments = _ENCODER.encode(dict(zip(self.renderers, row, strict=True)))
            fingerprint = self.fingerprint(article, mentions)
            encoded = _ENCODER.encode(mentions)
            rendered.append(CachedEntry(article.id, fingerprint, encoded, fragments))
        return rendered


class Renderings:
    """The rendered entries of a run."""

    def __init__(
        self, rendering: Rendering, state: State, with_details: Callable[[Article], Article]
    ) -> None:
        self._rendering = rendering
        self._state = state
        self._with_details = with_details
        self._fingerprints: dict[str, bytes] = {}
        self._fragments: dict[str, dict[str, bytes]] = {}
        self.rendered = 0

    def prepare(self, articles: Iterable[Article], processes: int, progress: Progress) -> None:
        """Make sure that the entries of all these articles are rendered, and forget all others."""
        unique = {article.id: article for article in articles}
        self._believe_fresh(unique)
        stale = [article for id_, article in unique.items() if id_ not in self._fingerprints]
        whole = ((article, self._with_details(article)) for article in stale)
        entries = spread(self._rendering, whole, len(stale), processes=processes)
        for entry in tracked(entries, "Rendering entries", len(stale), progress):
            self._fingerprints[entry.id] = entry.fingerprint
            self._state.record_entries([entry])
        self.rendered = len(stale)

    def fingerprint(self, article: Article) -> bytes:
        """Return the digest of all a prepared entry was made from."""
        return self._fingerprints[article.id]

    def fragment(self, article: Article, name: str) -> bytes:
        """Return a prepared entry as it stands in files of a format."""
        fragments = self._fragments.get(article.id)
        if fragments is None:
            while len(self._fragments) >= _AT_HAND:
                self._fragments.pop(next(iter(self._fragments)))
            fragments = self._fragments[article.id] = _FRAGMENTS.decode(
                self._state.fragments(article.id)
            )
        return fragments[name]

    def _believe_fresh(self, articles: dict[str, Article]) -> None:
        """Take over what earlier runs rendered and nothing has changed since; forget the rest."""
        gone = []
        for id_, fingerprint, mentions in self._state.entries():
            article = articles.get(id_)
            if article is None:
                gone.append(id_)
            elif fingerprint == self._rendering.fingerprint(article, _MENTIONS.decode(mentions)):
                self._fingerprints[id_] = fingerprint
        self._state.forget_entries(gone)
