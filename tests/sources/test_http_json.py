"""Records from an HTTP API on loopback, which behaves well, and then does not."""

import json
import re

import pytest
from hostile_server import ENDLESS, PRIVATE, answer, drip, redirect, reset, serving
from support import CONFIG, PROJECT, call_feedpub

from feedpub.config_file import parse_config
from feedpub.run import last_run
from feedpub.sources import http_json
from feedpub.watching import places

TOKEN = "s3cret-Canary-0451"
JSON = "Content-Type: application/json"


def item(name, **fields):
    return {
        "path": f"news/{name}.md",
        "title": f"Title of {name}",
        "publishedDateTime": "2026-01-30T13:53:00Z",
        "webUrl": f"https://www.example.com/{name}",
        **fields,
    }


class Api:
    """A server of pages, by path and query; `broken` stands in for all of them while it is set."""

    def __init__(self):
        self.pages = {}
        self.broken = None
        self.asked = []

    def page(self, target, value, *headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.pages[target] = (body, (JSON, f"Content-Length: {len(body)}", *headers))

    def __call__(self, connection, head, go_on):
        target = head.split(b" ")[1].decode()
        self.asked.append(target)
        behave = answer(status="404 Not Found")
        if target in self.pages:
            body, headers = self.pages[target]
            behave = answer(*headers, body=body)
            etag = next((h for h in headers if h.startswith("ETag: ")), None)
            if etag and f"If-None-Match: {etag[6:]}\r\n".encode() in head:
                behave = answer(etag, status="304 Not Modified")
        (self.broken or behave)(connection, head, go_on)


@pytest.fixture
def api():
    return Api()


@pytest.fixture
def server(api):
    with serving({"news": api, "next": api, "news/page-1.json": api, "news/page-2.json": api}) as s:
        yield s


@pytest.fixture
def site(workspace, server, monkeypatch):
    """Return what runs feedpub on a site whose records are at the server."""
    monkeypatch.setattr(http_json, "_BACKOFF_SECONDS", 0)

    def run(*arguments, path="news", options="", **env):
        source = f"  - url: {server.url(path)}\n{options}"
        workspace.configure(CONFIG.replace("  - articles/\n", source))
        return call_feedpub(*(arguments or ("build",)), cwd=workspace.folder, env=env)

    return run


@pytest.fixture
def titles(workspace):
    def read():
        feed = json.loads((workspace.folder / "feeds/all/feed.json").read_text())
        return sorted(entry["title"] for entry in feed["items"])

    return read


def ids(workspace):
    feed = json.loads((workspace.folder / "feeds/all/feed.json").read_text())
    return {entry["title"]: entry["id"] for entry in feed["items"]}


@pytest.mark.parametrize(
    "page",
    [{"value": [item("a")]}, {"items": [item("a")]}, [item("a")]],
    ids=["value", "items", "list"],
)
def test_a_page_is_a_list_or_holds_one(api, site, workspace, page):
    api.page("/news", page)
    result = site()
    assert (result.returncode, result.stderr) == (0, "")
    assert ids(workspace) == {"Title of a": "tag:feeds.example.org,2026:news/a"}


@pytest.mark.parametrize("key", http_json.NEXT_KEYS)
def test_the_next_page_is_named_by_its_address(api, site, titles, key):
    api.page("/news", {"value": [item("a")], key: "/next?after=a"})
    api.page("/next?after=a", {"value": [item("b")], key: None})
    assert site().returncode == 0
    assert titles() == ["Title of a", "Title of b"]


def test_the_next_page_is_named_by_its_number(api, site, titles):
    api.page("/news?size=1", {"value": [item("a")], "nextPage": 2})
    api.page("/news?size=1&page=2", {"value": [item("b")]})
    assert site(path="news?size=1").returncode == 0
    assert titles() == ["Title of a", "Title of b"]


def test_the_number_goes_where_the_address_has_room_for_it(api, site, titles):
    api.page("/news/page-1.json", {"value": [item("a")], "nextPage": 2})
    api.page("/news/page-2.json", {"value": [item("b")]})
    assert site(path="news/page-{page}.json").returncode == 0
    assert titles() == ["Title of a", "Title of b"]


def test_the_next_page_is_named_by_a_link_header(api, site, titles):
    api.page("/news", [item("a")], 'Link: </next>; rel="next", </news>; rel="first"')
    api.page("/next", [item("b")])
    assert site().returncode == 0
    assert titles() == ["Title of a", "Title of b"]


def test_a_record_keeps_its_id_when_it_moves_to_another_page(api, site, workspace):
    api.page("/news", [item("b"), item("a")])
    site()
    before = ids(workspace)
    api.page("/news", [item("c"), item("b")], 'Link: </next>; rel="next"')
    api.page("/next", [item("a")])
    site()
    assert ids(workspace).items() > before.items()


def test_pages_are_asked_for_anew_only_if_they_changed(api, site, server, titles):
    api.page("/news", {"value": [item("a")], "nextLink": "/next"}, 'ETag: "1"')
    api.page("/next", {"value": [item("b")]}, 'ETag: "2"')
    site()
    site()
    api.page("/next", {"value": [item("b"), item("c")]}, 'ETag: "3"')
    server.requests.clear()
    assert "1 written" in site().stdout.replace("3 feeds: 1", "1")
    assert titles() == ["Title of a", "Title of b", "Title of c"]
    assert all(b"If-None-Match" in head for head in server.requests)


def test_a_run_that_finds_no_page_changed_has_nothing_to_do(api, site, monkeypatch):
    api.page("/news", [item("a")], "Last-Modified: Fri, 30 Jan 2026 13:53:00 GMT")
    for _ in range(2):
        site()
    monkeypatch.setattr("feedpub.run._publish", None)
    assert site().returncode == 0
    assert len(api.asked) == 3


def page_again(api):
    api.page("/news", {"value": [item("a")], "nextLink": "/next"})
    api.page("/next", {"value": [item("b")], "nextLink": "/news"})


HTML = answer("Content-Type: text/html", body=b"<p>Sorry</p>")
FAULTS = {
    "refuses": (reset, "the server cannot be reached"),
    "fails": (answer(status="500 Oops"), "the server answers 500"),
    "forbids": (answer(status="401 No"), "the server answers 401"),
    "is busy for long": (
        answer("Retry-After: 3600", status="503 Busy"),
        "asks to be left alone for 3600 seconds",
    ),
    "truncates": (answer(JSON, "Content-Length: 999", body=b'{"value": []}'), "breaks off"),
    "ends early": (answer(JSON, body=b'{"value": ['), "the answer cannot be read: JSON"),
    "sends a page for people": (HTML, "the server answers 'text/html', not JSON"),
    "sends an error as JSON": (answer(JSON, body=b'{"error": "no"}'), "is no page of records"),
    "sends texts": (answer(JSON, body=b'["a", "b"]'), "is no page of records"),
    "sends UTF-16": (answer(JSON, body='[{"a": 1}]'.encode("utf-16")), "is not UTF-8"),
    "is deeply nested": (answer(JSON, body=b"[" * 100_000), "the answer cannot be read"),
    "redirects for ever": (redirect("/news"), "redirects too often"),
    "redirects to a file": (redirect("file:///etc/passwd"), "does not answer as HTTP"),
    "is no HTTP": (lambda c, _h, _g: c.sendall(b"hello\n"), "the server cannot be reached"),
    "drips": (
        drip(b" " * 9000, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"),
        "takes longer than 1 seconds (see budget:)",
    ),
    "drips headers": (ENDLESS["header drip"], "takes longer than 1 seconds (see budget:)"),
    "says nothing": (ENDLESS["silence"], "takes longer than 1 seconds (see budget:)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_source_that_is_amiss_leaves_its_records_as_they_were(api, site, titles, fault):
    api.broken, reason = FAULTS[fault]
    working, api.broken = api.broken, None
    api.page("/news", [item("a"), item("b")])
    assert site(options="    budget: 1s\n").returncode == 0
    api.broken = working
    result = site(options="    budget: 1s\n")
    assert result.returncode == 3
    assert re.fullmatch(
        r"error: 127\.0\.0\.1:\d+/news: (.*); its records stay as they were\n", result.stderr
    )
    assert reason in result.stderr
    assert titles() == ["Title of a", "Title of b"]


def test_a_source_that_recovers_is_read_again(api, site, titles):
    api.page("/news", [item("a")])
    site()
    api.broken = answer(status="500 Oops")
    site()
    api.broken = None
    api.page("/news", [item("a"), item("b")])
    assert site().returncode == 0
    assert titles() == ["Title of a", "Title of b"]


@pytest.mark.parametrize("status", ["429 Slow down", "500 Oops", "503 Busy"])
def test_a_server_that_fails_once_is_asked_again(api, site, titles, status):
    api.page("/news", [item("a")])
    fails = [answer("Retry-After: 0", status=status)]

    def broken(connection, head, go_on):
        body, headers = api.pages["/news"]
        (fails.pop() if fails else answer(*headers, body=body))(connection, head, go_on)

    api.broken = broken
    assert site().returncode == 0
    assert titles() == ["Title of a"]


def test_pages_that_lead_round_in_a_circle_end_the_walk(api, site, titles):
    api.page("/news", [item("a")])
    site()
    page_again(api)
    result = site()
    assert result.returncode == 3
    assert "page 3 is page 1 again; its records stay as they were" in result.stderr.replace(
        "page 3: ", ""
    )
    assert titles() == ["Title of a"]


def test_a_page_that_says_the_same_at_another_address_ends_the_walk(api, site):
    api.page("/news", {"value": [item("a")], "nextPage": 2})
    api.page("/news?page=2", {"value": [item("a")], "nextPage": 2})
    result = site()
    assert result.returncode == 4
    assert "page 2 is page 1 again; nothing was published" in result.stderr


def test_no_more_pages_are_read_than_the_configuration_says(api, site, titles):
    page_again(api)
    result = site(options="    pages: 2\n")
    assert result.returncode == 0
    assert "has more than 2 pages; the first of them are read" in result.stderr
    assert titles() == ["Title of a", "Title of b"]


def test_a_page_that_is_too_large_is_not_read(api, site, monkeypatch):
    monkeypatch.setattr(http_json, "_MOST_BYTES", 1000)
    api.page("/news", [item("a", body="x" * 1000)])
    assert "the answer is too large" in site().stderr


def test_without_any_known_records_nothing_is_published(api, site, workspace):
    api.broken = answer(status="500 Oops")
    result = site()
    assert result.returncode == 4
    assert "nothing was published, as none of its records are known yet" in result.stderr
    assert not (workspace.folder / "feeds").exists()


def test_offline_the_records_are_those_of_the_last_run(api, site, titles):
    api.page("/news", [item("a")])
    site()
    api.asked.clear()
    assert site("build", "--offline").returncode == 0
    assert (api.asked, titles()) == ([], ["Title of a"])


def test_watching_a_site_does_not_look_at_the_copies(api, site, workspace):
    api.page("/news", [item("a")])
    site()
    config = workspace.folder / "config.yaml"
    found = places(config, last_run(config))
    assert (found.trees, found.folders) == (frozenset(), {str(workspace.folder)})


def test_a_check_reads_what_was_fetched(api, site):
    api.page("/news", [item("a")])
    before = site("check")
    assert before.returncode == 78
    assert "was not fetched yet; run `feedpub build`" in before.stderr
    site()
    assert site("check").returncode == 0


def test_the_token_goes_to_the_server_of_the_configuration_alone(api, site, server):
    options = "    token_env: NEWS_TOKEN\n"
    with serving({"news": api, "next": api}, PRIVATE) as other:
        api.page("/news", {"value": [item("a")], "nextLink": other.url("next")})
        api.page("/next", {"value": [item("b")]})
        assert site(options=options, NEWS_TOKEN=TOKEN).returncode == 0
        api.broken = redirect(other.url("elsewhere"))
        site(options=options, NEWS_TOKEN=TOKEN)
    assert all(f"Authorization: Bearer {TOKEN}\r\n".encode() in head for head in server.requests)
    assert len(other.requests) == 2
    assert not any(b"uthorization" in head for head in other.requests)


@pytest.mark.parametrize("value", [None, "", "two\nlines", "mit Umläuten"])
def test_a_variable_without_a_token_is_named_and_its_value_is_not(api, site, value):
    api.page("/news", [item("a")])
    result = site(options="    token_env: NEWS_TOKEN\n", NEWS_TOKEN=value)
    assert result.returncode == 4
    assert "the environment variable NEWS_TOKEN hold" in result.stderr
    assert not value or value not in result.stderr
    assert api.asked == []


def test_the_token_is_said_and_kept_nowhere(api, site, workspace):
    api.page("/news", [item("a")])
    options = "    token_env: NEWS_TOKEN\n"
    said = [site(options=options, NEWS_TOKEN=TOKEN)]
    api.broken = answer(status="401 No", body=TOKEN.encode())
    said += [site(options=options, NEWS_TOKEN=TOKEN)]
    said += [site("config", "show", options=options, NEWS_TOKEN=TOKEN)]
    assert not any(TOKEN in result.stdout + result.stderr for result in said)
    files = [path for path in workspace.folder.rglob("*") if path.is_file()]
    assert not any(TOKEN.encode() in path.read_bytes() for path in files)


@pytest.mark.parametrize(
    "source",
    [
        f"{{url: 'https://user:{TOKEN}@api.example.org/news'}}",
        f"{{url: 'https://api.example.org/news?api-key={TOKEN}'}}",
        f"{{url: 'https://api.example.org/news', token_env: {TOKEN}}}",
        f"{{url: 'https://api.example.org/news', token: {TOKEN}}}",
        f"{{url: 'gopher://{TOKEN}/'}}",
    ],
)
def test_a_secret_in_the_configuration_is_refused_and_not_quoted(workspace, source):
    workspace.configure(CONFIG.replace("articles/", source))
    result = call_feedpub("build", cwd=workspace.folder)
    assert result.returncode == 78
    assert "sources[0]" in result.stderr or "unknown key 'token'" in result.stderr
    assert TOKEN not in result.stderr


def test_a_run_that_was_cut_off_between_two_renames_loses_nothing(api, site, workspace, titles):
    api.page("/news", [item("a")])
    site()
    (copy,) = (workspace.folder / ".feedpub/sources").iterdir()
    copy.rename(copy.with_name(f"{copy.name}.old"))
    api.broken = answer(status="500 Oops")
    assert site().returncode == 3
    assert titles() == ["Title of a"]


def test_the_documented_configuration_reads_from_a_server(api, workspace, titles, server):
    text = (PROJECT / "docs/configuration.md").read_text("utf-8")
    (example,) = re.findall(r"(?ms)^```yaml\n(sources:\n  - url: https.*?)^```", text)
    config = CONFIG.partition("sources:")[0] + example
    parse_config(config.encode(), "configuration.md")
    workspace.configure(config.replace("https://api.example.org", server.url("").rstrip("/")))
    api.page("/news?language=en", {"value": [item("a", headline="A headline")]})
    result = call_feedpub("build", cwd=workspace.folder, env={"NEWS_TOKEN": TOKEN})
    assert (result.returncode, result.stderr) == (0, "")
    assert titles() == ["A headline"]
