"""An output folder, and the preview of it on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

import pytest

from feedpub.preview.server import listen, serving

FILES = {
    ".feedpub": "0000  index.html\n",
    "index.html": "<!doctype html>\n<body>\n<p>Home</p>\n</body>\n",
    "feeds.opml": "<opml/>",
    "feeds.json": "{}",
    "style.css": "p {}",
    "page.js": "1",
    "all/index.html": "<p>All</p>",
    "all/rss.xml": "<rss>" + "<item/>" * 200 + "</rss>",
    "all/atom.xml": "<feed/>",
    "all/feed.json": "{}",
    "topics/künstliche-intelligenz/index.html": "<p>KI</p>",
    "empty/notes.txt": "Nothing much",
    "empty/.hidden/index.html": "hidden",
}


class Client:
    """Asks the preview on a port; every question is a connection of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, method: str = "GET", **headers: str) -> SimpleNamespace:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            return _read(connection.getresponse())
        finally:
            connection.close()


def _read(answer: HTTPResponse) -> SimpleNamespace:
    return SimpleNamespace(status=answer.status, headers=answer.headers, body=answer.read())


def make_output(folder: Path) -> Path:
    for path, text in FILES.items():
        location = folder / path
        location.parent.mkdir(parents=True, exist_ok=True)
        location.write_text(text, "utf-8")
    return folder


@contextmanager
def preview_of(folder: Path, *, live: bool = False) -> Iterator[Client]:
    with (
        listen(ip_address("127.0.0.1"), 0) as listening,
        serving(folder, listening, live=live),
    ):
        yield Client(listening.getsockname()[1])


@pytest.fixture(scope="module")
def shared_output(tmp_path_factory) -> Path:
    return make_output(tmp_path_factory.mktemp("site") / "feeds")


@pytest.fixture(scope="module")
def shared_client(shared_output) -> Iterator[Client]:
    """Serve what the tests of a module share: starting and ending a server takes a while."""
    with preview_of(shared_output) as client:
        yield client


@pytest.fixture
def output(tmp_path) -> Path:
    return make_output(tmp_path / "feeds")


@pytest.fixture
def client(output) -> Iterator[Client]:
    with preview_of(output) as client:
        yield client


@pytest.fixture
def live_client(output) -> Iterator[Client]:
    with preview_of(output, live=True) as client:
        yield client
