import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedpub.links import (
    clean_domain,
    clean_url,
    host_has_dot,
    host_of,
    is_clean,
    last_segment,
    same_address,
)

BASE = "https://feeds.example.org/"
# RFC 3986: characters of an address, and whole escapes only.
RFC_3986 = re.compile(r"https?://(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.com/a",
        "http://example.org/a?b=c&d=%20#e",
        "https://example.org/sign?x=a%2Fb%2fc&y=~'()*!",
        "https://example.org/?utm_source=x",
        "https://xn--exmple-cua.example.org/",
        "https://example.org:8443/a",
        "https://example.org/a//b/./c",
        "https://example.org/%7Euser",
    ],
)
def test_clean_address_is_passed_on_byte_for_byte(url):
    assert clean_url(url) == url


LABEL = "a" * 63
LONGEST = ".".join([LABEL] * 3 + ["a" * 61])  # 253 characters


@pytest.mark.parametrize(
    ("host", "is_name"),
    [
        ("a", True),
        ("a-b.example.org", True),
        ("a--b.example.org", True),
        ("xn--exmple-cua.example.org", True),
        (LABEL, True),
        (f"{LABEL}.example.org", True),
        (LONGEST, True),
        (f"{LABEL}a", False),
        (f"{LABEL}a.example.org", False),
        (f"www.{LABEL}a", False),
        (f"{LONGEST}a", False),
        ("-a.example.org", False),
        ("a-.example.org", False),
        ("a..example.org", False),
        (".example.org", False),
        ("example.org.", False),
        ("a_b.example.org", False),
        ("Example.org", False),
    ],
)
def test_plain_host_name_needs_no_cleaning(host, is_name):
    url = f"https://{host}/a"
    assert is_clean(url) == is_name


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("  https://example.org/a\n", "https://example.org/a"),
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/it’s®™", "https://example.org/it%E2%80%99s%C2%AE%E2%84%A2"),
        ("https://example.org/\u202fx\u2028y", "https://example.org/%E2%80%AFx%E2%80%A8y"),
        ("https://example.org/a%", "https://example.org/a%25"),
        ("https://example.org/%zz%20", "https://example.org/%25zz%20"),
        ("https://example.org/<script>", "https://example.org/%3Cscript%3E"),
        ('https://example.org/"x"', "https://example.org/%22x%22"),
        ("https://example.org/ü?ß=ö", "https://example.org/%C3%BC?%C3%9F=%C3%B6"),
        ("https://exämple.example.org/", "https://xn--exmple-cua.example.org/"),
        ("HTTPS://EXAMPLE.ORG/UP", "https://example.org/UP"),
        ("https://example.org", "https://example.org/"),
        ("https://example.org?x", "https://example.org/?x"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("https://example.org/#a#b", "https://example.org/#a%23b"),
    ],
)
def test_broken_address_is_repaired(raw, url):
    assert clean_url(raw) == url


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("https://example.org/%7euser/a b", "https://example.org/%7euser/a%20b"),
        ("https://example.org/a b?sig=%2f%41", "https://example.org/a%20b?sig=%2f%41"),
    ],
)
def test_repair_keeps_the_escapes_there_are(raw, url):
    assert clean_url(raw) == url


def test_default_port_is_dropped_from_behind_the_host():
    assert clean_url("http://[2001:db8::80]:80/") == "http://[2001:db8::80]/"


@pytest.mark.parametrize(
    "raw",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)",
        "\x01javascript:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://example.org/x",
        "mailto:a@example.org", "blob:https://example.org/x", "feed:https://example.org/",
        "view-source:https://example.org", "tag:example.org,2026:x", "urn:uuid:1",
        "http:", "http://", "http://?x", "http://#", "", " ",
        "https://user:pass@example.org/", "https://user@example.org/", "http://example.com@10.0.0.1/",
        "https://example.org/\r\nX-Header: 1", "https://example.org/a\x00b", "https://example.org/\x7f",
        "https://example.org/\ud800", "https://[::1", "https://example.org:99999/",
        "https://example.org:x/", f"https://{'a' * 64}.example.org/", "https://ex ample.org/",
        "https://example.org/" + "a" * 3000, "https://example.org/" + "ü" * 1000,
        "https://*.example.org/", "https://.example.org/", "https://example.org%2f.example.net/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("base", [None, BASE])
def test_address_that_is_not_http_is_refused(raw, base):
    assert clean_url(raw, base) is None


