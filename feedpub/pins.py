"""What was chosen to stand beside each entry, and digests made, kept in the memory of the site."""

import msgspec

from feedpub.article import Article
from feedpub.entries import Pin
from feedpub.memory import Memory
from feedpub.roundups import Roundup

_DECODER = msgspec.msgpack.Decoder(Pin)
_ROUNDUP = msgspec.msgpack.Decoder(Roundup)
_ENCODER = msgspec.msgpack.Encoder()


def pin_of(article: Article, memory: Memory) -> Pin | None:
    """Return what was chosen for the entry of an article."""
    kept = memory.pin(pin_name(article))
    return _DECODER.decode(kept) if kept else None


def pin_name(article: Article) -> str:
    """Return under which name the choice for an entry is kept."""
    return f"{article.id} {article.story.head}" if article.story else article.id


def encoded(choice: Pin | Roundup) -> bytes:
    """Return a choice, or a digest, as it is kept."""
    return _ENCODER.encode(choice)


def roundups_in(memory: Memory) -> dict[str, Roundup]:
    """Return the digests that were made, by feed and period."""
    return {name: _ROUNDUP.decode(value) for name, value in memory.made().items()}
