"""A real browser, and hosts on loopback that serve folders to it."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
NO_CHROMIUM = "chromium is not installed (make system-deps)"


class Host(SimpleHTTPRequestHandler):
    """Serves a folder as a plain static host does: feeds as XML, which browsers show."""

    def end_headers(self):
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Return what serves a folder and returns its address; each folder is an origin of its own."""
    servers = []

    def serve(folder: Path) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, directory=str(folder)))
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return what opens a page of a fresh context; it sees loopback only, and fails loudly."""
    contexts: list[BrowserContext] = []

    def new_page(**options) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        context.route(
            lambda address: not address.startswith("http://127.0.0.1:"),
            lambda route: route.abort(),
        )
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()
