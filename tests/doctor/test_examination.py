import json
from datetime import UTC, datetime, timedelta

import pytest
from site_server import (
    deaf_to,
    endless,
    header,
    put_site,
    redirect,
    serving_site,
    silent,
    status,
    trickling,
    uncompressed,
    without,
)
from support import NOW

from feedpub.doctor.examination import examine
from feedpub.doctor.fetching import Fetcher

RSS, ATOM, JSON = "all/rss.xml", "all/atom.xml", "all/feed.json"
FEED_FILES = ("rss.xml", "atom.xml", "feed.json")


def test_a_site_that_is_served_well_has_nothing_amiss(amiss):
    assert amiss() == []


def test_a_site_that_is_served_well_has_every_check_in_order(live, fetcher):
    diagnosis = examine(live.url, fetcher, now=NOW, max_age=timedelta(days=10_000))
    checks = {finding.check for finding in diagnosis.findings}
    assert checks == {
        *("certificate", "status", "media type", "gzip", "CORS", "parses", "site address"),
        *("304 to If-None-Match", "304 to If-Modified-Since", "same feeds", "self link"),
        *("freshness", "age"),
    }
    assert (diagnosis.feeds, diagnosis.examined) == (3, 3)


@pytest.mark.parametrize(
    ("spoiler", "finding"),
    [
        (status(404), ("failure", "status")),
        (status(500), ("failure", "status")),
        (header("Content-Type", "text/html; charset=utf-8"), ("failure", "media type")),
        (header("Content-Type", "text/plain"), ("failure", "media type")),
        (without("Content-Type"), ("failure", "media type")),
        (
            header("Content-Type", "application/rss+xml; charset=ISO-8859-1"),
            ("failure", "charset"),
        ),
        (without("ETag", "Last-Modified"), ("warning", "validators")),
        (deaf_to("If-None-Match"), ("warning", "304 to If-None-Match")),
        (deaf_to("If-Modified-Since"), ("warning", "304 to If-Modified-Since")),
        (uncompressed, ("warning", "gzip")),
        (without("Content-Encoding"), ("failure", "parses")),
        (without("Access-Control-Allow-Origin"), ("warning", "CORS")),
        (header("Access-Control-Allow-Origin", "https://example.com"), ("warning", "CORS")),
        (redirect("/all/rss.xml"), ("failure", "redirects")),
        (redirect("javascript:alert(1)"), ("failure", "redirects")),
        (redirect("/all/again.xml"), ("warning", "redirects")),
        (redirect("/all/again.xml", 301), ("warning", "redirects")),
    ],
)
def test_bad_service_of_one_file_is_found(live, amiss, spoiler, finding):
    live.files["all/again.xml"] = live.files[RSS]
    live.spoil("again.xml", header("Content-Type", "application/rss+xml"))
    live.spoil(RSS, spoiler)
    found = amiss()
    assert (*finding, RSS) in found
    assert {path for _, _, path in found} == {RSS}


def test_a_redirect_is_reported_with_where_it_leads(live, fetcher):
    live.files["all/again.xml"] = live.files[RSS]
    live.spoil(RSS, redirect("/all/again.xml", 301))
    findings = examine(live.url, fetcher, now=NOW).findings
    assert [one.seen for one in findings if one.check == "redirects"] == [
        f"301 to {live.url}all/again.xml"
    ]


def test_a_redirect_away_from_https_is_a_failure(live, amiss):
    with serving_site() as plain:
        plain.files = live.files
        live.spoil(RSS, redirect(f"{plain.url}{RSS}"))
        assert ("failure", "redirects", RSS) in amiss()


def test_a_body_without_end_is_cut_off(live, amiss):
    live.spoil(RSS, endless)
    assert amiss() == [("failure", "size", RSS)]


@pytest.mark.parametrize("slow", [silent, trickling])
def test_a_server_that_takes_too_long_is_not_waited_for(live, amiss, slow):
    live.spoil(RSS, slow)
    assert amiss(seconds=1) == [("failure", "reachable", RSS)]


