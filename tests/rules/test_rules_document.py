"""Feed rules §1: document and encoding."""

import json
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from feed_checks import ATOM, CONTENT, DC, MEDIA, namespace_faults, numeric_reference_faults
from lxml import etree
from support import CONFIG, NOW, PROJECT, record

from feedpub.build import build
from feedpub.configured import load_settings
from feedpub.destinations.directory import Directory
from feedpub.errors import ConfigError

DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
# XML 1.0 §2.2, and the C1 controls and U+FFFD that mean broken text.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")


def texts_of(feeds):
    return {path: data.decode() for path, data in feeds.files.items()}


@pytest.mark.rule(1)
def test_every_xml_document_begins_with_the_declaration(feeds):
    xml = {path: data for path, data in feeds.files.items() if path.endswith((".xml", ".opml"))}
    assert [path for path, data in xml.items() if not data.startswith(DECLARATION)] == []


@pytest.mark.rule(1)
def test_every_feed_is_well_formed_for_lxml_and_expat(feeds):
    assert {etree.QName(root).localname for root in feeds.xml.values()} == {"rss", "feed"}


@pytest.mark.rule(1)
def test_text_beyond_ascii_is_written_as_utf_8(site):
    assert "👩‍👩‍👧 reads 📚 in 🇩🇪 — ﷽".encode() in site.files["all/rss.xml"]


@pytest.mark.rule(2)
def test_no_document_holds_a_character_xml_forbids(feeds):
    assert {
        p: FORBIDDEN.findall(t) for p, t in texts_of(feeds).items() if FORBIDDEN.search(t)
    } == {}


@pytest.mark.rule(2)
def test_title_loses_its_forbidden_characters_only(site):
    assert site.item("bells/bells").findtext("title") == "Bell and and and and end"


@pytest.mark.rule(2)
@pytest.mark.parametrize(
    "character", ["\x00", "\x1f", "\x7f", "\x9f", "\ud800", "\ufffe", "\uffff"]
)
@pytest.mark.parametrize("field", ["title", "excerpt", "body", "url", "id"])
def test_record_with_a_forbidden_character_costs_no_other_its_place(workspace, field, character):
    bad = {
        "title": "Bad one",
        "date": "2026-01-01T00:00:00Z",
        "url": "https://www.example.com/bad",
        "id": "bad",
    }
    workspace.write("good.md", record(title='"Good one"'))
    workspace.write("bad.json", json.dumps(bad | {field: f"https://www.example.com/x{character}y"}))
    workspace.build()
    assert "Good one" in workspace.text("all/rss.xml")


@pytest.mark.rule(2)
@pytest.mark.parametrize("name", ["bad.html", "bad.md"])
@pytest.mark.parametrize("reference", ["&#1;", "&#x1F;", "&#xFFFE;", "&#xFFFF;"])
def test_reference_to_a_forbidden_character_in_a_body_does_not_lose_the_feed(
    workspace, name, reference
):
    workspace.write(name, record(body=f"<p>before{reference}after</p>\n"))
    workspace.build()
    assert "beforeafter" in workspace.text("all/rss.xml")


@pytest.mark.rule(2)
def test_reference_to_a_c1_control_in_a_body_leaves_no_control(workspace):
    workspace.write("a.html", record(body="<p>before&#x81;after</p>"))
    workspace.build()
    assert not FORBIDDEN.search(workspace.text("all/rss.xml"))


@pytest.mark.rule(2)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: Example Every Day", r'title: "Example \x01 Day"'),
        ("description: What the world writes", r'description: "What \uFFFE writes"'),
        ("language: en", 'language: en\n  rights: "\\x02"'),
        ("language: en", 'language: en\n  author: {name: "\\x03"}'),
        ("sources:", 'named: {hot: {min_heat: 1, title: "Hot \\x04"}}\nsources:'),
        ("sources:", 'topics: [{name: Libraries, description: "\\x05"}]\nsources:'),
        ("sources:", 'providers: [{domain: example.com, name: "\\x06"}]\nsources:'),
    ],
)
def test_forbidden_character_in_the_configuration_is_dropped_or_refused(workspace, before, after):
    workspace.configure(CONFIG.replace(before, after))
    workspace.write("a.md", record())
    try:
        workspace.build()
    except ConfigError:
        return
    assert not FORBIDDEN.search(workspace.text("all/rss.xml"))


@pytest.mark.rule(2)
@pytest.mark.parametrize("domain", ["rss.xml", "atom.xml", "feed.json"])
def test_provider_named_like_a_feed_file_does_not_lose_the_site(workspace, domain):
    for number in range(5):
        address = f'"https://www.example.com/{number}"'
        provider = f"{{name: X, domain: {domain}}}"
        workspace.write(f"{number}.md", record(webUrl=address, provider=provider))
    workspace.build()
    files = set(workspace.destination.files)
    folders = {
        "/".join(path.split("/")[:n]) for path in files for n in range(1, path.count("/") + 1)
    }
    assert files & folders == set()


@pytest.mark.rule(2)
@pytest.mark.parametrize("name", ["feeds.json", "feeds.opml"])
def test_named_feed_cannot_take_the_place_of_a_file_at_the_root(workspace, name):
    workspace.configure(f"{CONFIG}named: {{{name}: {{min_heat: 1}}}}\n")
    with pytest.raises(ConfigError):
        workspace.build()


@pytest.mark.rule(3)
def test_no_document_type_is_declared(feeds):
    assert [path for path in feeds.xml if b"<!DOCTYPE" in feeds.files[path]] == []


@pytest.mark.rule(3)
def test_only_the_five_entities_of_xml_are_used(feeds):
    for path in feeds.xml:
        found = re.findall(rb"&([A-Za-z][A-Za-z0-9]*);", feeds.files[path])
        assert set(found) <= {b"amp", b"lt", b"gt", b"quot", b"apos"}, path


