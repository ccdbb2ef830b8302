"""`feedpub serve`."""

import ipaddress
from pathlib import Path

import click

from feedpub.cli.common import config_option, current_time, load, needs_extra
from feedpub.cli.watch import Builder
from feedpub.errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(_ctx: click.Context, _parameter: click.Parameter, value: str) -> Address:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        raise click.BadParameter(f"expected an IP address, not {value!r}") from None


@click.command(name="serve")
@config_option
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True,
              metavar="N", help="Where to listen; 0 for any free port.")  # fmt: skip
@click.option("--bind", "address", default="127.0.0.1", show_default=True, metavar="ADDRESS",
              callback=_address, help="The IP address to listen at.")  # fmt: skip
@click.option("--watch", is_flag=True, help="Build on every change, and reload open pages.")
def command(config_path: Path, *, port: int, address: Address, watch: bool) -> None:
    """Preview the output folder in a browser.

    It is sent as a host on the web would send it. Links lead to the site's own address.

    Exit codes: 130 interrupted; 143 terminated; 78 the configuration or the address cannot be used.
    """
    with needs_extra("serve"):
        from feedpub.preview.server import listen, serving
        from feedpub.watching import keep_built
    settings = load(config_path)
    with listen(address, port) as listening:
        build = Builder(config_path, offline=True)
        if watch:
            build()
        if not settings.output_folder.is_dir():
            shown = settings.output_shown
            raise ConfigError([f"{shown}: there is nothing to serve; run `feedpub build` first"])
        with serving(settings.output_folder, listening, live=watch) as server:
            _say_where(address, listening.getsockname()[1])
            if watch:
                keep_built(config_path, build, current_time)
            server.join()


def _say_where(address: Address, port: int) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    click.echo(f"http://{host}:{port}/ (Ctrl+C ends it)")
    if not address.is_loopback:
        click.echo(
            f"feedpub: warning: other machines can reach {address}; this is a preview, not a"
            " server for the public",
            err=True,
        )
