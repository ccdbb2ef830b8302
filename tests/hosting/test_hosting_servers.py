"""Web servers, set up with what `feedpub snippet` prints, serve a site as it should be served."""

import gzip
import http.client
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from requests.utils import parse_header_links
from support import Workspace, call_feedpub, record
from web_servers import SERVERS, free_port, serving

TYPES = {
    "all/rss.xml": "application/xml",
    "all/atom.xml": "application/xml",
    "all/feed.json": "application/feed+json",
    "topics/c-cedb1bac/rss.xml": "application/xml",
    "feeds.opml": "text/x-opml",
    "feeds.json": "application/json",
    "index.html": "text/html",
    "pages.css": "text/css",
}


@dataclass
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __getitem__(self, name):
        return self.headers[name]


@dataclass
class Server:
    """A server, the path of the site, and the folder it serves."""

    kind: str
    port: int
    path: str
    folder: Path
    precompress: bool

    def ask(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, self.path + path, headers=names)
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@pytest.fixture(
    scope="module",
    params=[
        (kind, path, gz) for kind in SERVERS for path, gz in [("/", False), ("/my%20feeds/", True)]
    ],
    ids=lambda p: f"{p[0]}-{'precompressed' if p[2] else 'dynamic'}",
)
def server(request, tmp_path_factory):
    kind, path, precompress = request.param
    folder = tmp_path_factory.mktemp("a site") / "it's here"
    folder.mkdir()
    port = free_port()
    site = Workspace(
        folder, CONFIGURATION.format(port=port, path=path, gz=str(precompress).lower(), hubs=HUBS)
    )
    for number in range(20):
        site.write(
            f"{number}.md",
            record(
                title=f"Article {number}",
                webUrl=f"/{number}",
                topics='["C++", "日本語"]',
                publishedDateTime=f"2026-0{1 + number % 2}-01T08:00:00Z",
            ),
        )
    assert call_feedpub("build", "--quiet", cwd=folder).returncode == 0
    (folder / "feeds/empty").mkdir()
    (folder / "feeds/empty/other.txt").write_text("x")
    snippet = call_feedpub("snippet", kind, cwd=folder).stdout
    with serving(kind, snippet, port, tmp_path_factory.mktemp("server") / kind):
        yield Server(kind, port, path, folder / "feeds", precompress)


CONFIGURATION = """
site:
  title: Example
  url: http://127.0.0.1:{port}{path}
  tag: feeds.example.org,2026
sources: articles/
precompress: {gz}
archive: true
limit: 1
websub: {{hubs: ["{hubs[0]}", "{hubs[1]}"]}}
"""
HUBS = ("https://hub.example.org/?a=1&b=%20", "https://hub.example.net/")


@pytest.mark.parametrize("path", TYPES)
def test_file_is_served_with_its_type(server, path):
    answer = server.ask(path)
    assert (answer.status, answer.body) == (200, (server.folder / path).read_bytes())
    assert answer["Content-Type"].lower() == f"{TYPES[path]}; charset=utf-8"


