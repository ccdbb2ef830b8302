"""What several commands share: the configuration option, the clock, and how problems are said."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedpub.errors import ConfigError, EnvironmentUnfitError, Problem, counted

if TYPE_CHECKING:
    from feedpub.groups import PublishedFeed
    from feedpub.settings import Settings
    from feedpub.state import State

PROBLEMS_SHOWN = 10
SKIPPED_RECORDS = 3  # exit code: published, but not every record


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-c FILE`."""
    return click.option(
        "-c",
        "--config",
        "config_path",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("config.yaml"),
        show_default=True,
        metavar="FILE",
        callback=_remembered_by_the_command,
        help="The configuration; relative paths in it start from its folder.",
    )(function)


def _remembered_by_the_command(ctx: click.Context, _option: click.Parameter, value: Path) -> Path:
    """Tell where the site is: what a bug leaves behind goes there."""
    if ctx.obj is not None:
        ctx.obj.config = value
    return value


def unpublished_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--unpublished`."""
    return click.option(
        "--unpublished",
        is_flag=True,
        help="Include records with `published: false`, as `select: {unpublished: true}` does.",
    )(function)


def format_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--format`."""
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="For people or for programs.",
    )(function)


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Say what to install if an import in the `with` finds nothing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise EnvironmentUnfitError(
            f"{error.name} is not installed: pip install 'feedpub[{extra}]'"
        ) from error


def load(config_path: Path) -> "Settings":
    """Load the configuration named on the command line."""
    from feedpub.configured import load_settings  # pydantic takes longer than a run with no work

    return load_settings(config_path, str(config_path))


def published_feeds(settings: "Settings") -> "dict[str, PublishedFeed]":
    """Return the feeds the output folder holds now, by path."""
    from feedpub.pages import manifest

    try:
        return manifest.read((settings.output_folder / manifest.PATH).read_bytes())
    except OSError:
        return {}


def remembered(settings: "Settings") -> "State":
    """Return a state that knows what earlier runs remembered, and in which nothing is recorded."""
    from feedpub.keeping import keeping_of

    return keeping_of(settings).copy()


def current_time() -> datetime:
    """Return the time of the run; SOURCE_DATE_EPOCH (reproducible-builds.org) may set it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise ConfigError(["SOURCE_DATE_EPOCH: expected seconds since 1970"]) from None


def say_problems(problems: Sequence[Problem], records: int) -> None:
    """Name the first problems on stderr, errors before warnings, and count the rest."""
    errors = [p for p in problems if p.severity == "error" and p.code != "not-fetched"]
    if errors:
        stale = " or stale" if any(problem.stale_until for problem in errors) else ""
        of_all = f"{len(errors)} of {counted(records, 'record')}"
        click.echo(f"feedpub: {of_all} skipped{stale}:", err=True)
    worth_saying = [problem for problem in problems if problem.severity != "note"]
    ordered = sorted(worth_saying, key=lambda problem: (problem.severity, problem.source))
    for problem in ordered[:PROBLEMS_SHOWN]:
        click.echo(f"{problem.severity}: {problem}", err=True)
    rest = len(ordered) - PROBLEMS_SHOWN
    if rest > 0:
        click.echo(f"and {rest} more: `feedpub check` names them all", err=True)
