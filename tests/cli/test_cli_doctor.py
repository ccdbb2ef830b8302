import json

import pytest
from site_server import header, put_site, serving_site, status, without
from support import CONFIG, call_feedpub


@pytest.fixture
def live(tmp_path):
    """Yield a server that serves a good site by http, which is a warning."""
    with serving_site() as server:
        put_site(tmp_path, server)
        yield server


def doctor(live, folder, *options):
    return call_feedpub("doctor", "--url", live.url, *options, cwd=folder)


def test_a_site_in_order_ends_with_0(live, tmp_path):
    ended = doctor(live, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == (
        f"{live.url}\n"
        "  warning  https: http; expected https"
        " (get a certificate; several aggregators refuse plain http)\n"
        "in order: status, media type, gzip, CORS, 304 to If-None-Match, 304 to If-Modified-Since,"
        " parses, site address, same feeds, self link, freshness\n"
        "3 of 3 feeds examined: 0 failures, 1 warning\n"
    )


def test_a_failure_ends_with_3(live, tmp_path):
    live.spoil("all/rss.xml", status(404))
    ended = doctor(live, tmp_path)
    assert ended.returncode == 3
    assert (
        f"{live.url}all/rss.xml\n  failure  status: 404; expected 200"
        " (publish the file, or see what the server makes of its path)\n"
    ) in ended.stdout
    assert ended.stdout.endswith("1 failure, 1 warning\n")


def test_the_same_finding_at_many_addresses_is_one_line(live, tmp_path):
    live.spoil("feed.json", header("Content-Type", "application/json"))
    live.spoil("feed.json", without("Access-Control-Allow-Origin"))
    ended = doctor(live, tmp_path)
    assert f"{live.url}all/feed.json and 2 more addresses\n  warning  media type:" in ended.stdout
    assert ended.stdout.count("feed.json") == 1
    assert "in order: status, gzip" in ended.stdout


def test_types_of_different_formats_are_different_findings(live, tmp_path):
    for name in (".xml", "feed.json"):
        live.spoil(name, header("Content-Type", "text/html"))
    ended = doctor(live, tmp_path)
    assert ended.stdout.count("  failure  media type: text/html; expected application/") == 2


def test_the_address_is_that_of_the_configuration(live, tmp_path):
    tmp_path.joinpath("config.yaml").write_text(
        CONFIG.replace("https://feeds.example.org/", live.url), "utf-8"
    )
    ended = call_feedpub("doctor", cwd=tmp_path)
    assert ended.stdout.startswith(f"{live.url}\n")


def test_with_an_address_no_configuration_is_needed(live, tmp_path):
    tmp_path.joinpath("config.yaml").unlink()
    assert doctor(live, tmp_path).returncode == 0
    assert call_feedpub("doctor", cwd=tmp_path).returncode == 78


@pytest.mark.parametrize("tail", ["", "/", "/feeds.json"])
def test_an_address_is_taken_with_and_without_its_end(live, tmp_path, tail):
    url = live.url.removesuffix("/") + tail
    assert call_feedpub("doctor", "--url", url, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "url", ["", "feeds.example.org", "ftp://example.org/", "https://a:b@example.org/", "/etc"]
)
def test_what_is_no_address_is_refused(tmp_path, url):
    ended = call_feedpub("doctor", "--url", url, cwd=tmp_path)
    assert ended.returncode == 2
    assert "expected the address of a site" in ended.stderr


def test_a_report_for_programs(live, tmp_path):
    live.spoil("all/rss.xml", header("Content-Type", "text/html"))
    ended = doctor(live, tmp_path, "--format", "json")
    report = json.loads(ended.stdout)
    findings = report.pop("findings")
    assert ended.returncode == 3
    assert report == {
        "url": live.url,
        "profile": None,
        "feeds": 3,
        "examined": 3,
        "failures": 1,
        "warnings": 1,
    }
    assert [one for one in findings if one["level"] == "failure"] == [
        {
            "level": "failure",
            "check": "media type",
            "url": f"{live.url}all/rss.xml",
            "seen": "text/html",
            "expected": "application/xml",
            "advice": "have the web server send Content-Type: application/xml"
            " for files of this name",
        }
    ]


def test_an_age_is_asked_for_in_days(live, tmp_path):
    assert doctor(live, tmp_path, "--max-age", "1000").returncode == 0
    ended = doctor(live, tmp_path, "--max-age", "30")
    assert ended.returncode == 3
    assert (
        "age: last changed 2026-01-30T13:53:00Z; expected a change within 30 days" in ended.stdout
    )


def test_a_profile_is_told_by_the_pages_that_ask_for_it(live, tmp_path):
    ended = doctor(live, tmp_path, "--profile", "apple", "--all")
    assert ended.returncode == 3
    assert ended.stdout == (
        "https://support.apple.com/guide/news-publisher/apdc2c7520ff/icloud\n"
        "  failure  language with its region: broken by 3 of 3 feeds"
        f" (for example {live.url}all/rss.xml)\n"
        "  warning  title of 15 to 60 characters: broken by 1 of 2 entries"
        f" (for example https://www.example.com/b in {live.url}all/rss.xml)\n"
        "in order: feed is UTF-8, feed has a title, feed has a link, title, link, description,"
        " title without HTML\n"
        "3 of 3 feeds examined: 1 failure, 1 warning\n"
    )


def test_what_a_site_says_cannot_forge_a_line(live, tmp_path):
    live.spoil("all/rss.xml", header("Content-Type", "text/\x1b[2Jhtml"))
    ended = doctor(live, tmp_path)
    assert ended.returncode == 3
    assert "\x1b" not in ended.stdout
