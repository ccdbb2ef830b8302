"""Which articles are listed, and why the others are held back."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from feedpub.article import Article
from feedpub.slugs import topic_key

# A clock that is a little behind must not hide what was published a moment ago.
CLOCK_TOLERANCE = timedelta(hours=1)

# The reasons a record itself gives; they also keep it out of other articles' related links.
WITHHELD_REASONS = ("removed", "doubtful", "draft", "unpublished", "scheduled")


class Choice(Struct, frozen=True, kw_only=True):
    """Names to keep and names to leave out, normalised; an empty `include` keeps all."""

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()

    def admits(self, names: Iterable[str]) -> bool:
        """Tell whether something that goes by `names` is chosen."""
        found = frozenset(names)
        return not (found & self.exclude) and (not self.include or bool(found & self.include))


class Selection(Struct, frozen=True, kw_only=True):
    """A `select:` rule."""

    unpublished: bool = False
    min_heat: float | None = None
    min_quality: float | None = None
    max_age: timedelta | None = None
    types: Choice = Choice()
    languages: Choice = Choice()
    topics: Choice = Choice()
    providers: Choice = Choice()

    def lifted(self, *, unpublished: bool) -> "Selection":
        """Return the rule with that bar lifted, if it is to be."""
        return replace(self, unpublished=unpublished or self.unpublished)

    @property
    def takes_all(self) -> bool:
        """Tell whether there is no rule in it."""
        return replace(self, unpublished=False) == Selection()


def withheld_reason(article: Article, selection: Selection, now: datetime) -> str | None:
    """Return why an article may not be seen at all, or None.

    Only `unpublished` can be lifted by the user; what is removed or doubtful never appears.
    """
    if article.withheld and not (article.withheld == "unpublished" and selection.unpublished):
        return article.withheld
    return "scheduled" if article.published > now + CLOCK_TOLERANCE else None


def unselected_reason(article: Article, selection: Selection, now: datetime) -> str | None:
    """Return which rule of a selection an article fails, or None."""
    for reason, admits in _RULES:
        if not admits(article, selection, now):
            return reason
    return None


def next_change(
    articles: Iterable[Article], selections: Iterable[Selection], now: datetime
) -> datetime | None:
    """Return when time alone next changes what is listed: a date comes, or becomes too old."""
    ages = [selection.max_age for selection in selections if selection.max_age is not None]
    earliest = now - timedelta(seconds=1)
    due = earliest + CLOCK_TOLERANCE
    moments = []
    for article in articles:
        published = article.published
        moments += [m - CLOCK_TOLERANCE for m in (published, article.changed) if m >= due]
        moments += [published + age for age in ages if published + age >= earliest]
    return min(moments, default=None)


def _hot_enough(article: Article, selection: Selection, _now: datetime) -> bool:
    if selection.min_heat is None:
        return True
    return article.heat is not None and article.heat >= selection.min_heat


def _good_enough(article: Article, selection: Selection, _now: datetime) -> bool:
    return selection.min_quality is None or article.quality >= selection.min_quality


def _young_enough(article: Article, selection: Selection, now: datetime) -> bool:
    return selection.max_age is None or article.published >= now - selection.max_age


def _type_chosen(article: Article, selection: Selection, _now: datetime) -> bool:
    return selection.types.admits([article.type] if article.type else [])


def _language_chosen(article: Article, selection: Selection, _now: datetime) -> bool:
    tag = (article.language or "").lower()
    return selection.languages.admits({tag, tag.partition("-")[0]})


def _topic_chosen(article: Article, selection: Selection, _now: datetime) -> bool:
    return selection.topics.admits(map(topic_key, article.topics))


def _provider_chosen(article: Article, selection: Selection, _now: datetime) -> bool:
    domain = article.provider.domain if article.provider else None
    return selection.providers.admits([domain] if domain else [])


_RULES: tuple[tuple[str, Callable[[Article, Selection, datetime], bool]], ...] = (
    ("below min_heat", _hot_enough),
    ("below min_quality", _good_enough),
    ("older than max_age", _young_enough),
    ("type not selected", _type_chosen),
    ("language not selected", _language_chosen),
    ("topic not selected", _topic_chosen),
    ("provider not selected", _provider_chosen),
)
