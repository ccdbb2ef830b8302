"""The text of docs/commands.md: what `--help` says of every command.

`python tests/commands_page.py > docs/commands.md` (or `make docs`) writes it anew.
"""

import click

from feedpub.cli.main import cli


def page() -> str:
    parts = ["# Commands\n\nMade from `--help` by `make docs`.\n"]
    parts.extend(_section(words, command) for words, command in _commands(("feedpub",), cli))
    return "\n".join(parts)


def _commands(words, command):
    yield words, command
    if isinstance(command, click.Group):
        with click.Context(command, info_name=words[-1]) as context:
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                yield from _commands((*words, name), inner)


def _section(words, command):
    with click.Context(
        command, info_name=" ".join(words), terminal_width=88, help_option_names=["-h", "--help"]
    ) as context:
        text = command.get_help(context)
    return f"## {' '.join(words)}\n\n```text\n{text.strip()}\n```\n"


if __name__ == "__main__":
    print(page(), end="")
