"""What happens to the records between two runs."""

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from benchmarks.corpus import leads, record

COLD, AGAIN, EDITED = "cold", "again", "one edited"
# Peers make everything anew whatever happened: more cases would say the same again.
PEER_CASES = (COLD, AGAIN, EDITED)
MARK = "Edited "
SEED = 1

Step = Callable[[Path], None]


def cases(size: int, *, light: bool) -> dict[str, Step]:
    """Return, in their order, what is done to a folder of that many records before each run."""
    return {
        COLD: _nothing,
        AGAIN: _nothing,
        "one touched": lambda news: _touch(news, 1, 1.5e9),
        EDITED: lambda news: _edit(news, 1, size),
        "14 edited": lambda news: _edit(news, 14, size),
        "1 % rewritten": lambda news: _write(news, range(0, size, 100), size, light, revision=1),
        "100 new": lambda news: _write(news, range(size, size + 100), size + 100, light),
        "new times": lambda news: _touch(news, None, 1.6e9),
    }


def _nothing(news: Path) -> None:
    pass


def _edit(news: Path, count: int, size: int) -> None:
    """Change the titles of the newest records that no feed shows as one of another's story."""
    shown = (number for number in reversed(range(size)) if leads(number, size, seed=SEED))
    for number in islice(shown, count):
        [path] = news.glob(f"*-{number:06}-*.md")
        text = path.read_text("utf-8")
        path.write_text(text.replace('title: "', f'title: "{MARK}', 1), "utf-8")


def _write(news: Path, numbers: range, total: int, light: bool, *, revision: int = 0) -> None:
    """Write records; a revision changes what editors do not, heat and a signature."""
    for number in numbers:
        name, text = record(number, total, light=light, seed=SEED, revision=revision)
        (news / name).write_text(text, "utf-8")


def _touch(news: Path, count: int | None, time: float) -> None:
    """Give records another time and the same bytes: all of them, as a fresh checkout does."""
    for path in sorted(news.glob("*.md"))[:count]:
        os.utime(path, (time, time))
