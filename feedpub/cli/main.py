"""The command `feedpub`: finds the command, and turns every ending into its exit code."""

import atexit
import errno
import gc
import os
import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click
from msgspec import Struct

from feedpub.errors import ConfigError, FeedpubError, OutputError

# Name -> module, whose function is called `command`, and what it does, for `feedpub --help`.
COMMANDS = {
    "init": ("feedpub.cli.init", "Make a configuration and a first record."),
    "build": ("feedpub.cli.build", "Read the records and publish the feeds."),
    "publish": ("feedpub.cli.publish", "Send the feeds to object storage."),
    "ping": ("feedpub.cli.ping", "Tell WebSub hubs which feeds changed."),
    "check": ("feedpub.cli.check", "Read and validate everything, write nothing."),
    "list": ("feedpub.cli.listing", "List the topics, providers or feeds there are."),
    "explain": ("feedpub.cli.explain", "Tell in which feeds a record appears, and why."),
    "retire": ("feedpub.cli.retire", "End a feed, and tell its subscribers."),
    "serve": ("feedpub.cli.serve", "Preview the output folder in a browser."),
    "watch": ("feedpub.cli.watch", "Build again and again, on every change."),
    "snippet": ("feedpub.cli.snippet", "Print a configuration for a web server or scheduler."),
    "doctor": ("feedpub.cli.doctor", "Examine the live site as readers meet it."),
    "config": ("feedpub.cli.config", "Show the configuration as feedpub sees it."),
}
# What a disk says that is full or broken, of stdout too.
_FAILING_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
INTERRUPTED = 130
TERMINATED = 143


class Asked(Struct):
    """What the command line asked for that matters if it ends in a bug."""

    debug: bool = False
    config: Path | None = None


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; name the nearest one where there is none of that name."""
        if args and args[0] not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from importlib import metadata

        click.echo(f"feedpub {metadata.version('feedpub')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `feedpub init`, put records into articles/, then run `feedpub build`.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
@click.option("--debug", is_flag=True, help="Show a traceback when feedpub itself fails.")
@click.pass_context
def cli(ctx: click.Context, *, debug: bool) -> None:
    """Publish article records as RSS, Atom and JSON feeds.

    feedpub reads articles (Markdown with front matter, YAML, JSON), groups them by topic and by
    provider, and writes the feeds of every group into one folder that any web server can serve.
    """
    ctx.ensure_object(Asked).debug = debug


def main() -> NoReturn:
    """Run the command line; the exit codes are those of docs/operations.md."""
    signal.signal(signal.SIGTERM, _terminate)
    # A run makes many objects that live until its end: looking for garbage among them again and
    # again takes a quarter of its time and finds none.
    gc.set_threshold(100_000, 50, 100)
    # Nor need the interpreter look for any as it ends: it would go through all records once more.
    atexit.register(gc.freeze)
    # Nobody's plugins have a say in what a configuration means, and to look for some takes 15 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a title may hold what the terminal lacks
            stream.reconfigure(errors="backslashreplace")
    asked = Asked()
    try:
        code = cli.main(standalone_mode=False, obj=asked)
    except click.exceptions.Abort:
        code = _say("interrupted; the previous feeds still stand", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except ConfigError as error:
        for mistake in error.mistakes:
            code = _say(mistake, error.exit_code)
    except FeedpubError as error:
        code = _say(str(error), error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:  # noqa: BLE001 - the one place where a bug gets its exit code
        code = _unexpected(error, asked)
    sys.exit(code if isinstance(code, int) else 0)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End as an exception would, so that what was written aside is cleared away."""
    sys.exit(_say("terminated; the previous feeds still stand", TERMINATED))


def _say(message: str, code: int) -> int:
    click.echo(f"feedpub: {message}", err=True)
    return code


def _unexpected(error: Exception, asked: Asked) -> int:
    if isinstance(error, OSError) and error.errno in _FAILING_DISK:
        return _say(f"cannot write: {error.strerror}", OutputError.exit_code)
    return _internal_error(error, asked)


def _internal_error(error: Exception, asked: Asked) -> int:
    from feedpub.cli.crash_file import leave_behind, number_of

    if asked.debug:
        import traceback

        traceback.print_exception(error)
        return 1
    left = leave_behind(error, asked.config) if asked.config else None
    details = f"details in {left}" if left else "`feedpub --debug …` shows more"
    return _say(f"internal error {number_of(error)} (please report; {details})", 1)
