"""`feedpub retire`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedpub.cli.common import config_option, current_time, load, published_feeds
from feedpub.errors import ConfigError, OutputError, quoted

if TYPE_CHECKING:
    from feedpub.groups import PublishedFeed

_SECTION = re.compile(r"^retired:[ \t]*(?:#.*)?\r?\n", re.MULTILINE)


@click.command(name="retire")
@click.argument("topic")
@click.option("--to", metavar="URL", help="The address of the feed that takes its place.")
@config_option
def command(topic: str, *, to: str | None, config_path: Path) -> None:
    """End the feed of TOPIC: its name, or the path of any feed, like topics/libraries.

    From the next build on the feed has a single entry, which tells subscribers that it ended. This
    writes an item of `retired:` into the configuration, where it can be taken back.

    Exit codes: 0 it is written; 2 there is no such feed; 74 the configuration cannot be written; 78
    it cannot be used.
    """
    published = published_feeds(load(config_path))
    path = _path_of(topic, published)
    item = f'  - feed: "{path}"\n'
    item += f'    to: "{to}"\n' if to else ""
    item += f"    since: {current_time():%Y-%m-%d}\n"
    _add(item, config_path)
    new = "" if path in published else "; there is no such feed so far"
    click.echo(f"{path} is retired from the next `feedpub build` on{new}")


def _path_of(topic: str, published: "dict[str, PublishedFeed]") -> str:
    from feedpub.slugs import topic_key

    path = topic.strip("/")
    if path in published or "/" in path:
        return path
    for path, feed in published.items():
        if feed.kind == "topic" and topic_key(feed.name or "") == topic_key(topic):
            return path
    raise click.UsageError(f"there is no feed of {quoted(topic)}; `feedpub list feeds` names them")


def _add(item: str, location: Path) -> None:
    """Write an item into the configuration, all else in which stays as it is."""
    from feedpub.config_file import load_config, parse_config

    shown = str(location)
    before = load_config(location, shown).config
    text = location.read_bytes().decode("utf-8")
    if "retired" in before.model_fields_set:
        section = _SECTION.search(text)
        end = section.end() if section else len(text)
        text = text[:end] + item + text[end:]
    else:
        text = text.rstrip("\n") + f"\n\nretired:\n{item}"
    data = text.encode()
    try:
        after = parse_config(data, shown)
    except ConfigError:
        after = before
    others = {"retired": before.retired}
    if after.model_copy(update=others) != before or len(after.retired) != len(before.retired) + 1:
        raise ConfigError([f"{shown}: write this item under retired: yourself:\n{item.rstrip()}"])
    _write(location.resolve(), data, shown)


def _write(location: Path, data: bytes, shown: str) -> None:
    new = location.with_name(f".{location.name}.new")
    try:
        new.write_bytes(data)
        new.chmod(location.stat().st_mode & 0o7777)
        new.replace(location)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise OutputError(f"cannot write {shown}: {error.strerror}") from error
