"""The documents of a run: those that may have changed are made, the others are left alone."""

import hashlib
from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple

from feedpub import formats
from feedpub.article import Article
from feedpub.compose import FORMAT_FILES, compose_archive, compose_feed, with_archives
from feedpub.compressed import copy_path
from feedpub.digests import digest
from feedpub.engines import HERE, Engine
from feedpub.errors import Problem
from feedpub.feed import Document, Feed
from feedpub.fingerprints import code_fingerprint
from feedpub.groups import Group
from feedpub.pages import embedding, html_pages, manifest, opml, stylesheets
from feedpub.pages.site_map import Published, SiteMap
from feedpub.pins import encoded
from feedpub.plan import Plan
from feedpub.progress import Progress, Silence, tracked
from feedpub.recollection import Told
from feedpub.related_reader import without_list
from feedpub.renderings import Rendering, Renderings
from feedpub.report import FeedChange
from feedpub.settings import Settings
from feedpub.sizes import fitting, left_out
from feedpub.sources.files import Stamp
from feedpub.state import State
from feedpub.survey import Survey
from feedpub.withdrawals import (
    Tombstone,
    by_path,
    tombstones,
    window_changes,
    window_key,
)


def render_everything(plan: Plan, survey: Survey, settings: Settings) -> Iterator[Document]:
    """Yield every document of a site, in the order in which they may become visible."""
    yield from Publication(
        plan,
        survey,
        settings,
        state=State.in_memory(),
        intact=frozenset(),
        engine=HERE,
        progress=Silence(),
    ).documents()


# Of the feed, a fragment only uses what all feeds of a site share.
_SAMPLE = Group(kind="all", path="all", name=None, articles=(), limit=1)


class _Shown(NamedTuple):
    """A feed, or an archive of one, with the articles it shows and the group they are of."""

    feed: Feed
    articles: tuple[Article, ...]
    group: Group
    is_archive: bool = False


