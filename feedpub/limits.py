"""How large a record may be: what is larger is cut where it is a text or a list, else refused."""

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """What a document may cost before it is refused."""

    size_bytes: int = 256 * 1024
    depth: int = 16
    nodes: int = 20_000


_USUAL, _USUAL_OF_MANY = Limits(), Limits(size_bytes=64 * 1024 * 1024, nodes=5_000_000)


class RecordLimits(Struct, frozen=True, kw_only=True):
    """How large a record may be.

    A file of one record has at most `file_bytes`, its front matter `front_matter`; a file of many
    records is a document of at most `data_file`. Titles, excerpts, bodies and addresses count in
    characters, the lists in items.
    """

    file_bytes: int = 1024 * 1024
    front_matter: Limits = _USUAL
    data_file: Limits = _USUAL_OF_MANY
    title: int = 1_000
    excerpt: int = 10_000
    body: int = 1_000_000
    url: int = 2_048
    topics: int = 20
    images: int = 50
    related: int = 500

    @property
    def allow_shortcuts(self) -> bool:
        """Tell whether front matter read without the parser is sure to be within the limits.

        What the shortcuts read is smaller than the limits are by default.
        """
        own = self.front_matter
        return (
            own.size_bytes >= _USUAL.size_bytes
            and own.depth >= _USUAL.depth
            and own.nodes >= _USUAL.nodes
        )


DEFAULT_LIMITS = RecordLimits()