@pytest.mark.rule(5)
def test_addresses_and_attributes_hold_no_numeric_references(feeds):
    found = {path: numeric_reference_faults(feeds.files[path]) for path in feeds.xml}
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.rule(5)
def test_ampersand_of_an_address_is_written_as_amp(site):
    data = site.files["all/rss.xml"]
    assert b"<link>https://www.example.com/news/a%20b%E2%80%99s?id=1&amp;lang=en</link>" in data


@pytest.mark.rule(5)
def test_quotes_in_attributes_are_written_as_quot(site):
    data = site.files["all/atom.xml"]
    assert "“drills” &quot;and&quot; 👩‍🔧".encode() in data


@pytest.mark.rule(6)
def test_namespaces_are_declared_on_the_root_with_their_usual_prefixes(feeds):
    found = {path: namespace_faults(root) for path, root in feeds.xml.items()}
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.rule(6)
def test_rss_names_its_namespaces_as_every_reader_knows_them(site):
    assert site.rss["all/rss.xml"].nsmap == {
        "atom": ATOM,
        "content": CONTENT,
        "dc": DC,
        "media": MEDIA,
    }


@pytest.mark.rule(6)
def test_media_namespace_is_declared_only_where_there_are_pictures(site):
    assert "media" not in site.rss["nothing/rss.xml"].nsmap


@pytest.mark.rule(7)
def test_atom_is_the_default_namespace_of_atom_feeds(feeds):
    assert {root.nsmap.get(None) for root in feeds.atom.values()} == {ATOM}
    assert [path for path, root in feeds.atom.items() if "atom" in root.nsmap] == []


@pytest.mark.rule(7)
def test_no_element_is_of_a_namespace_validators_do_not_know(feeds):
    known = {None, ATOM, CONTENT, DC, MEDIA}
    found = {
        etree.QName(e).namespace for root in feeds.xml.values() for e in root.iter(etree.Element)
    }
    assert found <= known


@pytest.mark.rule(8)
def test_root_begins_within_the_first_512_bytes(feeds):
    for path in feeds.xml:
        root = b"<rss" if path.endswith("rss.xml") else b"<feed"
        assert 0 <= feeds.files[path].find(root) < 512, path


@pytest.mark.rule(9)
def test_time_of_the_run_leaves_no_trace(workspace):
    workspace.write("a.md", record())
    workspace.build(now=NOW)
    first = dict(workspace.destination.files)
    workspace.destination.files.clear()
    workspace.build(now=NOW + timedelta(days=40, hours=5))
    assert workspace.destination.files == first


@pytest.mark.rule(9)
def test_every_document_ends_its_lines_with_a_line_feed_alone(feeds):
    assert [path for path, data in feeds.files.items() if b"\r" in data] == []


@pytest.mark.rule(9)
def test_second_run_over_the_first_changes_no_byte(workspace):
    workspace.write("a.md", record())
    workspace.build()
    report = workspace.build(now=NOW + timedelta(days=1))
    assert report.outcome.written == ()


_BUILD_TWICE = """
import hashlib, sys
sys.path.insert(0, "tests")
from importlib import util
from pathlib import Path
spec = util.spec_from_file_location("awkward", "tests/rules/conftest.py")
awkward = util.module_from_spec(spec)
sys.modules["awkward"] = awkward
spec.loader.exec_module(awkward)
files = awkward.build_awkward(Path(sys.argv[1])).files
for path in sorted(files):
    print(path, hashlib.sha256(files[path]).hexdigest())
"""


@pytest.mark.rule(9)
def test_bytes_do_not_depend_on_hash_seed_time_zone_or_locale(tmp_path):
    machines = [
        {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"},
        {
            "PYTHONHASHSEED": "2",
            "TZ": "America/St_Johns",
            "LANGUAGE": "de",
            "LC_ALL": "de_DE.UTF-8",
        },
    ]
    outputs = set()
    for number, machine in enumerate(machines):
        folder = tmp_path / str(number)
        folder.mkdir()
        result = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", _BUILD_TWICE, str(folder)],
            cwd=PROJECT,
            env=machine,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(result.stdout)
    assert len(outputs) == 1


def built_into(folder, workspace, now=NOW):
    settings = load_settings(workspace.folder / "config.yaml", "config.yaml")
    return build(settings, Directory(folder, "feeds"), now=now)


@pytest.mark.rule(10)
def test_file_whose_bytes_stay_is_not_touched(workspace, tmp_path):
    workspace.write("a.md", record())
    built_into(tmp_path / "feeds", workspace)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "feeds").rglob("*") if p.is_file()}
    built_into(tmp_path / "feeds", workspace, NOW + timedelta(days=2))
    assert {p: p.stat().st_mtime_ns for p in before} == before


@pytest.mark.rule(10)
def test_changed_file_is_replaced_whole_by_another_file(workspace, tmp_path):
    workspace.write("a.md", record())
    built_into(tmp_path / "feeds", workspace)
    feed = tmp_path / "feeds" / "all" / "rss.xml"
    with feed.open("rb") as reader:
        half = reader.read(100)
        workspace.write("a.md", record(title='"Another title"'))
        built_into(tmp_path / "feeds", workspace)
        old = half + reader.read()
    assert (b"City libraries" in old, b"Another title" in feed.read_bytes()) == (True, True)


@pytest.mark.rule(10)
def test_no_temporary_file_stays_behind(workspace, tmp_path):
    workspace.write("a.md", record())
    built_into(tmp_path / "feeds", workspace)
    assert list((tmp_path / "feeds").rglob("*.tmp")) == []