class Publication:
    """The documents of a run: those that may have changed are made, the others are left alone."""

    def __init__(
        self,
        plan: Plan,
        survey: Survey,
        settings: Settings,
        *,
        state: State,
        intact: Collection[str],
        engine: Engine,
        progress: Progress,
    ) -> None:
        self._plan = plan
        self._settings = settings
        self._state = state
        self._progress = progress
        self._known = state.feeds()
        self._feeds: dict[str, tuple[bytes, str]] = {}
        self._site_map: list[Published] = []
        self._unchanged: list[Feed] = []
        self._survey = survey
        self._ids: dict[str, frozenset[str]] | None = None
        self.tombstones = self._tombstones()
        self._withdrawn = by_path(self.tombstones)
        self._theme = settings.theme.fingerprint()
        rendering = Rendering(
            composer=plan.composer,
            shared=digest(
                plan.site,
                settings.presentation,
                code_fingerprint(),
                self._formats(),
                self._theme,
            ),
            renderers={
                **{name: formats.renderer(name).render_entries for name in self._formats()},
                "page": partial(html_pages.render_entries, theme=settings.theme),
            },
            read_related=plan.read_related,
            sample=compose_feed(_SAMPLE, plan.site, tuple(formats.FORMATS)),
        )
        self.renderings = Renderings(rendering, state, with_details=plan.with_details, pin=plan.pin)
        self.renderings.prepare(self._articles(), engine, progress, self._remember_articles)
        self.groups = plan.groups if settings.archive else tuple(map(self._fitting, plan.groups))
        self._todo = sorted(self._changed_feeds(intact), key=_neighbours)
        self.changes = self._changes()

    @property
    def unchanged_paths(self) -> tuple[str, ...]:
        """Return the files of feeds that stand as they should."""
        return tuple(path for feed in self._unchanged for path in self._files_of(feed))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is amiss with feeds, and with their entries."""
        pairs = zip(self._plan.groups, self.groups, strict=True)
        feeds = (left_out(whole, shown) for whole, shown in pairs if shown is not whole)
        return (*feeds, *map(without_list, self.renderings.provisional))

    def documents(self) -> Iterator[Document]:
        """Yield the documents to publish, in the order in which they may become visible.

        A reader that follows the index, the manifest or the OPML finds the feeds already there.
        """
        theme = self._settings.theme
        yield from stylesheets.documents(theme)
        hashes = {}
        todo = tracked(self._todo, "Publishing feeds", len(self._todo), self._progress)
        for shown, fingerprint in todo:
            feed = shown.feed
            documents = [
                formats.render(name, feed, self._fragments(shown, name)) for name in feed.addresses
            ]
            yield from documents
            hashes[feed.path] = _sha256(documents)
            self._feeds[feed.path] = (fingerprint, hashes[feed.path])
            yield html_pages.render_feed_page(feed, self._fragments(shown, "page"), theme)
        feeds = tuple(
            Published(
                group=item.group, feed=item.feed, sha256=hashes.get(item.feed.path, item.sha256)
            )
            for item in self._site_map
        )
        told = Told(
            stories=self._survey.editing.stories.renamed,
            changed=self._survey.recollection.changed,
        )
        site_map = SiteMap(site=self._plan.site, feeds=feeds, told=told)
        yield from embedding.documents(site_map, theme)
        yield manifest.schema()
        yield opml.render(site_map)
        yield manifest.render(site_map)
        yield html_pages.render_index(site_map, theme, self._picture)

    def pictures(self) -> tuple[str, ...]:
        """Return the addresses of all pictures that are shown, each once, newest entry first."""
        composer, pin = self._plan.composer, self._plan.pin
        articles = {article.entry_key: article for article in self._articles()}
        images = (i for a in articles.values() for i in composer.pictures(a, pin(a)).all)
        return tuple(dict.fromkeys(image.url for image in images))

    def _changes(self) -> tuple[FeedChange, ...]:
        """Return what is new in the feeds that changed since their windows were recorded."""
        windows = self._state.memory.windows()
        return tuple(
            self._change(shown, windows.get(shown.feed.path, b""))
            for shown, _ in self._todo
            if not shown.is_archive
        )

    def _change(self, shown: _Shown, before: bytes) -> FeedChange:
        added, gone = window_changes((article.id for article in shown.articles), before)
        edited = self.renderings.edited
        changed = sum(1 for a in shown.articles if a.entry_key in edited and a.id not in added)
        return FeedChange(path=shown.feed.path, added=len(added), changed=changed, gone=gone)

    def record(self, stamps: dict[str, Stamp]) -> None:
        """Record in the state what was published."""
        self._state.record_feeds(self._feeds)
        self._state.record_outputs(stamps)
        memory, heads = self._state.memory, self._survey.editing.heads
        memory.record_heads(heads.chosen, heads.last)
        memory.record_tombstones(self.tombstones)
        digests = self._survey.editing.digests
        if digests:
            memory.record_made({name: encoded(made) for name, made in digests.new.items()})
        memory.record_windows(
            {
                shown.feed.path: window_key(article.id for article in shown.articles)
                for shown, _ in self._todo
                if not shown.is_archive
            },
            frozenset(group.path for group in self._plan.groups),
        )

    def _remember_articles(self) -> None:
        stories = self._survey.editing.stories
        facts = self._survey.recollection.with_new(stories.names)
        self._state.memory.record_articles(facts)

    def _picture(self, article: Article) -> str | None:
        """Return the address of the picture that stands for an article on the index."""
        lead = self._plan.composer.pictures(article, self._plan.pin(article)).lead
        return lead.url if lead else None

    def _shows(self, path: str, id_: str) -> bool:
        """Tell whether a feed has an entry, shown or past its limit."""
        if self._ids is None:
            groups = self._plan.groups
            self._ids = {g.path: frozenset(article.id for article in g.articles) for g in groups}
        return id_ in self._ids.get(path, ())

    def _tombstones(self) -> list[Tombstone]:
        recollection, corpus = self._survey.recollection, self._survey.corpus
        memory = self._state.memory
        gone = recollection.gone(corpus.passed_over)
        return tombstones(
            memory.tombstones(),
            memory.windows() if gone else {},
            gone,
            self._shows,
            recollection.moment - self._settings.tombstones,
        )

    def _fitting(self, group: Group) -> Group:
        return fitting(group, self.renderings.bound, self.renderings.sizes)

    def _formats(self) -> tuple[str, ...]:
        """Return the formats that any feed has, of the configuration or of an earlier one."""
        published = (group.published for group in self._plan.groups)
        earlier = {name for feed in published if feed for name in feed.formats}
        return tuple(n for n in formats.FORMATS if n in self._settings.formats or n in earlier)

    def _fragments(self, shown: _Shown, name: str) -> list[bytes]:
        return [self.renderings.fragment(article, name) for article in shown.articles]

    def _articles(self) -> Iterator[Article]:
        """Yield the articles of all feeds and archives."""
        for group in self._plan.groups:
            yield from group.window
            for archive in group.archives:
                yield from archive.articles

    def _shown(self) -> Iterator[_Shown]:
        """Yield every feed with what it shows, and its archives after it."""
        site = self._plan.site
        for group in self.groups:
            feed = self._feed(group)
            yield _Shown(with_archives(feed, group, site), group.window, group)
            for archive in group.archives:
                archived = compose_archive(feed, archive, site)
                yield _Shown(archived, archive.articles, group, is_archive=True)

    def _changed_feeds(self, intact: Collection[str]) -> list[tuple[_Shown, bytes]]:
        todo = []
        for shown in self._shown():
            feed = shown.feed
            entries = [self.renderings.fingerprint(article) for article in shown.articles]
            fingerprint = digest(
                feed, shown.group.standing, entries, code_fingerprint(), self._theme
            )
            known, sha256 = self._known.get(feed.path, (b"", ""))
            if known == fingerprint and all(path in intact for path in self._files_of(feed)):
                self._feeds[feed.path] = (known, sha256)
                self._unchanged.append(feed)
            else:
                todo.append((shown, fingerprint))
            if not shown.is_archive:
                self._site_map.append(Published(group=shown.group, feed=feed, sha256=sha256))
        return todo

    def _feed(self, group: Group) -> Feed:
        published = group.published.formats if group.published else ()
        return compose_feed(
            group,
            self._plan.site,
            self._settings.formats + published,
            self._withdrawn.get(group.path, ()),
            self._settings.hubs,
        )

    def _files_of(self, feed: Feed) -> list[str]:
        names = [*(FORMAT_FILES[name] for name in feed.addresses), "index.html"]
        paths = [f"{feed.path}/{name}" for name in names]
        return paths + [copy_path(path) for path in paths if self._settings.precompress]


def _neighbours(todo: tuple[_Shown, bytes]) -> str:
    """Keep feeds together that share most of their entries: those of one provider."""
    provider = todo[0].group.provider
    return (provider.domain or "") if provider else ""


def _sha256(documents: list[Document]) -> str:
    """Return the hash the manifest gives of a feed: of its files, one after the other."""
    hashed = hashlib.sha256()
    for document in documents:
        hashed.update(document.data)
    return hashed.hexdigest()
