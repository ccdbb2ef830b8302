"""Feed rules §7: URLs."""

import html
import re

import pytest
from feed_checks import MEDIA, PREFIXES, XML, is_address, parse_xml
from support import record


def addresses_of(feeds):
    """Return every address in the feeds of all formats, ids apart."""
    found = set()
    for root in feeds.xml.values():
        for element in root.iter():
            found |= {element.get(n) for n in ("href", "url", "scheme") if n in element.attrib}
        for name in ("link", "url", "docs", "a:uri", "a:icon", "a:logo"):
            found |= {e.text for e in root.iterfind(f".//{name}", PREFIXES) if e.text}
    for document in feeds.json.values():
        found |= set(addresses_in_json(document))
    for fragment in feeds.fragments:
        found |= {html.unescape(a) for a in re.findall(r'(?:href|src|cite)="([^"]*)"', fragment)}
    return found


def addresses_in_json(value, key=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from addresses_in_json(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from addresses_in_json(inner, key)
    elif key.endswith("url") or key in {"image", "icon", "favicon", "about"}:
        yield value


def link_of(workspace, address):
    workspace.write("a.md", record(webUrl=f'"{address}"'))
    workspace.build()
    return parse_xml(workspace.destination.files["all/rss.xml"]).findtext("channel/item/link")


@pytest.mark.rule(81)
def test_every_address_is_absolute_and_ascii(feeds):
    found = addresses_of(feeds)
    assert len(found) > 50
    assert [address for address in found if not is_address(address)] == []


@pytest.mark.rule(81)
@pytest.mark.parametrize(
    ("written", "clean"),
    [
        (" https://www.example.com/a ", "https://www.example.com/a"),
        ("https://www.example.com/a b", "https://www.example.com/a%20b"),
        ("https://www.example.com/a’s®™", "https://www.example.com/a%E2%80%99s%C2%AE%E2%84%A2"),
        ("https://www.example.com/\\u2028\\u202fx", "https://www.example.com/%E2%80%A8%E2%80%AFx"),
        ("https://www.example.com/100%", "https://www.example.com/100%25"),
        ("https://www.example.com/%zz%20", "https://www.example.com/%25zz%20"),
        ("https://www.example.com/%2F%C3%BC", "https://www.example.com/%2F%C3%BC"),
        ("https://bücher.example.com/ü", "https://xn--bcher-kva.example.com/%C3%BC"),
        ("HTTPS://WWW.EXAMPLE.COM/A", "https://www.example.com/A"),
        ("https://www.example.com:443/a", "https://www.example.com/a"),
        ("https://www.example.com:8443/a", "https://www.example.com:8443/a"),
        ("https://www.example.com", "https://www.example.com/"),
        ("//www.example.com/a", "https://www.example.com/a"),
        ("/a", "https://feeds.example.org/a"),
        (
            "https://www.example.com/a?b=<c>&d=[e]|f",
            "https://www.example.com/a?b=%3Cc%3E&d=%5Be%5D%7Cf",
        ),
    ],
)
def test_link_is_repaired(workspace, written, clean):
    assert link_of(workspace, written) == clean


@pytest.mark.rule(81)
@pytest.mark.parametrize(
    "address", ["https://www.example.com/\\x01", "https://www.example.com:99999/"]
)
def test_record_whose_link_cannot_be_repaired_is_refused(workspace, address):
    workspace.write("a.md", record(webUrl=f'"{address}"'))
    assert [problem.code for problem in workspace.build().survey.errors] == ["bad-link"]


@pytest.mark.rule(81)
@pytest.mark.parametrize("address", ["https://", "https:///a"])
def test_link_without_a_host_is_refused(workspace, address):
    workspace.write("a.md", record(webUrl=f'"{address}"'))
    assert [problem.code for problem in workspace.build().survey.errors] == ["bad-link"]


REFUSED = [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "java\\tscript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "about:blank",
    "blob:x",
    "ftp://www.example.com/a",
    "https://user:secret@www.example.com/",
    "view-source:https://www.example.com/",
]


@pytest.mark.rule(82)
@pytest.mark.parametrize("address", REFUSED)
def test_record_with_a_link_of_another_scheme_is_refused(workspace, address):
    workspace.write("a.md", record(webUrl=f'"{address}"'))
    assert [problem.code for problem in workspace.build().survey.errors] == ["bad-link"]


FIELDS = [
    ({"originalUrl": '"{}"'}, {}),
    ({"images": '[{{url: "{}"}}]'}, {}),
    ({"related": '[{{title: x, webUrl: "{}"}}]'}, {}),
    ({"authors": '[{{name: Ann, url: "{}"}}]'}, {"authors": "[{name: Ann}]"}),
]


@pytest.mark.rule(82)
@pytest.mark.parametrize("address", REFUSED)
@pytest.mark.parametrize(("field", "without"), FIELDS, ids=["via", "image", "related", "author"])
def test_address_of_another_scheme_is_as_good_as_none(workspace, field, without, address):
    workspace.write("a.md", record(**without))
    workspace.build()
    clean = dict(workspace.destination.files)
    ((name, template),) = field.items()
    workspace.write("a.md", record(**{name: template.format(address)}))
    workspace.build()
    assert workspace.destination.files == clean


@pytest.mark.rule(82)
@pytest.mark.parametrize("scheme", [b"javascript:", b"data:", b"file:", b"vbscript:"])
def test_no_file_of_a_site_holds_a_scheme_that_acts(site, scheme):
    assert [path for path, data in site.files.items() if scheme in data.lower()] == []


@pytest.mark.rule(83)
def test_no_document_relies_on_xml_base(feeds):
    for path, root in feeds.xml.items():
        assert [e for e in root.iter() if f"{{{XML}}}base" in e.attrib] == [], path


@pytest.mark.rule(84)
def test_query_string_of_a_clean_address_is_passed_on_byte_for_byte(workspace):
    address = "https://www.example.com/a?sig=%7Eabc%41%2f%2B&x=a+b&&y=;z&utm_source=q#f"
    assert link_of(workspace, address) == address


@pytest.mark.rule(84)
def test_signature_of_a_picture_is_passed_on_byte_for_byte(workspace):
    address = "https://images.example.com/a.jpg?se=2026%2d01&sig=%2fAb%3d%3D"
    workspace.write("a.md", record(images=f'["{address}"]'))
    workspace.build()
    root = parse_xml(workspace.destination.files["all/rss.xml"])
    assert root.find(f".//{{{MEDIA}}}content").get("url") == address


@pytest.mark.rule(84)
def test_query_string_of_a_repaired_address_keeps_its_escapes(workspace):
    written = "https://www.example.com/a b?sig=%7Eabc%41%2f"
    assert link_of(workspace, written).partition("?")[2] == "sig=%7Eabc%41%2f"
