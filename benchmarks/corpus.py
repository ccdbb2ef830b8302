"""Make a synthetic corpus with the proportions of real ones: `python -m benchmarks.corpus DIR`.

Seeded: the same arguments give the same bytes. A heavy record carries 33 related articles on
average and at most 179, as the records of an aggregating site do: the other records of its story,
each of which lists it in turn, so that the same item is in as many files. Few copies differ from
the record they are of, few lists repeat an item or name their own record. Three texts in ten hold
more than ASCII, one in sixty an escape. A light record carries no list.
"""

import argparse
import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

TOPICS = 20
PROVIDERS = 427
# A record every quarter of an hour: even of half a million, which is 14 years, none is to come.
_START = datetime(2011, 8, 23, 6, tzinfo=UTC)
# The records that share their stories, in the order of their dates; how many a story has, on
# average and at most. A record is likelier in a large one: so the lists are twice as long.
# One of 5,000 records is as large as the largest of real ones.
_NEIGHBOURS, _STORY, _LARGEST = 500, 13.5, 180
_WITH_LARGEST = 5  # of every ten lots of neighbours
_WORDS = (
    "library repair network cloud report council winter archive signal garden teacher harbour model"
    " update region language market partner release open public reading train bridge energy paper"
    " sensor museum quiet engine village number window letter summer record island method school"
).split()
_WIDE = (
    "caf\u00e9",
    "the city\u2019s",
    "\u2013",
    "\u201cnew\u201d",
    "r\u00e9sum\u00e9",
    "100\u00a0%",
    "M\u00fcnchen",
)


class _Facts(NamedTuple):
    """What its own file and the lists of others say of a record."""

    title: str
    excerpt: str
    published: datetime
    provider: str
    slug: str
    number: int
    quality: int
    has_image: bool
    has_amp: bool

    @property
    def url(self) -> str:
        return f"https://www.{self.provider}/news/{self.number}/{self.slug}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--light", action="store_true", help="records without related articles")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    generate(arguments.folder, arguments.records, light=arguments.light, seed=arguments.seed)


