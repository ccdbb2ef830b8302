"""How large a feed may be: where bodies are long, its oldest entries are left out.

Validators read 5 MB of a feed and no more, and each reader fetches all of it again and again.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, takewhile
from operator import add

from msgspec.structs import replace

from feedpub.article import Article
from feedpub.errors import Problem
from feedpub.groups import Group

# Of the 5 MB; the rest is for what stands around the entries.
_ENTRIES_BYTES = 4_800_000


def fitting(
    group: Group, bound: Callable[[Article], int], sizes: Callable[[Article], Sequence[int]]
) -> Group:
    """Return a group whose window is small enough for each of its files, or holds one entry.

    `sizes` are those of an entry in each kind of file, in bytes; `bound` is no less than any of
    them, and sooner known. The very same group comes back if all of its window fits.
    """
    window = group.window
    if sum(map(bound, window)) <= _ENTRIES_BYTES:
        return group
    number = max(_number_fitting(map(sizes, window)), 1)
    if number == len(window):
        return group
    limit = min(group.limit, number)
    return replace(group, limit=limit, late=group.late[: number - len(group.articles[:limit])])


def _number_fitting(entries: Iterable[Sequence[int]]) -> int:
    """Return how many of the first entries are small enough together."""
    totals = accumulate(entries, lambda before, sizes: tuple(map(add, before, sizes)))
    return sum(1 for _ in takewhile(lambda total: max(total) <= _ENTRIES_BYTES, totals))


def left_out(whole: Group, fitted: Group) -> Problem:
    """Return what to say of a group that shows fewer entries than it should."""
    return Problem(
        code="large-feed",
        source=whole.path,
        message=f"shows {len(fitted.window)} of {len(whole.window)} entries:"
        " with more, it would be larger than 5 MB",
        help="say content: excerpt, or choose a smaller limit:",
        severity="warning",
    )