def test_a_server_that_is_not_there_is_a_failure(live, fetcher):
    live.server.server_close()
    diagnosis = examine("https://127.0.0.1:1/", fetcher, now=NOW)
    assert [(one.level, one.check) for one in diagnosis.findings] == [("failure", "reachable")]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (RSS, "</channel>", ""),
        (RSS, "<rss ", "<rss2 "),
        (ATOM, "http://www.w3.org/2005/Atom", "https://www.w3.org/2005/Atom"),
        (JSON, "{", "{{"),
        (JSON, "https://jsonfeed.org/version/1.1", "1.1"),
        ("feeds.opml", "</body>", ""),
        ("feeds.json", '"version": 1', '"version": 9'),
        ("feeds.json", '"formats"', '"forms"'),
        ("feeds.json", "{", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_a_failure(live, amiss, path, old, new):
    live.replace(path, old, new)
    assert amiss() == [("failure", "parses", path)]


def test_an_entity_in_a_feed_loads_no_file(live, amiss):
    live.replace(RSS, "<rss ", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss ')
    live.replace(RSS, "<title>", "<title>&x;")
    assert amiss() == []


@pytest.mark.parametrize("path", [RSS, ATOM, JSON])
def test_a_self_link_that_leads_elsewhere_is_a_failure(live, amiss, path):
    live.replace(path, f"{live.url}{path}", f"https://feeds.example.net/{path}")
    assert amiss() == [("failure", "self link", path)]


def test_a_feed_without_a_self_link_is_a_failure(live, amiss):
    live.replace(RSS, 'rel="self"', 'rel="other"')
    assert amiss() == [("failure", "self link", RSS)]


def test_a_site_that_was_built_for_another_address_is_found_out(live, amiss):
    for path in [RSS, ATOM, JSON, "feeds.json", "feeds.opml"]:
        live.replace(path.rpartition("/")[2], live.url, "https://feeds.example.net/")
    found = amiss()
    assert ("failure", "site address", "feeds.json") in found
    assert {check for _, check, _ in found} == {"site address", "self link"}
    assert len(found) == 1 + 9


def test_addresses_outside_the_site_are_not_fetched(live, amiss):
    with serving_site() as elsewhere:
        live.replace("feeds.json", f"{live.url}{RSS}", f"{elsewhere.url}rss.xml")
        found = amiss()
        assert ("failure", "feed address", f"{elsewhere.url}rss.xml") in found
        assert elsewhere.requests == []


@pytest.mark.parametrize("path", [RSS, ATOM])
def test_an_old_copy_of_a_feed_is_a_failure(live, amiss, path):
    live.replace(path, "Fri, 30 Jan 2026", "Thu, 29 Jan 2026") if path == RSS else live.replace(
        path, "2026-01-30T", "2026-01-29T"
    )
    assert amiss() == [("failure", "freshness", path)]


def test_a_feed_that_did_not_change_for_long_is_a_failure_when_asked_for(amiss):
    days = (NOW - datetime(2026, 1, 30, 13, 53, tzinfo=UTC)).days
    assert amiss(max_age=timedelta(days=days + 1)) == []
    found = amiss(max_age=timedelta(days=days))
    assert {(level, check) for level, check, _ in found} == {("failure", "age")}
    assert len(found) == 9


def test_an_opml_that_lacks_a_feed_is_a_failure(live, amiss):
    live.replace("feeds.opml", f"{live.url}{RSS}", f"{live.url}other/rss.xml")
    assert amiss() == [("failure", "same feeds", "feeds.opml")]


def test_without_a_manifest_nothing_else_is_asked(live, amiss):
    del live.files["feeds.json"]
    assert amiss() == [("failure", "status", "feeds.json")]
    assert {path for path, _ in live.requests} == {"feeds.json"}


# Hubs.


def announce_everywhere(live, address):
    live.replace("rss.xml", "<channel>", f'<channel><atom:link rel="hub" href="{address}"/>')
    live.replace(
        "atom.xml",
        "<id>tag:feeds.example.org,2026:feed",
        f'<link rel="hub" href="{address}"/><id>tag:feeds.example.org,2026:feed',
    )
    live.replace(
        "feed.json", '"items"', f'"hubs": [{{"type": "WebSub", "url": "{address}"}}], "items"'
    )


def test_a_hub_that_answers_and_that_every_feed_announces_is_in_order(live, amiss):
    live.files["hub"] = b"bad request"
    live.spoil("hub", status(400))
    announce_everywhere(live, f"{live.url}hub")
    assert amiss() == []


@pytest.mark.parametrize("spoiler", [status(404), status(503)])
def test_a_hub_that_does_not_work_is_a_failure(live, amiss, spoiler):
    live.spoil("hub", spoiler)
    announce_everywhere(live, f"{live.url}hub")
    assert amiss() == [("failure", "hub", "hub")]


def test_a_hub_that_is_no_address_is_a_failure(live, amiss):
    announce_everywhere(live, "file:///etc/passwd")
    assert amiss() == [("failure", "hub", "file:///etc/passwd")]


def test_feeds_that_announce_different_hubs_are_told_apart(live, amiss):
    live.files["hub"] = b""
    announce_everywhere(live, f"{live.url}hub")
    live.replace(ATOM, 'rel="hub"', 'rel="other"')
    assert amiss() == [("warning", "hub", ATOM)]


def test_feeds_that_do_not_announce_the_hub_of_the_manifest_are_told(live, amiss):
    live.files["hub"] = b""
    announce_everywhere(live, f"{live.url}hub")
    live.replace("feeds.json", '"feeds": [', f'"hubs": ["{live.url}hub"], "feeds": [')
    assert amiss() == []
    live.replace("/feed.json", '"hubs"', '"_hubs"')
    assert {finding[:2] for finding in amiss()} == {("warning", "hub")}
    assert {path.rpartition("/")[2] for _, _, path in amiss()} == {"feed.json"}


def test_hub_of_the_manifest_that_no_feed_announces_is_told_and_asked(live, amiss):
    live.replace("feeds.json", '"feeds": [', f'"hubs": ["{live.url}hub"], "feeds": [')
    found = amiss()
    assert ("failure", "hub", "hub") in found
    assert {finding for finding in found if finding[0] == "warning"} == {
        ("warning", "hub", path) for path in live.files if path.endswith(FEED_FILES)
    }


def test_address_in_the_header_must_be_the_one_that_was_asked_for(live, amiss):
    right = f'<https://hub.example.org/>; rel="hub", <{live.url}all/rss.xml>; rel="self"'
    live.spoil("all/rss.xml", header("Link", right))
    live.spoil("all/atom.xml", header("Link", right))
    assert amiss() == [("failure", "self link", "all/atom.xml")]


# How many feeds, and what is sent.


def test_of_many_feeds_the_same_twenty_are_examined_unless_all_are_asked_for(live, fetcher):
    manifest = json.loads(live.files["feeds.json"])
    one = manifest["feeds"][0]
    manifest["feeds"] += [{**one, "path": f"topics/t{n}", "formats": {}} for n in range(50)]
    live.files["feeds.json"] = json.dumps(manifest).encode()
    some = examine(live.url, fetcher, now=NOW)
    every = examine(live.url, fetcher, now=NOW, every=True)
    assert (some.feeds, some.examined) == (53, 20)
    assert (every.feeds, every.examined) == (53, 53)
    assert f"{live.url}{RSS}" in {finding.url for finding in some.findings}


def test_nothing_that_belongs_to_the_user_is_sent(live, amiss, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    live.spoil("feeds.json", header("Set-Cookie", "session=1"))
    amiss()
    names = {name for _, headers in live.requests for name in headers}
    assert names & {"Authorization", "Cookie"} == set()


def test_proxies_of_the_environment_are_not_used(amiss, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert amiss() == []


# Transport.


def test_a_certificate_nobody_trusts_is_a_failure(live):
    fetcher = Fetcher(seconds=10)
    findings = examine(live.url, fetcher, now=NOW).findings
    fetcher.close()
    assert [(one.level, one.check) for one in findings] == [("failure", "certificate")]


def test_plain_http_is_a_warning(tmp_path, fetcher):
    with serving_site() as plain:
        put_site(tmp_path, plain)
        findings = examine(plain.url, fetcher, now=NOW).findings
    assert [(one.level, one.check) for one in findings if one.level != "ok"] == [
        ("warning", "https")
    ]


def test_a_certificate_that_ends_soon_is_a_warning(live, fetcher):
    far = examine(live.url, fetcher, now=NOW).findings[0]
    end = datetime.strptime(far.seen, "good until %Y-%m-%d").replace(tzinfo=UTC)
    near = examine(live.url, fetcher, now=end - timedelta(days=3)).findings[0]
    assert (far.level, far.check) == ("ok", "certificate")
    assert (near.level, near.check) == ("warning", "certificate")
