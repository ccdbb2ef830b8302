"""Records that cannot be used any more stay for a while as they were when they last could.

The last good version of a record is kept in the state, with the reading of its file, from the run
on that finds it broken. There is no other memory of it.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from feedpub.article import Article, Withheld
from feedpub.fields import flag
from feedpub.records import Unusable

_FLAGS: tuple[tuple[str, Withheld], ...] = (
    ("removed", "removed"),
    ("deleted", "removed"),
    ("draft", "draft"),
    ("published", "unpublished"),
)


def hidden_by(data: bytes, names: Mapping[str, tuple[str, ...]]) -> Withheld | None:
    """Return why a record that cannot be parsed may not want to be seen; doubt counts as a wish."""
    text = data.replace(b"\0", b"").decode("utf-8", "replace")
    for name, reason in _FLAGS:
        harmless = {"yes"} if name == "published" else {"no"}
        for key in names[name]:
            values = _pattern(key.rpartition(".")[2]).findall(text)
            if not harmless.issuperset(map(flag, values)):
                return reason
    return None


def _pattern(key: str) -> re.Pattern[str]:
    """Return what finds the values of a key: at the beginning of a line, or in a mapping on one."""
    return re.compile(
        rf"""(?:^[ \t]*(?:-[ \t]+)*|[{{,][ \t]*)["']?{re.escape(key)}["']?[ \t]*:\s*["']?"""
        r"""([^\s"',}\]]*)""",
        re.MULTILINE,
    )


def with_last_good(
    unusable: Iterable[Unusable],
    before: Iterable[Article],
    known: Collection[Unusable],
    there: Collection[str],
    now: datetime,
) -> list[Unusable]:
    """Return records that cannot be used with the articles they were.

    `before` are the articles of the file as it was last read, `known` its records that could not be
    used then already, `there` the ids of those that can be used now. A record without an id may be
    any of those that are not there; one that may not want to be seen is withheld for good measure.
    """
    since = {article.id: item.since for item in known for article in item.last_good}
    earlier = [article for item in known for article in item.last_good]
    left = {a.id: a for a in (*earlier, *before) if a.id not in there}
    result = []
    for item in sorted(unusable, key=lambda item: item.id is None):
        ids = [*left] if item.id is None else [id_ for id_ in left if id_ == item.id]
        kept = tuple(map(left.pop, ids))
        wish = item.withheld or item.hides
        if wish:
            kept = tuple(replace(article, withheld=wish) for article in kept)
        moment = min((since.get(id_, int(now.timestamp())) for id_ in ids), default=0)
        result.append(replace(item, last_good=kept, since=moment))
    return result


def ends(item: Unusable, stale: timedelta) -> datetime:
    """Return until when the last good version of a record stays."""
    return datetime.fromtimestamp(item.since, UTC) + stale
