"""What the preview answers, asked over HTTP."""

import gzip
import os
from hashlib import sha256

import pytest

MODIFIED = 1_780_000_000
MODIFIED_DATE = "Thu, 28 May 2026 20:26:40 GMT"
THE_DAY_BEFORE = "Wed, 27 May 2026 20:26:40 GMT"


@pytest.fixture(scope="module")
def output(shared_output):
    return shared_output


@pytest.fixture(scope="module")
def client(shared_client):
    return shared_client


def etag(location):
    return f'"{sha256(location.read_bytes()).hexdigest()}"'


# What is sent.


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/index.html", "text/html; charset=utf-8"),
        ("/all/rss.xml", "application/xml"),
        ("/all/atom.xml", "application/xml"),
        ("/all/feed.json", "application/feed+json"),
        ("/feeds.opml", "text/x-opml"),
        ("/feeds.json", "application/json"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/page.js", "text/javascript; charset=utf-8"),
        ("/empty/notes.txt", "text/plain; charset=utf-8"),
    ],
)
def test_file_is_sent_byte_for_byte_with_its_media_type(client, output, path, expected):
    answer = client.ask(path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, expected)
    assert answer.body == (output / path[1:]).read_bytes()


@pytest.mark.parametrize("path", ["/all/rss.xml", "/nothing", "/all"])
def test_every_answer_may_be_read_by_scripts_and_is_not_sniffed(client, path):
    headers = client.ask(path).headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_folder_stands_for_its_page(client):
    assert client.ask("/all/").body == b"<p>All</p>"
    assert b"Home" in client.ask("/").body


def test_query_is_passed_over(client):
    assert client.ask("/all/?from=mail").body == b"<p>All</p>"


def test_name_beyond_ascii_is_found(client):
    answer = client.ask("/topics/k%C3%BCnstliche-intelligenz/")
    assert answer.body == b"<p>KI</p>"


def test_folder_without_slash_leads_to_the_one_with_it(client):
    answer = client.ask("/topics/k%C3%BCnstliche-intelligenz")
    assert answer.status == 301
    assert answer.headers["Location"] == "/topics/k%C3%BCnstliche-intelligenz/"


def test_head_has_the_headers_of_get_and_no_body(client):
    get, head = client.ask("/all/rss.xml"), client.ask("/all/rss.xml", "HEAD")
    del get.headers["Date"], head.headers["Date"]
    assert (head.status, head.body, head.headers.items()) == (200, b"", get.headers.items())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(client, method):
    answer = client.ask("/all/rss.xml", method)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_preflight_allows_conditional_requests(client):
    answer = client.ask(
        "/all/rss.xml",
        "OPTIONS",
        Origin="https://reader.example.net",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="if-none-match",
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]


# What has not changed.


def test_etag_is_the_hash_of_the_bytes(client, output):
    assert client.ask("/all/rss.xml").headers["ETag"] == etag(output / "all/rss.xml")


def test_last_modified_is_the_time_of_the_file(client, output):
    os.utime(output / "all/rss.xml", (MODIFIED, MODIFIED))
    assert client.ask("/all/rss.xml").headers["Last-Modified"] == MODIFIED_DATE


@pytest.mark.parametrize("shown", ["{}", "W/{}", '"other", {}', "*"])
def test_known_etag_is_answered_without_a_body(client, output, shown):
    known = etag(output / "all/rss.xml")
    answer = client.ask("/all/rss.xml", If_None_Match=shown.format(known))
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", known)


def test_date_not_older_than_the_file_is_answered_without_a_body(client, output):
    os.utime(output / "all/rss.xml", (MODIFIED, MODIFIED))
    answer = client.ask("/all/rss.xml", If_Modified_Since=MODIFIED_DATE)
    assert (answer.status, answer.body) == (304, b"")


@pytest.mark.parametrize("date", [THE_DAY_BEFORE, "yesterday", "Thu, 99 Foo 99999 99:99:99 GMT"])
def test_older_or_senseless_date_gets_the_file(client, output, date):
    os.utime(output / "all/rss.xml", (MODIFIED, MODIFIED))
    assert client.ask("/all/rss.xml", If_Modified_Since=date).status == 200


def test_etag_counts_before_the_date(client, output):
    os.utime(output / "all/rss.xml", (MODIFIED, MODIFIED))
    answer = client.ask("/all/rss.xml", If_None_Match='"other"', If_Modified_Since=MODIFIED_DATE)
    assert answer.status == 200


