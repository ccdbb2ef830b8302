"""What the preview answers: the files of the output folder, by the rules of HTTP (RFC 9110)."""

import gzip
import re
from email.utils import formatdate, mktime_tz, parsedate_tz
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import click
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from feedpub.errors import quoted
from feedpub.preview import files
from feedpub.preview.reloading import VERSION_PATH, reloading, version

METHODS = "GET, HEAD, OPTIONS"
MOST_HEADERS, MOST_HEADER_BYTES, MOST_ADDRESS_BYTES = 100, 16_384, 8_192
# What goes beyond even this is no longer read, and told no more than that it is wrong.
MOST_READ_BYTES = 65_536
NOT_FOUND_PAGE = "/404.html"  # as GitHub, GitLab, Cloudflare and Netlify call it

_ALWAYS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cache-Control": "no-cache",
    # One request each, so that the time a connection may take is that of a request.
    "Connection": "close",
    # Whatever a browser shows of what is no page can do nothing.
    "Content-Security-Policy": "default-src 'none'; img-src http: https:; style-src 'self'",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
# Pages have a policy in them, those of own templates perhaps another one.
_OF_PAGES = {"Content-Security-Policy": "base-uri 'none'; object-src 'none'"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "600",
    "Allow": METHODS,
}
_GZIP = re.compile(r"(?<![\w-])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
_NOT_FOUND = b"<!doctype html>\n<title>Not found</title>\n<h1>Not found</h1>\n"


class Preview:
    """The ASGI application for the output folder at `root`.

    All is sent byte for byte, unless pages are to be `live`: then HTML loads itself anew when the
    output changes.
    """

    def __init__(self, root: Path, *, live: bool = False) -> None:
        self._root = root
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever goes wrong in one, others are answered."""
        request = Request(scope)
        try:
            response = self._response(request)
        except Exception as error:  # noqa: BLE001 - told in one line, not in a page of traceback
            path = quoted(str(scope["path"]))
            click.echo(f"feedpub: cannot answer for {path}: {type(error).__name__}", err=True)
            response = _text(500, "an error in feedpub")
        await response(scope, receive, send)

    def _response(self, request: Request) -> Response:
        if refusal := _refusal(request):
            return refusal
        if request.method == "OPTIONS":
            return _answer(204, _PREFLIGHT)
        path = request.scope["path"]
        if self._live and path == VERSION_PATH:
            return _text(200, version(self._root))
        try:
            return self._sent(files.read(self._root, path), request.headers)
        except IsADirectoryError:
            return _answer(301, {"Location": quote(f"{path}/")})
        except OSError:
            return self._not_found()

    def _sent(self, file: files.File, headers: Headers) -> Response:
        data, media_type = file.data, files.media_type(file.name)
        if self._live and file.name.endswith(".html"):
            data = reloading(data, version(self._root))
        described = {"Content-Type": media_type}
        if file.name.endswith(".html"):
            described |= _OF_PAGES
        compressed = _is_text(media_type) and _accepts_gzip(headers)
        if compressed:
            described["Content-Encoding"] = "gzip"
        # What is compressed has other bytes, so it needs another strong ETag (RFC 9110 §8.8.3.3).
        etag = f'"{sha256(data).hexdigest()}{"-gzip" if compressed else ""}"'
        validators = {"ETag": etag, "Last-Modified": formatdate(file.modified, usegmt=True)}
        if _not_modified(headers, etag, file.modified):
            return _answer(304, validators)
        return _answer(
            200, described | validators, gzip.compress(data, 6, mtime=0) if compressed else data
        )

    def _not_found(self) -> Response:
        try:
            page = files.read(self._root, NOT_FOUND_PAGE).data
        except OSError:
            page = _NOT_FOUND
        return _answer(404, {"Content-Type": files.media_type(NOT_FOUND_PAGE), **_OF_PAGES}, page)


def _refusal(request: Request) -> Response | None:
    """Return the answer to a request that is not looked into any further."""
    if request.method not in METHODS.split(", "):
        return _text(405, f"expected one of {METHODS}", Allow=METHODS)
    if len(request.scope["raw_path"]) + len(request.scope["query_string"]) > MOST_ADDRESS_BYTES:
        return _text(414, f"expected an address of at most {MOST_ADDRESS_BYTES} bytes")
    headers = request.headers.raw
    if (
        len(headers) > MOST_HEADERS
        or sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES
    ):
        return _text(431, f"expected {MOST_HEADERS} headers, {MOST_HEADER_BYTES} bytes at most")
    return None


def _is_text(media_type: str) -> bool:
    kind = media_type.partition(";")[0]
    return kind.startswith("text/") or kind.endswith(("xml", "json"))


def _accepts_gzip(headers: Headers) -> bool:
    return _GZIP.search(headers.get("accept-encoding", "")) is not None


def _not_modified(headers: Headers, etag: str, modified: int) -> bool:
    """Tell whether the client has it; with If-None-Match, dates do not count (RFC 9110 §13.2.2)."""
    tags = ",".join(headers.getlist("if-none-match"))
    if tags:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return "*" in known or etag in known
    since = parsedate_tz(headers.get("if-modified-since", ""))
    try:
        return since is not None and modified <= mktime_tz(since)
    except (ValueError, OverflowError):
        return False


def _text(status: int, text: str, **headers: str) -> Response:
    return _answer(status, {"Content-Type": "text/plain; charset=utf-8", **headers}, text.encode())


def _answer(status: int, headers: dict[str, str], data: bytes = b"") -> Response:
    return Response(data, status_code=status, headers={**_ALWAYS, **headers})
