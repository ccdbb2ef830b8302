"""Configurations for those who serve the output or run feedpub, made for one site.

A new kind is a template in this folder and a line in `KINDS`.
"""

import re
import shlex
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from feedpub.compose import FORMAT_FILES
from feedpub.errors import ConfigError, printable, quoted
from feedpub.formats import HOSTED_TYPES

# Kind -> its template, and the characters that no quoting keeps from meaning something there.
KINDS = {
    "nginx": ("nginx.conf", "$"),
    "caddy": ("Caddyfile", "{}"),
    "apache": ("apache.conf", "$%"),
    "headers": ("_headers", "*:"),
    "github-pages": ("github-pages.yml", "${}"),
    "cron": ("crontab", "%"),
    "systemd": ("systemd.units", "$%'"),
    "docker": ("Dockerfile", "$,"),
}
# Kinds that send Link headers -> what the address of a hub cannot hold there.
_LINKING = {"nginx": "$'", "caddy": "{}", "apache": "$", "headers": ""}
# A part of the address of a feed, percent-encoded; none begins with a dot.
_PART = "[A-Za-z0-9%_~-][A-Za-z0-9%._~-]*/"
# What ends or escapes a quoted text everywhere.
_NOWHERE = r'"\\`'


class Hosting(Struct, frozen=True, kw_only=True):
    """What hosts are told of a site.

    `url` ends in a slash. All paths are absolute: `folder` is that of the configuration, `state`
    that of the state, `outside` are files and folders that are read and lie below neither `folder`
    nor `output`. `command` runs feedpub. `hubs` are those of WebSub.
    """

    url: str
    formats: tuple[str, ...]
    precompress: bool
    folder: str
    config: str
    output: str
    state: str
    outside: tuple[str, ...]
    command: tuple[str, ...]
    hubs: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Return the host as it stands in addresses, without a port."""
        name = urlsplit(self.url).hostname or ""
        return f"[{name}]" if ":" in name else name

    @property
    def is_secure(self) -> bool:
        """Tell whether the site is served with TLS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def port(self) -> int:
        """Return the port of plain HTTP; a server with TLS answers there too."""
        return 80 if self.is_secure else urlsplit(self.url).port or 80

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """Return the path of the site in its address, decoded, from slash to slash."""
        return unquote(urlsplit(self.url).path) or "/"

    @property
    def hub_links(self) -> str:
        """Return the value of a Link header (RFC 8288) that names the hubs."""
        return ", ".join(f'<{hub}>; rel="hub"' for hub in self.hubs)

    @property
    def feed_pattern(self) -> str:
        """Return a pattern of the paths of feeds, as clients send them; no archive matches it.

        Three folders deep there are pairs, which lie below `topics`, and archives, which do not.
        """
        folders = f"(?:{_PART}|{_PART}{_PART}|topics/{_PART}{_PART})"
        names = "|".join(re.escape(FORMAT_FILES[name]) for name in self.formats)
        return f"{re.escape(urlsplit(self.url).path)}{folders}(?:{names})"

    @property
    def types(self) -> dict[str, str]:
        """Return the media type of each file whose name does not tell it."""
        feeds = {FORMAT_FILES[name]: HOSTED_TYPES[name] for name in self.formats}
        return {**feeds, "feeds.opml": "text/x-opml", "feeds.json": "application/json"}

    @property
    def separate_output(self) -> bool:
        """Tell whether the output lies elsewhere than the configuration."""
        return not PurePath(self.output).is_relative_to(self.folder)

    def relative(self, path: str) -> str:
        """Return a path as it is in a repository that begins at the folder of the configuration."""
        if not PurePath(path).is_relative_to(self.folder):
            below = f"below {quoted(self.folder)}, the folder of the configuration"
            raise ConfigError([f"{quoted(path)} is not {below}: a repository holds both"])
        return PurePath(path).relative_to(self.folder).as_posix()


def snippet(kind: str, hosting: Hosting) -> str:
    """Return the configuration of that kind; raise ConfigError if a path cannot stand in it."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    template, meaningful = KINDS[kind]
    texts = (hosting.path, hosting.config, hosting.output, *hosting.outside, *hosting.command)
    for text in texts:
        _refuse(text, meaningful, kind, "path")
    for hub in hosting.hubs if kind in _LINKING else ():
        _refuse(hub, _LINKING[kind], kind, "hub")
    environment = Environment(
        loader=PackageLoader("feedpub", "hosting"),
        autoescape=False,  # noqa: S701 - no HTML: values are refused above or quoted by the filters
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quoted"] = lambda text: f'"{text}"'
    environment.filters["shell"] = shlex.quote
    environment.filters["pattern"] = re.escape
    return environment.get_template(template).render(site=hosting)


def _refuse(text: str, meaningful: str, kind: str, what: str) -> None:
    if printable(text) != text:
        raise ConfigError([f"{quoted(text)} holds what cannot be seen: choose another {what}"])
    found = re.search(f"[{_NOWHERE}{re.escape(meaningful)}]", text)
    if found:
        place = f"a configuration for {kind}, where {found[0]} has a meaning"
        raise ConfigError([f"{quoted(text)} cannot stand in {place}: choose another {what}"])
