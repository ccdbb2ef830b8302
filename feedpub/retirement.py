"""Feeds that ended: their last entry tells subscribers so, and where to go from there."""

import html
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from feedpub.article import Article
from feedpub.compose import Site
from feedpub.editorial import editorial_fingerprint
from feedpub.groups import Group, Kind

_KINDS: dict[str, Kind] = {"topics": "topic", "providers": "provider", "all": "all"}


class Retirement(Struct, frozen=True, kw_only=True):
    """A feed, by its path, that ended at a moment; `to` is the address of its successor."""

    path: str
    since: datetime
    to: str | None = None


def with_notices(
    groups: Iterable[Group], retired: Iterable[Retirement], site: Site
) -> tuple[Group, ...]:
    """Return the groups, those that are retired with nothing but the notice.

    One that is not among the groups, because it was never published or nobody remembers, is put
    behind them: its subscribers may still ask for it.
    """
    all_of_them = {group.path: group for group in groups}
    for each in retired:
        group = all_of_them.get(each.path) or _forgotten(each.path)
        all_of_them[each.path] = replace(
            group,
            articles=(_notice(each, site),),
            limit=1,
            late=(),
            archives=(),
            digest=None,
            standing="kept",
            is_retired=True,
        )
    return tuple(all_of_them.values())


def _forgotten(path: str) -> Group:
    first, *others = path.split("/")
    kind = "topic-provider" if len(others) > 1 else _KINDS.get(first, "named")
    name = None if kind == "all" else path.rpartition("/")[2]
    return Group(kind=kind, path=path, name=name, articles=(), limit=1)


def _notice(each: Retirement, site: Site) -> Article:
    said = "No more articles will appear in this feed."
    summary, body = said, f"<p>{said}</p>"
    if each.to:
        summary = f"{said} Its successor: {each.to}"
        address = html.escape(each.to)
        body = f'<p>{said} Its successor: <a href="{address}">{address}</a></p>'
    article = Article(
        id=f"tag:{site.tag}:retired:{each.path}",
        source=f"retired {each.path}",
        title="This feed has moved" if each.to else "This feed has ended",
        link=each.to or site.url,
        published=each.since,
        summary=summary,
        body=body,
        body_format="html",
    )
    return replace(article, fingerprint=editorial_fingerprint(article))
