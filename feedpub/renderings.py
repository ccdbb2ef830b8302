"""Rendered entries: each is composed and rendered once, for all its feeds and for later runs.

What is kept in the state is believed only while its fingerprint holds: a digest of everything the
entry was made from.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import NamedTuple

import msgspec
from msgspec import Struct

from feedpub.article import Article, Candidate
from feedpub.digests import digest
from feedpub.engines import Engine
from feedpub.entries import Composed, EntryComposer, Mentions, Pin
from feedpub.errors import FeedpubError, printable
from feedpub.feed import Entry, Feed
from feedpub.pins import encoded, pin_name
from feedpub.progress import Progress, tracked
from feedpub.state import CachedEntry, State
from feedpub.workers import spread

_ENCODER = msgspec.msgpack.Encoder()
_MENTIONS = msgspec.msgpack.Decoder(Mentions)
_FRAGMENTS = msgspec.msgpack.Decoder(dict[str, bytes])
# How many bytes of entries stay at hand: neighbouring feeds share many.
_AT_HAND = 4 << 20
# Entries that are recorded at once: one by one takes six times as long.
_AT_ONCE = 50

# Measured; of use to tell much work from little.
_SECONDS_A_LIST, _SECONDS_A_TEXT = 0.0005, 0.00009
# All of an article but what moves all day and is not shown; its story is among the facts about it.
_ELSE = {"quality", "heat", "related_keys", "line", "story"}
_STEADY = attrgetter(*(name for name in Article.__struct_fields__ if name not in _ELSE))

RenderEntries = Callable[[Sequence[Entry], Feed], list[bytes]]


class Wanted(NamedTuple):
    """An article to render: as it is listed, with its details, and what was chosen for it."""

    listed: Article
    whole: Article
    pin: Pin | None


class Rendered(NamedTuple):
    """A rendered entry, and what is to be remembered to stand beside it.

    One that had to do without its related list is provisional: the next run renders it again.
    """

    entry: CachedEntry
    pin_name: str
    pin: bytes
    is_provisional: bool


class Rendering(Struct, frozen=True, kw_only=True):
    """How the entries of a run are made; it goes to other processes as a whole.

    `shared` stands for all that every entry depends on; `read_related` reads the related list an
    article left in its file; `sample` is a feed that stands for all of the site.
    """

    composer: EntryComposer
    shared: bytes
    renderers: dict[str, RenderEntries]
    read_related: Callable[[Article], Sequence[Candidate] | None]
    sample: Feed

    def fingerprint(self, article: Article, mentions: Mentions) -> bytes:
        """Return a digest of everything an entry is made from, but for what was chosen for it."""
        facts = self.composer.facts_about(article, mentions)
        return digest(_STEADY(article), self.shared, facts)

    def seconds(self, article: Article) -> float:
        """Return about how long rendering an entry takes."""
        return article.related_unread * _SECONDS_A_LIST + len(self.renderers) * _SECONDS_A_TEXT

    def __call__(self, wanted: Sequence[Wanted]) -> list[Rendered]:
        """Render the entries of articles."""
        composed = [self._composed(item.whole, item.pin) for item in wanted]
        entries = [each.entry for each in composed]
        columns = [render(entries, self.sample) for render in self.renderers.values()]
        rows = zip(*columns, strict=True)
        return [
            self._rendered(item.listed, each, row)
            for item, each, row in zip(wanted, composed, rows, strict=True)
        ]

    def make_ready(self, articles: Iterable[Article]) -> None:
        """Load and index what rendering some articles takes, once for all processes.

        A process that looked at every article would copy them all: to refer to one is to write to
        it.
        """
        self(())
        corpus, articles = self.composer.corpus, tuple(articles)
        if any(article.related_keys for article in articles):
            _ = corpus.by_address
        if any(article.story for article in articles):
            _ = corpus.by_id

    def _composed(self, article: Article, pin: Pin | None) -> Composed:
        def read() -> Sequence[Candidate] | None:
            return self.read_related(article) if article.related_unread else None

        return self.composer.composed(article, read, pin)

    def _rendered(
        self, article: Article, composed: Composed, fragments: Sequence[bytes]
    ) -> Rendered:
        mentions, is_provisional = composed.mentions, composed.pin.is_provisional
        fingerprint = self.fingerprint(article, mentions)
        entry = CachedEntry(
            article.entry_key,
            # Another one than the next run will find, and yet one that changes with the entry.
            digest(fingerprint) if is_provisional else fingerprint,
            _ENCODER.encode(mentions),
            _ENCODER.encode(dict(zip(self.renderers, fragments, strict=True))),
        )
        return Rendered(entry, pin_name(article), encoded(composed.pin), is_provisional)


def _fatal(wanted: Wanted) -> Rendered:
    raise FeedpubError(f"{printable(wanted.listed.source)}: whatever process renders it is killed")


class Renderings:
    """The rendered entries of a run; `edited` are the keys of those that were others before.

    `provisional` are the articles whose related lists could not be read.
    """

    def __init__(
        self,
        rendering: Rendering,
        state: State,
        *,
        with_details: Callable[[Article], Article],
        pin: Callable[[Article], Pin | None],
    ) -> None:
        self._rendering = rendering
        self._state = state
        self._with_details = with_details
        self._pin = pin
        self._fingerprints: dict[str, bytes] = {}
        self._sizes: dict[str, int] = {}
        self._fragments: dict[str, dict[str, bytes]] = {}
        self._held = 0
        self.rendered = 0
        self.edited: set[str] = set()
        self.provisional: list[Article] = []

    def prepare(
        self,
        articles: Iterable[Article],
        engine: Engine,
        progress: Progress,
        meanwhile: Callable[[], object],
    ) -> None:
        """Make sure that the entries of all these articles are rendered, and forget all others.

        Something else is done `meanwhile`: other processes may be at work.
        """
        unique = {article.entry_key: article for article in articles}
        self._believe_fresh(unique)
        stale = [article for key, article in unique.items() if key not in self._fingerprints]
        if stale:
            self._rendering.make_ready(stale)
        rendered = spread(
            self._rendering,
            map(self._wanted, stale),
            [*map(self._rendering.seconds, stale)],
            engine=engine,
            fatal=_fatal,
        )
        first = list(islice(rendered, 1))  # others are under way now
        meanwhile()
        results = tracked(chain(first, rendered), "Rendering entries", len(stale), progress)
        pairs = zip(stale, results, strict=True)
        while some := list(islice(pairs, _AT_ONCE)):
            for article, made in some:
                self._take(article.entry_key, made.entry)
            self.provisional += [article for article, made in some if made.is_provisional]
            self._state.record_entries(made.entry for _, made in some)
            self._state.memory.record_pins((made.pin_name, made.pin) for _, made in some)
        self._state.memory.keep_pins({pin_name(article) for article in unique.values()})
        self.rendered = len(stale)

    def _take(self, key: str, entry: CachedEntry) -> None:
        self._fingerprints[key] = entry.fingerprint
        self._sizes[key] = len(entry.fragments)
        if self._held + len(entry.fragments) <= _AT_HAND:
            self._hold(key, entry.fragments)

    def fingerprint(self, article: Article) -> bytes:
        """Return the digest of all a prepared entry was made from."""
        return self._fingerprints[article.entry_key]

    def fragment(self, article: Article, name: str) -> bytes:
        """Return a prepared entry as it stands in files of a format."""
        return self._fragments_of(article.entry_key)[name]

    def bound(self, article: Article) -> int:
        """Return how many bytes a prepared entry takes in a file of any format, at most."""
        return self._sizes[article.entry_key]

    def sizes(self, article: Article) -> tuple[int, ...]:
        """Return how many bytes a prepared entry takes, in each format."""
        return tuple(map(len, self._fragments_of(article.entry_key).values()))

    def _fragments_of(self, key: str) -> dict[str, bytes]:
        fragments = self._fragments.get(key)
        return self._hold(key, self._state.fragments(key)) if fragments is None else fragments

    def _hold(self, key: str, encoded: bytes) -> dict[str, bytes]:
        """Keep an entry at hand, in place of those that have been for longest."""
        self._held += len(encoded)
        while self._fragments and self._held > _AT_HAND:
            oldest = next(iter(self._fragments))
            del self._fragments[oldest]
            self._held -= self._sizes[oldest]
        fragments = self._fragments[key] = _FRAGMENTS.decode(encoded)
        return fragments

    def _wanted(self, article: Article) -> Wanted:
        return Wanted(article, self._with_details(article), self._pin(article))

    def _believe_fresh(self, articles: dict[str, Article]) -> None:
        """Take over what earlier runs rendered and nothing has changed since; forget the rest."""
        gone = []
        for key, fingerprint, mentions, size in self._state.entries():
            article = articles.get(key)
            if article is None:
                gone.append(key)
            elif fingerprint == self._rendering.fingerprint(article, _MENTIONS.decode(mentions)):
                # Not by `key`, which is equal: this text is held anyway.
                self._fingerprints[article.entry_key] = fingerprint
                self._sizes[article.entry_key] = size
            else:
                self.edited.add(key)
        self._state.forget_entries(gone)
