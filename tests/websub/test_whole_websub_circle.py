"""The whole circle: a feed, a real hub (Flask-WebSub), and a subscriber who gets what is new."""

import hashlib
import hmac
import re
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

import feedparser
import pytest
import requests
from celery import Celery
from flask import Flask, Response, request, send_from_directory
from flask_websub.hub import Hub, SQLite3HubStorage
from flask_websub.subscriber import discover
from support import CONFIG, Workspace, call_feedpub, record
from web_servers import free_port, serving
from werkzeug.serving import make_server

SECRET = "known to the hub and the subscriber"
TYPES = {"rss.xml": "application/rss+xml", "atom.xml": "application/atom+xml"}


@contextmanager
def served(app):
    """Serve an application until the end of the block; yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hub_app(folder: Path) -> Flask:
    """Return a hub that does what it is asked at once, and fails aloud."""
    app = Flask("hub")
    app.config["PUBLISH_SUPPORTED"] = True  # else it answers a ping with 400
    worker = Celery("hub")
    worker.conf.update(task_always_eager=True, task_eager_propagates=True)
    hub = Hub(SQLite3HubStorage(str(folder / "hub.sqlite3")), worker)
    app.register_blueprint(hub.build_blueprint("/hub"))
    app.extensions["hub"] = hub  # tasks refer to it weakly
    return app


def host_app(folder: Path) -> Flask:
    """Return a web server for the output, with the Link headers that the hub insists on."""
    app = Flask("host")

    @app.get("/<path:path>")
    def file(path: str) -> Response:
        answer = send_from_directory(folder / "feeds", path, mimetype=TYPES.get(Path(path).name))
        hub = (folder / "hub").read_text()
        answer.headers["Link"] = f'<{hub}>; rel="hub", <{request.base_url}>; rel="self"'
        return answer

    return app


class Subscriber:
    """Confirms what it asked for, and keeps what comes with the right signature."""

    def __init__(self) -> None:
        self.received: SimpleQueue[bytes] = SimpleQueue()
        self.forged = 0
        self.confirmed: list[str] = []
        self.app = Flask("subscriber")
        self.app.add_url_rule("/callback", view_func=self.confirm, methods=["GET"])
        self.app.add_url_rule("/callback", "receive", self.receive, methods=["POST"])

    def confirm(self) -> str:
        self.confirmed.append(request.args["hub.topic"])
        return request.args["hub.challenge"]

    def receive(self) -> str:
        body = request.get_data()
        name, _, signature = request.headers["X-Hub-Signature"].partition("=")
        expected = hmac.new(SECRET.encode(), body, getattr(hashlib, name)).hexdigest()
        if hmac.compare_digest(signature, expected):
            self.received.put(body)
        else:
            self.forged += 1
        return ""


class Circle:
    """A site, the host of its feeds, a hub and a subscriber, each at an address of its own."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.folder = folder
        self.subscriber = Subscriber()
        self.callback = opened.enter_context(served(self.subscriber.app)) + "callback"
        self.hub = opened.enter_context(served(hub_app(folder))) + "hub"
        (folder / "hub").write_text(self.hub)
        self.host = opened.enter_context(served(host_app(folder)))
        self.workspace = Workspace(folder)
        self.be_at(self.host)

    def be_at(self, address: str) -> None:
        self.host = address
        config = CONFIG.replace("https://feeds.example.org/", address)
        self.workspace.configure(config + f"websub: {{hubs: {self.hub}}}\n")

    def publish(self, title: str) -> None:
        fields = {"title": title, "webUrl": f"https://www.example.com/{len(title)}"}
        self.workspace.write(f"{title}.md", record(**fields))
        ended = call_feedpub("build", cwd=self.folder)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "owed" not in ended.stdout

    def subscribe(self, topic: str, secret: str = SECRET) -> None:
        form = {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.callback": self.callback,
            "hub.secret": secret,
        }
        assert requests.post(self.hub, data=form, timeout=30).status_code == 202

    def received(self) -> bytes | None:
        """Return what came next; the hub is done before it answers a ping."""
        try:
            return self.subscriber.received.get_nowait()
        except Empty:
            return None


@pytest.fixture
def circle(tmp_path):
    with ExitStack() as opened:
        circle = Circle(tmp_path, opened)
        circle.publish("The first article")
        yield circle


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml", "feed.json"])
def test_subscriber_gets_a_new_article_from_the_hub_signed(circle, name):
    topic = f"{circle.host}all/{name}"
    circle.subscribe(topic)
    assert circle.subscriber.confirmed == [topic]
    circle.publish("Something new")
    body = circle.received()
    assert body == (circle.folder / f"feeds/all/{name}").read_bytes()
    assert b"Something new" in body
    assert (circle.received(), circle.subscriber.forged) == (None, 0)


def test_subscriber_finds_hub_and_topic_in_the_feed_alone(circle):
    """As Flask-WebSub's own discovery does, which reads the links of a document too."""
    plain = Flask("plain")
    plain.add_url_rule(
        "/<path:path>", "file", lambda path: send_from_directory(circle.folder / "feeds", path)
    )
    with served(plain) as address:
        for name in ("rss.xml", "atom.xml"):
            found = discover(f"{address}all/{name}", timeout=30)
            topic = f"{circle.host}all/{name}"
            assert found == {"hub_url": circle.hub, "topic_url": topic}


def test_subscriber_of_another_feed_gets_nothing(circle):
    circle.subscribe(f"{circle.host}topics/gardens/rss.xml")
    circle.publish("Something new")
    assert circle.received() is None


def test_delivered_feed_is_read_by_a_reader(circle):
    circle.subscribe(f"{circle.host}all/rss.xml")
    circle.publish("Something new")
    parsed = feedparser.parse(circle.received())
    assert [entry.title for entry in parsed.entries] == ["Something new", "The first article"]
    assert {link.href for link in parsed.feed.links if link.rel == "hub"} == {circle.hub}


def test_delivery_with_another_secret_is_seen(circle):
    circle.subscribe(f"{circle.host}all/rss.xml", secret="guessed")
    circle.publish("Something new")
    assert (circle.received(), circle.subscriber.forged) == (None, 1)


def test_hub_is_content_with_nginx_as_it_is_set_up_by_the_snippet(circle):
    port = free_port()
    circle.be_at(f"http://127.0.0.1:{port}/")
    snippet = call_feedpub("snippet", "nginx", cwd=circle.folder).stdout
    # This hub delivers plain bodies with the headers of the compressed ones that it got.
    snippet = re.sub(r"(?m)^ *gzip.*\n", "", snippet)
    with serving("nginx", snippet, port, circle.folder / "nginx"):
        topic = f"{circle.host}topics/libraries/atom.xml"
        circle.subscribe(topic)
        assert discover(topic, timeout=30) == {"hub_url": circle.hub, "topic_url": topic}
        circle.publish("Something new")
    assert b"Something new" in (circle.received() or b"")