@pytest.mark.parametrize("path", TYPES)
def test_file_is_served_compressed_to_those_who_take_it(server, path):
    answer = server.ask(path, Accept_Encoding="gzip")
    assert (answer["Content-Encoding"], answer["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(answer.body) == (server.folder / path).read_bytes()
    assert answer["Content-Type"].lower() == f"{TYPES[path]}; charset=utf-8"
    if server.precompress:
        assert answer.body == (server.folder / f"{path}.gz").read_bytes()


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("path", ["all/rss.xml", "all/feed.json", ""])
def test_file_that_is_known_by_its_etag_is_not_sent_again(server, path, coding):
    first = server.ask(path, Accept_Encoding=coding)
    again = server.ask(path, Accept_Encoding=coding, If_None_Match=first["ETag"])
    assert (first.status, again.status, again.body) == (200, 304, b"")


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_file_that_is_known_by_its_date_is_not_sent_again(server, coding):
    first = server.ask("all/rss.xml", Accept_Encoding=coding)
    again = server.ask(
        "all/rss.xml", Accept_Encoding=coding, If_Modified_Since=first["Last-Modified"]
    )
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("status", [200, 304])
def test_copies_elsewhere_are_short_lived(server, status):
    etag = server.ask("all/rss.xml")["ETag"] if status == 304 else "none"
    answer = server.ask("all/rss.xml", If_None_Match=etag)
    assert (answer.status, answer["Cache-Control"]) == (status, "public, max-age=300")


@pytest.mark.parametrize("path", ["all/rss.xml", "", "all/", "no-such-file"])
def test_pages_of_others_may_read_it(server, path):
    answer = server.ask(path)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_browser_may_ask_first(server):
    answer = server.ask(
        "all/feed.json",
        "OPTIONS",
        Origin="https://www.example.com",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="if-none-match",
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer["Access-Control-Allow-Methods"]
    assert "If-None-Match" in answer["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["", "all/"])
def test_folder_is_its_page(server, path):
    answer = server.ask(path)
    assert (answer.status, answer.body) == (200, (server.folder / path / "index.html").read_bytes())


def test_folder_without_a_page_is_not_listed(server):
    answer = server.ask("empty/")
    assert answer.status in {403, 404}
    assert b"other.txt" not in answer.body


@pytest.mark.parametrize("path", [".feedpub", "%2efeedpub", "all/.hidden", ".git/config"])
def test_hidden_file_is_not_served(server, path):
    (server.folder / "all/.hidden").write_text("secret")
    (server.folder / ".git").mkdir(exist_ok=True)
    (server.folder / ".git/config").write_text("secret")
    assert server.ask(path).status in {403, 404}


def test_nothing_outside_the_folder_is_served(server):
    assert server.ask("../config.yaml").status in {400, 403, 404}
    assert server.ask("%2e%2e/config.yaml").status in {400, 403, 404}


def test_file_that_is_not_there_is_not_found(server):
    assert server.ask("all/none.xml").status == 404


def test_nothing_can_be_sent_there(server):
    assert server.ask("all/rss.xml", "POST").status in {200, 405}


# WebSub.


def links_of(server, path, **headers):
    """Return the Link header as requests understands it: relations and addresses."""
    answer = server.ask(path, **headers)
    links = parse_header_links(answer["Link"] or "")
    return answer.status, [(link["rel"], link["url"]) for link in links]


FEEDS = ["all/rss.xml", "all/atom.xml", "all/feed.json", "topics/c-cedb1bac/rss.xml",
         "topics/c-cedb1bac/example.com/atom.xml", f"topics/{quote('日本語')}/rss.xml"]  # fmt: skip


@pytest.mark.rule(99)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("path", FEEDS)
def test_feed_is_sent_with_its_hubs_and_its_address(server, path, coding):
    address = f"http://127.0.0.1:{server.port}{server.path}{path}"
    expected = [*(("hub", hub) for hub in HUBS), ("self", address)]
    assert links_of(server, path, Accept_Encoding=coding) == (200, expected)
    assert links_of(server, f"{path}?utm_source=x", Accept_Encoding=coding) == (200, expected)


@pytest.mark.parametrize("path", ["", "all/", "feeds.opml", "feeds.json", "pages.css"])
def test_what_is_no_feed_is_sent_without_hubs(server, path):
    assert links_of(server, path) == (200, [])


def test_archive_is_sent_without_hubs(server):
    months = [path.name for path in (server.folder / "all/archive").iterdir()]
    for name in ("rss.xml", "feed.json"):
        assert links_of(server, f"all/archive/{months[0]}/{name}") == (200, [])
    (month,) = (server.folder / "topics/c-cedb1bac/archive").iterdir()
    assert links_of(server, f"topics/c-cedb1bac/archive/{month.name}/rss.xml") == (200, [])


def test_address_is_told_in_one_spelling_alone(server):
    """Whatever finds a feed by another spelling must not subscribe to that."""
    for path in ("./all/rss.xml", "/all/rss.xml", "all//rss.xml", 'all/rss.xml"'):
        assert links_of(server, path)[1] == []
