"""From an article to its entry: pure, the same for every feed and format."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.article import Article, Candidate, Image, Person, Related
from feedpub.catalog import Catalog
from feedpub.compose import Site
from feedpub.content import entry_content
from feedpub.corpus import Corpus
from feedpub.digests import digest
from feedpub.feed import Category, Entry, RelatedLink, Source
from feedpub.groups import topic_path
from feedpub.links import same_address
from feedpub.measurements import Measurement, with_measurement
from feedpub.pictures import Pictures, pictures_of, stock_pictures
from feedpub.related import newest_form, related_articles
from feedpub.slugs import topic_key
from feedpub.story_notes import StoryNotes


class Mentions(Struct, frozen=True, kw_only=True):
    """What an entry depends on beyond its own article: addresses, provider domains, pictures."""

    addresses: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


class Pin(Struct, frozen=True, kw_only=True):
    """What was chosen to stand beside an article: chosen once, until an editor changes something.

    `key` stands for the article, and the others of its story, as editors left them: none if the
    related list was needed and could not be read just now. `picture` is the one of a related
    article that leads where the article has none.
    """

    key: bytes
    related: tuple[Related, ...] = ()
    picture: Image | None = None

    @property
    def is_provisional(self) -> bool:
        """Tell whether it is to be chosen again."""
        return not self.key


class Composed(Struct, frozen=True, kw_only=True):
    """An entry, what it depends on beyond its article, and what was chosen for it."""

    entry: Entry
    mentions: Mentions
    pin: Pin


def _domain(item: Article | Related) -> str | None:
    return item.provider.domain if item.provider else None


class Presentation(Struct, frozen=True, kw_only=True):
    """How an entry is shown."""

    full_content: bool = True
    related_limit: int = 5
    image_limit: int = 10
    related_pictures: bool = True
    stock_threshold: int = 10


def entry_composer(
    corpus: Corpus,
    catalog: Catalog,
    site: Site,
    presentation: Presentation,
    measured: Mapping[str, Measurement] | None = None,
) -> "EntryComposer":
    """Return what composes the entries of a run; `measured` are pictures by address."""
    stock = stock_pictures(corpus.listed, presentation.stock_threshold)
    return EntryComposer(
        corpus=corpus,
        catalog=catalog,
        site=site,
        presentation=presentation,
        not_pictures=stock.union(catalog.logos),
        categories={
            key: Category(term=topic.name, scheme=site.address(topic_path(topic) + "/"))
            for key, topic in catalog.topics.items()
        },
        measured=measured or {},
        provider_facts={
            domain: (provider.name, provider.url, provider.feed)
            for domain, provider in catalog.providers.items()
        },
    )


def _full(candidates: Iterable[Candidate]) -> Iterator[Related]:
    return (item for candidate in candidates if (item := candidate.full()))


def _holder(picture: Image) -> Related:
    """Return a related article that has just a picture."""
    return Related(title="", link="", images=(picture,))


class EntryComposer(Struct, frozen=True, kw_only=True):
    """Composes the entries of a run, from articles and what is known of all the others.

    `stories`, `address_digests` and `category_digests` (by an article's topics) fill as entries ask
    for them: what many of them share is made once.
    """

    corpus: Corpus
    catalog: Catalog
    site: Site
    presentation: Presentation
    not_pictures: frozenset[str]
    categories: Mapping[str, Category]
    measured: Mapping[str, Measurement]
    provider_facts: Mapping[str, object]
    stories: dict[tuple[str, ...], StoryNotes] = field(default_factory=dict)
    address_digests: dict[str, bytes | None] = field(default_factory=dict)
    category_digests: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def entry(self, article: Article, embedded: Sequence[Candidate] | None = None) -> Entry:
        """Return the entry of an article.

        `embedded` is its related list where that was left in its file.
        """
        return self.composed(article, lambda: embedded).entry

    def composed(
        self,
        article: Article,
        read_related: Callable[[], Sequence[Candidate] | None],
        pin: Pin | None = None,
    ) -> Composed:
        """Return the entry of an article, with what was chosen for it before as long as it holds.

        `read_related` gives the related list where that was left in its file.
        """
        story = self._story(article)
        key = self._pin_key(article, story)
        if pin is None or pin.key != key:
            pin = self._chosen(article, story, read_related, key)
        newest = filter(None, (newest_form(item, self.corpus) for item in pin.related))
        shown = tuple(_full(newest))
        pictures = self.pictures(article, pin)
        pinned = (pin.picture,) if pin.picture else ()
        mentions = Mentions(
            addresses=tuple(same_address(item.link) for item in pin.related),
            domains=tuple(dict.fromkeys(_domain(item) or "" for item in shown)),
            pictures=tuple(dict.fromkeys(image.url for image in (*article.images, *pinned))),
        )
        links = tuple(self._related_link(item, story.addresses) for item in shown)
        entry = self._entry(article, links, pictures)
        return Composed(entry=entry, mentions=mentions, pin=pin)

    def pictures(self, article: Article, pin: Pin | None) -> Pictures:
        """Return the pictures of an article's entry, with what was measured."""
        beside = [_holder(pin.picture)] if pin and pin.picture else []
        return self._pictures(article, beside).mapped(self._with_measurement)

    def _with_measurement(self, image: Image) -> Image:
        return with_measurement(image, self.measured.get(image.url))

    def _pin_key(self, article: Article, story: StoryNotes) -> bytes:
        shape = (self.presentation.related_limit, self.presentation.related_pictures)
        return digest(article.fingerprint, story.as_left, shape)

    def _story(self, article: Article) -> StoryNotes:
        """Return what there is to know of an article's story; of none, nothing."""
        members = article.story.members if article.story else ()
        notes = self.stories.get(members)
        if notes is None:
            notes = self.stories[members] = StoryNotes(members, self.corpus)
        return notes

    def _chosen(
        self,
        article: Article,
        story: StoryNotes,
        read_related: Callable[[], Sequence[Candidate] | None],
        key: bytes,
    ) -> Pin:
        """Choose what stands beside an article: the others of its story, then what it lists.

        The list is not looked at where the others are enough.
        """
        limit = self.presentation.related_limit
        others = story.ranking.beside(article)
        shown, lead = self._first_of(others, article)
        if len(shown) < limit or (lead is None and self.presentation.related_pictures):
            embedded = read_related()
            if embedded is None and article.related_unread:
                key = b""  # it could not be read just now: to be chosen again
            listed = article.related if embedded is None else embedded
            first = {same_address(item.link) for item in others}
            rest = related_articles(article, self.corpus, listed)
            others += tuple(item for item in rest if same_address(item.link) not in first)
            shown, lead = self._first_of(others, article)
        own = {image.url for image in article.images}
        return Pin(
            key=key,
            related=tuple(replace(item, images=(), quality=0.0) for item in shown),
            picture=lead if lead and lead.url not in own else None,
        )

    def _first_of(
        self, candidates: Iterable[Candidate], article: Article
    ) -> tuple[list[Related], Image | None]:
        """Return the first of some related articles, and the picture that leads beside them."""
        shown = list(islice(_full(candidates), self.presentation.related_limit))
        return shown, self._pictures(article, _full(candidates)).lead

    def _pictures(self, article: Article, related: Iterable[Related]) -> Pictures:
        return pictures_of(
            article,
            related,
            not_pictures=self.not_pictures,
            limit=self.presentation.image_limit,
            fall_back_to_related=self.presentation.related_pictures,
        )

    def _entry(
        self, article: Article, related: tuple[RelatedLink, ...], pictures: Pictures
    ) -> Entry:
        full = self.presentation.full_content
        domain = _domain(article)
        return Entry(
            id=article.id,
            title=article.title,
            link=article.link,
            via=article.via,
            published=article.published,
            updated=article.changed,
            authors=self._authors(article),
            summary=article.summary,
            content=entry_content(article, lead=pictures.lead, related=related, full=full),
            categories=self._categories(article),
            images=pictures.all,
            lead=pictures.lead,
            related=related,
            source=self._source(domain),
            language=article.language,
            provider_name=self._provider_name(article),
            provider_domain=domain,
            merged_ids=article.merged_ids,
            story=article.story,
        )

    def facts_about(self, article: Article, mentions: Mentions) -> tuple[object, ...]:
        """Return all the entry of an article depends on beside the article and the site."""
        domains = (_domain(article), *mentions.domains)
        return (
            [self._address_digest(address) for address in mentions.addresses],
            [self.provider_facts.get(domain or "") for domain in domains],
            self._category_digest(article),
            self._facts_of_story(article),
            [url for url in mentions.pictures if url in self.not_pictures],
            [self.measured[url].facts for url in mentions.pictures if url in self.measured],
            article.updated,  # the date of a change still to come is held back until then
        )

    def _facts_of_story(self, article: Article) -> tuple[object, ...]:
        """Return what stands for an article's story."""
        story = article.story
        return (story.id, story.head, story.outlets, self._story(article).key) if story else ()

    def _category_digest(self, article: Article) -> bytes:
        """Return what stands for an article's categories."""
        made = self.category_digests.get(article.topics)
        if made is None:
            made = self.category_digests[article.topics] = digest(self._categories(article))
        return made

    def _address_digest(self, address: str) -> bytes | None:
        """Return what stands for all that is known of an address: of most, nothing."""
        if address not in self.address_digests:
            self.address_digests[address] = self._digest_of_known(address)
        return self.address_digests[address]

    def _digest_of_known(self, address: str) -> bytes | None:
        if address in self.corpus.withheld_addresses:
            return digest(True)
        known = self.corpus.by_address.get(address)
        if known is None:
            return None
        pictures = [(image, image.url in self.not_pictures) for image in known.images]
        return digest(known.title, known.link, known.published, known.provider, pictures)

    def _authors(self, article: Article) -> tuple[Person, ...]:
        """Return who wrote it, else who published it, else the site: never nobody."""
        if article.authors:
            return article.authors
        name = self._provider_name(article)
        if name is None:
            return (self.site.author,)
        domain = _domain(article)
        return (Person(name=name, uri=self.catalog.providers[domain].url if domain else None),)

    def _provider_name(self, article: Article | Related) -> str | None:
        provider = article.provider
        if provider is None:
            return None
        known = self.catalog.providers.get(provider.domain or "")
        return known.name if known else provider.name or provider.domain

    def _related_link(self, item: Related, story: frozenset[str]) -> RelatedLink:
        return RelatedLink(
            href=item.link,
            title=item.title,
            provider=self._provider_name(item),
            published=item.published,
            same_story=same_address(item.link) in story,
        )

    def _categories(self, article: Article) -> tuple[Category, ...]:
        keys = dict.fromkeys(map(topic_key, article.topics))
        return tuple(self.categories[key] for key in keys if key in self.categories)

    def _source(self, domain: str | None) -> Source | None:
        provider = self.catalog.providers.get(domain or "")
        if provider is None or provider.feed is None:
            return None
        return Source(title=provider.name, feed_url=provider.feed)