def generate(folder: Path, records: int, *, light: bool = False, seed: int = 1) -> None:
    """Write that many records to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(records):
        name, text = record(number, records, light=light, seed=seed)
        (folder / name).write_text(text, "utf-8")


def record(
    number: int, total: int, *, light: bool, seed: int, revision: int = 0
) -> tuple[str, str]:
    """Return the file name and text of a record; a revision changes what editors do not."""
    rng = random.Random(f"{seed}/{number}/own")
    facts = _facts(seed, number)
    lines = [
        "---",
        "category: news",
        f'title: "{facts.title}"',
        f'excerpt: "{facts.excerpt}"',
        f"publishedDateTime: {facts.published:%Y-%m-%dT%H:%M:%SZ}",
        f'originalUrl: "{facts.url}"',
        f'webUrl: "{facts.url}"',
        "type: article",
        f"quality: {facts.quality}",
        f"heat: {facts.quality + 20 * (revision % 7)}",
        "published: true",
        "",
        *_provider_lines(facts, ""),
        "  images:",
        f'    - url: "https://static.example.org/{facts.provider}-50x50.jpg"',
        "      width: 50",
        "      height: 50",
        "",
        "topics:",
        *(f"  - {topic}" for topic in _topics(rng)),
        "",
    ]
    if rng.random() < 0.54:
        lines += _image_lines(facts, "")
    if not light:
        lines += _related_lines(rng, number, total, seed)
    secret = random.Random(f"{seed}/{number}/{revision}").randbytes(339)
    lines += [f'secured: "{base64.b64encode(secret).decode()}"', "---", ""]
    return f"{facts.published:%Y-%m-%d}-{number:06}-{facts.slug}.md", "\n".join(lines)


def leads(number: int, total: int, *, seed: int) -> bool:
    """Tell whether a record leads its story: the best of it, then the earliest."""
    return number == min(
        (other for other in _story(seed, number) if other < total),
        key=lambda other: (-_facts(seed, other).quality, other),
    )


@lru_cache(maxsize=10_000)
def _facts(seed: int, number: int) -> _Facts:
    rng = random.Random(f"{seed}/{number}")
    words = rng.choices(_WORDS, k=rng.randrange(7, 13))
    return _Facts(
        title=_text(rng, words),
        excerpt=f"{_text(rng, rng.choices(_WORDS, k=rng.randrange(20, 38)))}.",
        published=_START + timedelta(seconds=number * 900 + rng.randrange(900)),
        # A few providers publish most, as they do.
        provider=f"p{int(PROVIDERS * rng.random() ** 3):03}.example.com",
        slug="-".join(words),
        number=number,
        quality=rng.randrange(20, 130),
        has_image=rng.random() < 0.77,
        has_amp=rng.random() < 0.3,
    )


def _text(rng: random.Random, words: list[str]) -> str:
    """Return words as a text, which now and then holds what is not ASCII, or an escape."""
    words = [words[0].capitalize(), *words[1:]]
    if rng.random() < 0.18:
        words.insert(rng.randrange(1, len(words)), rng.choice(_WIDE))
    if rng.random() < 0.008:
        words.insert(rng.randrange(1, len(words)), r"\"so called\"")
    return " ".join(words)


def _topics(rng: random.Random) -> list[str]:
    others = {f"Topic {int((TOPICS - 1) * rng.random() ** 2) + 1}" for _ in range(rng.randrange(3))}
    return ["Topic 0", *sorted(others)]


def _provider_lines(facts: _Facts, indent: str) -> list[str]:
    name = facts.provider.partition(".")[0]
    return [
        f"{indent}provider:",
        f"{indent}  name: Provider {name[1:]}",
        f"{indent}  domain: {facts.provider}",
    ]


def _image_lines(facts: _Facts, indent: str) -> list[str]:
    source = f"https://images.{facts.provider}/{facts.number}/large.jpg?auto=webp&quality=85"
    return [
        f"{indent}images:",
        f'{indent}  - url: "{source}"',
        f"{indent}    width: 1200",
        f"{indent}    height: 800",
        f"{indent}    isCached: true",
    ]


def _related_lines(rng: random.Random, number: int, total: int, seed: int) -> list[str]:
    listed = [other for other in _story(seed, number) if other != number and other < total]
    if listed and rng.random() < 0.003:
        listed.append(number)
    items = [line for other in listed for line in _copies(rng, seed, other)]
    return ["related:", *items] if items else []


def _copies(rng: random.Random, seed: int, number: int) -> Iterator[str]:
    yield _item(seed, number, int(rng.random() < 0.03))
    if rng.random() < 0.0034:
        yield _item(seed, number, 0)


@lru_cache(maxsize=10_000)
def _item(seed: int, number: int, lag: int) -> str:
    """Return what lists say of a record; with some `lag`, of what it was before."""
    facts = _facts(seed, number)
    amp = f"{facts.url.removeprefix('https://')}.amp.html"
    cache = f"https://{facts.provider.replace('.', '-')}.cdn.ampproject.org/c/s"
    lines = [
        f'  - title: "{facts.title}"',
        f'    excerpt: "{facts.excerpt}"',
        f"    publishedDateTime: {facts.published:%Y-%m-%dT%H:%M:%SZ}",
        f'    webUrl: "{facts.url}"',
    ]
    if facts.has_amp:
        lines += [f'    ampWebUrl: "https://{amp}"', f'    cdnAmpWebUrl: "{cache}/{amp}"']
    lines += ["    type: article", *_provider_lines(facts, "    ")]
    lines.append(f"    quality: {facts.quality - lag}")
    if facts.has_image:
        lines += _image_lines(facts, "    ")
    return "\n".join(lines)


def _story(seed: int, number: int) -> tuple[int, ...]:
    """Return the records of the story of a record, in the order of their dates."""
    return _stories(seed, number // _NEIGHBOURS)[number % _NEIGHBOURS]


@lru_cache(maxsize=4)
def _stories(seed: int, block: int) -> list[tuple[int, ...]]:
    rng = random.Random(f"{seed}/stories/{block}")
    first = block * _NEIGHBOURS
    numbers = rng.sample(range(first, first + _NEIGHBOURS), _NEIGHBOURS)
    of: list[tuple[int, ...]] = [()] * _NEIGHBOURS
    size = _LARGEST if block % 10 == _WITH_LARGEST else _size(rng)
    while numbers:
        story, numbers = tuple(sorted(numbers[:size])), numbers[size:]
        for number in story:
            of[number - first] = story
        size = _size(rng)
    return of


def _size(rng: random.Random) -> int:
    return min(_LARGEST, 1 + int(rng.expovariate(1 / _STORY)))


if __name__ == "__main__":
    main()
