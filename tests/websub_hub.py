"""A hub on loopback that answers as a test asks for, and a site that names it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from support import CONFIG, Workspace, call_feedpub, record

SITE = "https://feeds.example.org/"
# So old that a run believes its stamp.
_OLD = 1_700_000_000


class Hub:
    """Remembers the forms it gets, and answers with `status`; None is no answer at all.

    What is in `refused`, it answers with 400. `asked` is set when a form comes.
    """

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.status: int | None = 204
        self.refused: set[str] = set()
        self.asked = threading.Event()
        self.stopped = threading.Event()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with suppress(OSError):
                    hub.answer(self, dict(parse_qsl(body, strict_parsing=True)))

            def do_GET(self) -> None:
                hub.forms.append({"GET": self.path})
                self.send_error(405)

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            block_on_close = False

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hub"

    def answer(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        self.forms.append(form)
        self.headers.append(dict(handler.headers.items()))
        self.asked.set()
        if self.status is None:
            self.stopped.wait(10)
            return
        handler.send_response(400 if form["hub.url"] in self.refused else self.status)
        if 300 <= self.status < 400:
            handler.send_header("Location", self.url)
        handler.end_headers()

    def told(self) -> list[str]:
        """Return the feeds it was told of since this was last asked for, sorted."""
        paths = sorted(form["hub.url"].removeprefix(SITE) for form in self.forms)
        self.forms.clear()
        return paths


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Yield a hub; it stops when it is done with."""
    hub = Hub()
    thread = threading.Thread(target=hub.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.stopped.set()
        hub.server.shutdown()
        thread.join()
        hub.server.server_close()


class Site:
    """A site on disk that names hubs; runs report what they did."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.folder = workspace, workspace.folder

    def configure(self, *hubs: str, more: str = "") -> None:
        self.workspace.configure(CONFIG + f"websub: {{hubs: [{', '.join(hubs)}]}}\n" + more)
        self._age(self.folder / "config.yaml")

    def write(self, name: str, **fields: str) -> None:
        defaults = {"title": f"Title of {name}", "webUrl": f"https://www.example.com/{name}"}
        self._age(self.workspace.write(f"{name}.md", record(**(defaults | fields))))

    def build(self, *options: str):
        return call_feedpub("build", *options, cwd=self.folder)

    @staticmethod
    def _age(location) -> None:
        os.utime(location, (_OLD, _OLD))
