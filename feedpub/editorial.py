"""What an editor changed: a fingerprint over what readers read, and over nothing else."""

import hashlib
from collections.abc import Iterator

from feedpub.article import Article

# A new version makes every fingerprint new, and that no change of any article.
VERSION = 1
_BYTES = 12


def editorial_fingerprint(article: Article) -> bytes:
    """Return a digest of title, summary, body, link, pictures and topics.

    White space does not count, nor do heat, quality, related articles or the order of the record's
    fields: they change all day without an editor.
    """
    hashed = hashlib.blake2b(digest_size=_BYTES)
    for part in _parts(article):
        hashed.update(f"{len(part)}:{part}".encode("utf-8", "surrogatepass"))
    return hashed.digest()


def _parts(article: Article) -> Iterator[str]:
    for text in (article.title, article.summary, article.body):
        yield " ".join((text or "").split())
    yield article.link
    yield from article.topics
    yield ""  # topics end here
    yield from (image.url for image in article.images)
