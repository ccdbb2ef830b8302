"""From a group and its articles to a feed: pure, the same for every format."""

from datetime import UTC, datetime
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from feedpub.archives import Archive
from feedpub.article import Article, Person
from feedpub.feed import Feed, History, Withdrawal
from feedpub.groups import Group

FORMAT_FILES = {"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"}
NO_ARTICLES = "No current articles"
# The folder of archives within that of a feed; no provider's domain is without a dot.
ARCHIVE = "archive"
# Among the addresses of a neighbour, that of its page.
PAGE = "page"


class Site(Struct, frozen=True, kw_only=True):
    """The site the feeds belong to; `url` ends in a slash, `tag` is RFC 4151's authority,date."""

    title: str
    url: str
    tag: str
    description: str
    language: str
    author: Person
    logo: str | None = None
    icon: str | None = None
    rights: str | None = None

    @property
    def epoch(self) -> datetime:
        """Return the date of the tag: when a feed that never held anything last changed."""
        parts = [int(part) for part in self.tag.partition(",")[2].split("-")]
        year, month, day = (*parts, 1, 1)[:3]
        return datetime(year, month, day, tzinfo=UTC)

    def address(self, path: str) -> str:
        """Return the address under which a file or folder of the output is served."""
        return self.url + quote(path, safe="/-._~!$&'()*+,;=@")


def compose_feed(
    group: Group,
    site: Site,
    formats: tuple[str, ...],
    withdrawn: tuple[Withdrawal, ...] = (),
    hubs: tuple[str, ...] = (),
) -> Feed:
    """Return the feed of a group in the given formats, without its entries."""
    files = {name: FORMAT_FILES[name] for name in FORMAT_FILES if name in formats}
    page = site.address(f"{group.path}/")
    return Feed(
        id=f"tag:{site.tag}:feed:{quote(group.path, safe='/-._~')}",
        path=group.path,
        title=_title(group, site),
        subtitle=_subtitle(group, site),
        updated=_updated(group, site, withdrawn),
        page=page,
        addresses={name: page + file for name, file in files.items()},
        author=site.author,
        language=site.language,
        entries=(),
        withdrawn=withdrawn,
        site_title=site.title,
        site_url=site.url,
        newest=_newest(group.window),
        logo=_logo(group) or site.logo,
        icon=site.icon,
        rights=site.rights,
        hubs=hubs,
    )


def is_feed(path: str) -> bool:
    """Tell whether a file is a feed in one of its formats; an archive is none.

    No topic, provider or named feed has a folder called `archive`.
    """
    return path.rpartition("/")[2] in FORMAT_FILES.values() and f"/{ARCHIVE}/" not in path


def with_archives(feed: Feed, group: Group, site: Site) -> Feed:
    """Return a feed that says where its newest archive is."""
    if not group.archives:
        return feed
    newest = _addresses(feed, group.archives[0].month, site)
    return replace(feed, history=History(previous=newest))


def compose_archive(feed: Feed, archive: Archive, site: Site) -> Feed:
    """Return an archive of a feed, without its entries: the same feed, at another address.

    It has no hub: who wants to hear of changes subscribes to the feed (RFC 5005 §4).
    """
    path = _archive_path(feed, archive.month)
    addresses = _addresses(feed, archive.month, site)
    page = addresses.pop(PAGE)
    return replace(
        feed,
        path=path,
        title=f"{feed.title} ({archive.month})",
        updated=max(article.changed for article in archive.articles),
        newest=_newest(archive.articles),
        page=page,
        addresses=addresses,
        withdrawn=(),
        hubs=(),
        history=History(
            current={**feed.addresses, PAGE: feed.page},
            previous=_addresses(feed, archive.previous, site) if archive.previous else None,
            next=_addresses(feed, archive.next, site) if archive.next else None,
        ),
    )


def _archive_path(feed: Feed, month: str) -> str:
    return f"{feed.path}/{ARCHIVE}/{month}"


def _addresses(feed: Feed, month: str, site: Site) -> dict[str, str]:
    page = site.address(f"{_archive_path(feed, month)}/")
    return {**{name: page + FORMAT_FILES[name] for name in feed.addresses}, PAGE: page}


def _title(group: Group, site: Site) -> str:
    return f"{group.name} – {site.title}" if group.name else site.title


def _subtitle(group: Group, site: Site) -> str:
    if not group.articles:
        return NO_ARTICLES
    if group.subtitle:
        return group.subtitle
    if group.name is None:
        return site.description
    about = {"topic": "Articles on", "provider": "Articles from"}.get(group.kind)
    return f"{about} {group.name}" if about else f"{group.name} – {site.description}"


def _updated(group: Group, site: Site, withdrawn: tuple[Withdrawal, ...]) -> datetime:
    """Return the newest change among the entries (RFC 4287 §4.2.15), never the time of the run."""
    changes = [article.changed for article in group.window]
    changes += [withdrawal.moment for withdrawal in withdrawn]
    if changes:
        return max(changes)
    return group.published.updated if group.published else site.epoch


def _newest(articles: tuple[Article, ...]) -> datetime | None:
    return max((article.published for article in articles), default=None)


def _logo(group: Group) -> str | None:
    if group.kind != "provider" or group.provider is None or group.provider.logo is None:
        return None
    return group.provider.logo.url
