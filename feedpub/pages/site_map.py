"""The site as its pages, OPML and manifest see it: every feed with its group."""

from collections import defaultdict
from functools import cached_property

from msgspec import Struct, field

from feedpub.compose import Site
from feedpub.feed import Feed
from feedpub.groups import Group
from feedpub.recollection import Told


class Published(Struct, frozen=True, kw_only=True):
    """A feed without its entries, the group it was made from, and the hash of its files."""

    group: Group
    feed: Feed
    sha256: str

    @property
    def entries(self) -> int:
        """Return how many entries the feed shows."""
        return len(self.group.window)

    @property
    def name(self) -> str:
        """Return what the feed is about, without the site's name."""
        return self.group.name or self.feed.title


class SiteMap(Struct, frozen=True, kw_only=True, dict=True):  # for what is asked of it often
    """All feeds of a site, the feed of everything first, the others by kind and path.

    `told` is what the next run is told of its articles, should it remember nothing.
    """

    site: Site
    feeds: tuple[Published, ...]
    told: Told = field(default_factory=Told)

    @property
    def hubs(self) -> tuple[str, ...]:
        """Return the hubs that are told of changes: those of any feed are those of all."""
        return self.feeds[0].feed.hubs if self.feeds else ()

    def of_kind(self, *kinds: str) -> tuple[Published, ...]:
        """Return the feeds of some kinds."""
        return tuple(feed for feed in self.feeds if feed.group.kind in kinds)

    def below(self, path: str | None) -> tuple[Published, ...]:
        """Return the topics whose parent's feed is at `path`.

        At the top (None) are those without a parent, or whose parent has no feed.
        """
        return tuple(self._children.get(("topic", path), ()))

    def pairs_of(self, path: str | None) -> tuple[Published, ...]:
        """Return the feeds of single providers within the topic at `path`.

        Those whose topic has no feed are at the top (None).
        """
        return tuple(self._children.get(("topic-provider", path), ()))

    @cached_property
    def _children(self) -> dict[tuple[str, str | None], list[Published]]:
        """Return the feeds by kind, and by the topic they are below."""
        topics = {item.feed.path for item in self.of_kind("topic")}
        children: dict[tuple[str, str | None], list[Published]] = defaultdict(list)
        for item in self.feeds:
            parent = item.group.parent
            children[item.group.kind, parent if parent in topics else None].append(item)
        return children
