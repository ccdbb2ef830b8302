"""A web server on loopback that serves a site well, or badly in the ways a test asks for."""

import gzip
import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

from support import CONFIG, Workspace, record

TYPES = {
    "rss.xml": "application/rss+xml",
    "atom.xml": "application/atom+xml",
    "feed.json": "application/feed+json",
    "feeds.json": "application/json",
    "feeds.opml": "text/x-opml",
    "hub": "text/plain",
}
MODIFIED = "Thu, 01 Oct 2026 08:00:00 GMT"


@dataclass
class Reply:
    """What is about to be sent: a spoiler changes it, or sends something else and returns True."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    asked: dict[str, str] = field(default_factory=dict)


# Gets the reply, the handler, and what waits until the server stops, which it then tells.
Spoiler = Callable[[Reply, BaseHTTPRequestHandler, Callable[[float], bool]], object]


class SiteServer:
    """Serves `files` by path; `spoilers` change how, for paths that end as their keys do."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.files: dict[str, bytes] = {}
        self.spoilers: list[tuple[str, Spoiler]] = []
        self.stopped = threading.Event()
        self.requests: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(OSError):
                    site.answer(self)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            block_on_close = False

            def handle_error(self, *_arguments: object) -> None:
                """Say nothing: a client that distrusts us hangs up."""

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}/"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = unquote(handler.path).lstrip("/")
        asked = dict(handler.headers.items())
        self.requests.append((path, asked))
        reply = self.good_reply(path, asked)
        for end, spoil in self.spoilers:
            if path.endswith(end) and spoil(reply, handler, self.stopped.wait) is True:
                return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        handler.wfile.write(reply.body)

    def good_reply(self, path: str, asked: dict[str, str]) -> Reply:
        body = self.files.get(path)
        if body is None:
            return Reply(404, {"Content-Type": "text/plain"}, b"no such file", asked)
        headers = {
            "Content-Type": TYPES.get(path.rpartition("/")[2], "text/html"),
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
            "Last-Modified": MODIFIED,
            "Access-Control-Allow-Origin": "*",
        }
        known = asked.get("If-None-Match") == headers["ETag"]
        if known or asked.get("If-Modified-Since") == MODIFIED:
            return Reply(304, headers, b"", asked)
        if "gzip" in asked.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body)
        return Reply(200, headers, body, asked)

    def spoil(self, end: str, spoiler: Spoiler) -> None:
        """Serve paths that end like this in another way."""
        self.spoilers.append((end, spoiler))

    def replace(self, end: str, old: str, new: str) -> None:
        """Change the text of files whose paths end like this."""
        for path in [path for path in self.files if path.endswith(end)]:
            assert old.encode() in self.files[path], path
            self.files[path] = self.files[path].replace(old.encode(), new.encode())


@contextmanager
def serving_site(tls: ssl.SSLContext | None = None) -> Iterator[SiteServer]:
    """Yield a server that serves nothing yet; it stops when it is done with."""
    site = SiteServer(tls)
    thread = threading.Thread(target=site.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopped.set()
        site.server.shutdown()
        thread.join()
        site.server.server_close()


def put_site(folder: Path, server: SiteServer) -> None:
    """Build a site of two records for where the server is, and have it served."""
    workspace = Workspace(folder, CONFIG.replace("https://feeds.example.org/", server.url))
    workspace.write("a.md", record())
    workspace.write("b.md", record(title="Second", webUrl="https://www.example.com/b"))
    workspace.build()
    server.files = dict(workspace.destination.files)


# Ways to spoil a reply.


def without(*names: str) -> Spoiler:
    def spoil(reply, _handler, _wait):
        for name in names:
            reply.headers.pop(name, None)

    return spoil


def header(name: str, value: str) -> Spoiler:
    def spoil(reply, _handler, _wait):
        reply.headers[name] = value

    return spoil


def status(code: int) -> Spoiler:
    def spoil(reply, _handler, _wait):
        reply.status = code

    return spoil


def redirect(target: str, code: int = 302) -> Spoiler:
    def spoil(reply, _handler, _wait):
        reply.status, reply.body = code, b""
        reply.headers = {"Location": target}

    return spoil


def uncompressed(reply, _handler, _wait) -> None:
    if reply.headers.pop("Content-Encoding", None):
        reply.body = gzip.decompress(reply.body)


def deaf_to(name: str) -> Spoiler:
    """Return what answers a conditional request of this kind as if it were none."""

    def spoil(reply, _handler, _wait):
        if name in reply.asked:
            reply.status, reply.body = 200, b"the whole file"

    return spoil


def endless(_reply, handler, wait) -> bool:
    handler.send_response(200)
    handler.end_headers()
    while not wait(0):
        handler.wfile.write(b"<rss>" * 10_000)
    return True


def trickling(_reply, handler, wait) -> bool:
    handler.send_response(200)
    handler.end_headers()
    while not wait(0.02):
        handler.wfile.write(b" ")
        handler.wfile.flush()
    return True


def silent(_reply, _handler, wait) -> bool:
    wait(10)
    return True
