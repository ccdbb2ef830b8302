"""Make a synthetic corpus with the proportions of real ones: `python -m benchmarks.corpus DIR`.

Seeded: the same arguments give the same bytes. A heavy record carries 33 related articles on
average and up to 179, as the records of an aggregating site do; a light one carries none.
"""

import argparse
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

TOPICS = 20
PROVIDERS = 427
_START = datetime(2021, 8, 23, 6, tzinfo=UTC)
_WORDS = (
    "library repair network cloud report council winter archive signal garden teacher harbour model"
    " update region language market partner release open public reading train bridge energy paper"
    " sensor museum quiet engine village number window letter summer record island method school"
).split()


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
    rng = random.Random(f"{seed}/{number}")
    day = _START + timedelta(seconds=number * 900 + rng.randrange(900))
    title = _title(rng)
    provider = _provider(rng)
    quality = rng.randrange(20, 130)
    slug = title.lower().replace(" ", "-")
    lines = [
        "---",
        "category: news",
        f'title: "{title}"',
        f'excerpt: "{_sentence(rng, 28)}"',
        f"publishedDateTime: {day:%Y-%m-%dT%H:%M:%SZ}",
        f'originalUrl: "https://www.{provider}/news/{number}/{slug}"',
        f'webUrl: "https://www.{provider}/news/{number}/{slug}"',
        "type: article",
        f"quality: {quality}",
        f"heat: {quality + 20 * (revision % 7)}",
        "published: true",
        "",
        *_provider_lines(provider, ""),
        "",
        "topics:",
        *(f"  - {topic}" for topic in _topics(rng)),
        "",
    ]
    if rng.random() < 0.54:
        lines += _image_lines(provider, number, "")
    if not light:
        lines += _related_lines(rng, number, total)
    secret = random.Random(f"{seed}/{number}/{revision}")
    lines += [f'secured: "{secret.randbytes(96).hex()}=="', "---", ""]
    return f"{day:%Y-%m-%d}-{number:06}-{slug}.md", "\n".join(lines)


def _title(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randrange(6, 12))).capitalize()


def _sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(_WORDS, k=words)).capitalize() + "."


def _provider(rng: random.Random) -> str:
    # A few providers publish most, as they do.
    return f"p{int(PROVIDERS * rng.random() ** 3):03}.example.com"


def _topics(rng: random.Random) -> list[str]:
    others = {f"Topic {int((TOPICS - 1) * rng.random() ** 2) + 1}" for _ in range(rng.randrange(3))}
    return ["Topic 0", *sorted(others)]


def _provider_lines(domain: str, indent: str) -> list[str]:
    return [
        f"{indent}provider:",
        f"{indent}  name: Provider {domain[1:4]}",
        f"{indent}  domain: {domain}",
        f"{indent}  images:",
        f'{indent}    - url: "https://static.example.org/{domain}-50x50.jpg"',
        f"{indent}      width: 50",
        f"{indent}      height: 50",
    ]


def _image_lines(domain: str, number: int, indent: str) -> list[str]:
    return [
        f"{indent}images:",
        f'{indent}  - url: "https://images.{domain}/{number}/large.jpg?auto=webp&quality=85"',
        f"{indent}    width: 1200",
        f"{indent}    height: 800",
        f"{indent}    isCached: true",
    ]


def _related_lines(rng: random.Random, number: int, total: int) -> list[str]:
    count = min(179, int(rng.expovariate(1 / 33)))
    lines = ["related:"] if count else []
    for _ in range(count):
        other = max(0, min(total - 1, number + rng.randrange(-200, 200)))
        provider = _provider(rng)
        lines += [
            f'  - title: "{_title(rng)}"',
            f'    excerpt: "{_sentence(rng, 24)}"',
            f"    publishedDateTime: 2024-01-{rng.randrange(1, 29):02}T10:36:00Z",
            f'    webUrl: "https://www.{provider}/related/{other}/{rng.randrange(10**6)}.html"',
            "    type: article",
            *_provider_lines(provider, "    "),
            f"    quality: {rng.randrange(20, 120)}",
        ]
        if rng.random() < 0.5:
            lines += _image_lines(provider, other, "    ")
    return lines


if __name__ == "__main__":
    main()