@pytest.mark.parametrize("raw", ["https:///x", "https:example.org", "https:/example.org/x"])
def test_address_without_a_host_is_refused(raw):
    assert clean_url(raw) is None


@pytest.mark.parametrize("raw", ["https:///x", "https:example.org", "https:/example.org/x"])
def test_address_without_a_host_does_not_become_one_of_our_site(raw):
    assert clean_url(raw, BASE) is None


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("/a", "https://feeds.example.org/a"),
        ("a/b", "https://feeds.example.org/a/b"),
        ("//cdn.example.net/x", "https://cdn.example.net/x"),
        ("?q", "https://feeds.example.org/?q"),
        ("../../x", "https://feeds.example.org/x"),
        ("http://example.net/", "http://example.net/"),
    ],
)
def test_relative_address_is_resolved(raw, url):
    assert clean_url(raw, BASE) == url


@pytest.mark.parametrize("raw", ["/a", "a", "//cdn.example.net/x", "?q", "www.example.com"])
def test_relative_address_without_a_base_is_refused(raw):
    assert clean_url(raw) is None


def test_backslash_does_not_move_the_host():
    url = clean_url("http://10.0.0.1\\@example.com/")
    assert url is None or urlsplit(url).hostname == "10.0.0.1"


@given(
    st.text(max_size=60)
    | st.text(max_size=40).map("https://example.org/{}".format)
    | st.text(alphabet="abü.-_:@[]0189%/\\?# ", max_size=30).map("http://{}".format)
)
@example("https://EXAMPLE.org:443/a b")
@example("http://[2001:db8::1]:8080/x")
def test_cleaned_address_is_ascii_of_rfc_3986(raw):
    url = clean_url(raw)
    assert url is None or RFC_3986.fullmatch(url)


@given(
    st.text(max_size=40).map("https://example.org/{}".format)
    | st.text(alphabet="abü.-_:@0189%/\\?# ", max_size=30).map("http://{}".format)
)
def test_cleaning_an_address_twice_changes_nothing(raw):
    url = clean_url(raw)
    assert url is None or clean_url(url) == url


@given(st.text(max_size=40))
def test_resolved_address_is_http_or_nothing(raw):
    url = clean_url(raw, BASE)
    assert url is None or urlsplit(url).scheme in {"http", "https"}


@given(st.text(max_size=30))
def test_domain_is_safe_as_a_folder_name_or_none(raw):
    domain = clean_domain(raw)
    assert domain is None or re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain)


@pytest.mark.parametrize(
    ("raw", "domain"),
    [
        ("example.com", "example.com"),
        (" WWW.Example.COM. ", "example.com"),
        ("https://www.example.com/about?x", "example.com"),
        ("//example.com/x", "example.com"),
        ("example.com:8080", "example.com"),
        ("news.example.co.example.net", "news.example.co.example.net"),
        ("exämple.example.org", "xn--exmple-cua.example.org"),
        ("www2.example.com", "www2.example.com"),
    ],
)
def test_domain_is_read_from_names_and_addresses(raw, domain):
    assert clean_domain(raw) == domain


@pytest.mark.parametrize(
    "raw",
    [
        "", "localhost", "10.0.0.1", "Example Daily", "..", "../x", "example..com",
        "-a.example.com", "a_b.example.com", "a" * 64 + ".example.com", "example.com\\x",
    ],
)  # fmt: skip
def test_what_is_no_domain_is_refused(raw):
    assert clean_domain(raw) is None


def test_domain_and_link_agree_on_sharp_s():
    assert clean_domain("straße.example.org") == host_of(clean_url("https://straße.example.org/"))


def test_host_of_an_address_is_its_domain():
    assert host_of("https://www.example.com:8443/a") == "example.com"


def test_http_and_https_are_the_same_address():
    assert same_address("http://example.com/a") == same_address("https://example.com/a")


def test_different_paths_are_different_addresses():
    assert same_address("https://example.com/a") != same_address("https://example.com/A")


@pytest.mark.parametrize(
    ("url", "public"),
    [("https://example.com/", True), ("https://10.0.0.1/", True), ("https://localhost/", False)],
)
def test_public_host_has_a_dot(url, public):
    assert host_has_dot(url) is public


def test_path_is_percent_decoded():
    assert last_segment("https://example.com/a%2Ejpg?x#y") == "a.jpg"