# What is compressed.


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.5", "GZIP, deflate"])
def test_text_is_compressed_when_that_is_accepted(client, output, accepted):
    answer = client.ask("/all/rss.xml", Accept_Encoding=accepted)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.body) == (output / "all/rss.xml").read_bytes()


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", "gzip; q=0.0, br", "x-gzip-2"])
def test_nothing_is_compressed_otherwise(client, output, accepted):
    answer = client.ask("/all/rss.xml", Accept_Encoding=accepted)
    assert answer.headers["Content-Encoding"] is None
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.body == (output / "all/rss.xml").read_bytes()


def test_picture_is_not_compressed(client, output):
    (output / "logo.png").write_bytes(b"\x89PNG" * 500)
    assert client.ask("/logo.png", Accept_Encoding="gzip").headers["Content-Encoding"] is None


def test_compressed_file_has_an_etag_of_its_own(client, output):
    plain = etag(output / "all/rss.xml")
    compressed = client.ask("/all/rss.xml", Accept_Encoding="gzip").headers["ETag"]
    assert compressed != plain
    for known, status in ((compressed, 304), (plain, 200)):
        answer = client.ask("/all/rss.xml", Accept_Encoding="gzip", If_None_Match=known)
        assert answer.status == status


# What is not there.


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/nothing/at/all", "/all/rss.xml/", "/empty/", "/topics/", "/%C3%BC%FF",
        "/../secret", "/all/../../secret", "/%2e%2e/secret", "/..%2fsecret",
        "/all/%2e%2e%2f..%2fsecret", "/..\\secret", "/all\\rss.xml", "/%5c..%5csecret",
        "/all/rss.xml%00", "/%00", "/%00/../secret", "//etc/passwd", "//all/rss.xml",
        "/all//rss.xml", "/%2fetc/passwd", "/./all/rss.xml", "all/rss.xml",
        "http://127.0.0.1//etc/passwd", "/.feedpub", "/%2efeedpub", "/empty/.hidden/",
        "/empty/.hidden/index.html", "/.feedpub-version", "/" + "a" * 4000, "/a" * 2000,
    ],
)  # fmt: skip
def test_nothing_is_found_at(client, output, path):
    (output.parent / "secret").write_text("secret")
    answer = client.ask(path)
    assert answer.status == 404
    assert b"secret" not in answer.body
    assert b"root:" not in answer.body


@pytest.fixture(scope="module")
def linked(output):
    (output.parent / "outside").mkdir()
    (output.parent / "outside/secret.txt").write_text("secret")
    (output / "out.txt").symlink_to("../outside/secret.txt")
    (output / "out").symlink_to("../outside")
    (output / "in.xml").symlink_to("all/rss.xml")
    (output / "in").symlink_to("all")
    (output / "loop").symlink_to("loop")
    return output


@pytest.mark.parametrize(
    "path",
    ["/out.txt", "/out/secret.txt", "/in.xml", "/in/rss.xml", "/in/", "/in", "/loop", "/loop/"],
)
def test_link_is_not_followed(client, linked, path):
    assert linked.is_dir()
    assert client.ask(path).status == 404


def test_pipe_is_not_waited_for(client, output):
    os.mkfifo(output / "pipe.xml")
    assert client.ask("/pipe.xml").status == 404


def test_missing_page_may_be_one_of_the_site(client, output):
    (output / "404.html").write_text("<p>Lost?</p>")
    answer = client.ask("/nothing")
    assert (answer.status, answer.body) == (404, b"<p>Lost?</p>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


# Limits.


@pytest.mark.parametrize("address", ["/all/?" + "a" * 9_000, "/" + "a" * 20_000])
def test_long_address_is_refused(client, address):
    assert client.ask(address).status == 414


def test_large_headers_are_refused(client):
    assert client.ask("/all/", X_Large="a" * 17_000).status == 431


def test_many_headers_are_refused(client):
    assert client.ask("/all/", **{f"X_{n}": "1" for n in range(99)}).status == 431


# What browsers may do with it.


@pytest.mark.parametrize("path", ["/all/rss.xml", "/all/feed.json", "/page.js"])
def test_what_is_no_page_can_do_nothing(client, path):
    policy = client.ask(path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")


def test_page_keeps_the_policy_that_is_in_it(client):
    policy = client.ask("/all/").headers["Content-Security-Policy"]
    assert policy == "base-uri 'none'; object-src 'none'"


# What nobody thought of.


def test_mistake_of_ours_is_told_in_one_line_and_ends_no_other_answer(client, monkeypatch, capsys):
    def broken(*_):
        raise ValueError("secret")

    with monkeypatch.context() as patch:
        patch.setattr("feedpub.preview.files.read", broken)
        answer = client.ask("/all/%1b%E2%80%AErss.xml")
    assert (answer.status, answer.body) == (500, b"an error in feedpub")
    said = capsys.readouterr().err
    assert said == "feedpub: cannot answer for '/all/\\x1b\\u202erss.xml': ValueError\n"
    assert client.ask("/all/").status == 200
