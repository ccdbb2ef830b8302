"""Hostile records: one bad record costs one record, and no markup of a record is ever live."""

import json
import os
import random
import re
import socket
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.parsers import expat

import pytest
from active_content import ILLEGAL, MARKUP, UNPRINTABLE, activity
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from support import CONFIG, Workspace, call_feedpub, record, run_feedpub

from feedpub.build import Report

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"

HTML_FIELDS = ("description", f"{CONTENT}encoded", f"{ATOM}content")


def faults(files: dict[str, bytes]) -> list[str]:
    """Return all that a published folder must never hold."""
    found = []
    for path, data in files.items():
        parts = path.split("/")
        if path.startswith("/") or any(part in {"", ".", ".."} or "\0" in part for part in parts):
            found.append(f"unsafe path {path!r}")
        if any(len(part.encode()) > 255 for part in parts):
            found.append(f"too long a name {path!r}")
        check = {"xml": _xml_faults, "opml": _xml_faults, "json": _json_faults,
                 "html": _page_faults}.get(path.rpartition(".")[2])  # fmt: skip
        if check:
            found += [f"{path}: {fault}" for fault in check(data)]
    return found


def _xml_faults(data: bytes) -> list[str]:
    reader = expat.ParserCreate()
    reader.Parse(data, True)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(data, parser)
    found = ["a document type"] if root.getroottree().docinfo.doctype else []
    for element in root.iter():
        if not isinstance(element.tag, str):
            found.append(f"an instruction or comment {element}")
            continue
        text = element.text or ""
        found += [f"{element.tag}: {fault}" for fault in activity(text)]
        for name, value in element.attrib.items():
            if name in {"href", "url", "xmlUrl", "htmlUrl", "scheme"}:
                found += _address_faults(value)
        if element.tag in {"link", f"{ATOM}uri"} and text:
            found += _address_faults(text)
        named = element.tag in {"title", f"{ATOM}title", "category", f"{ATOM}name"}
        if named and not text.strip(" \u200c\u200d"):
            found.append(f"{element.tag} is blank")
        # Joiners belong into some words.
        if element.tag.endswith("title") and UNPRINTABLE.search(re.sub("[\u200c\u200d]", "", text)):
            found.append(f"{element.tag}: {text!r}")
    for ids in (root.xpath("//item/guid/text()"), [e.text for e in root.iter(f"{ATOM}id")]):
        found += [f"id {value} twice" for value, count in Counter(ids).items() if count > 1]
    return found


def _address_faults(value: str) -> list[str]:
    right = re.fullmatch(r"https?://[a-z0-9.\[\]:_-]+/[!-~]*", value, re.ASCII)
    return [] if right and not re.search(r"[<>\"\\^`{|}\s]", value) else [f"address {value!r}"]


def _json_faults(data: bytes) -> list[str]:
    text = data.decode("utf-8")
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    found = [f"illegal {match!r}" for match in ILLEGAL.findall(text)]
    for item in document.get("items", []):
        found += activity(item["content_html"])
        plain = (item["title"], item.get("summary", ""), *item.get("tags", ()))
        found += [fault for text in plain for fault in activity(text)]
        related = item.get("_feedpub", {}).get("related", [])
        addresses = [link["url"] for link in related]
        addresses += [item[key] for key in ("url", "external_url", "image") if key in item]
        addresses += [attachment["url"] for attachment in item.get("attachments", [])]
        found += [fault for address in addresses for fault in _address_faults(address)]
    ids = Counter(item["id"] for item in document.get("items", []))
    return found + [f"id {value} twice" for value, count in ids.items() if count > 1]


def _page_faults(data: bytes) -> list[str]:
    text = data.decode("utf-8")
    own = frozenset({"html", "head", "body", "link", "meta", "input"})
    # Its own script and the charts of the index, exactly as they stand in the templates.
    rest = re.sub(r'<script src="(\.\./)*(pages|embed-frame)\.js" defer></script>', "", text)
    rest = re.sub(r'<svg class="spark" [^<>]*><path d="[M0-9 v-]*"/></svg>', "", rest)
    found = activity(rest, own)
    return found + [f"illegal {match!r}" for match in ILLEGAL.findall(text)]


def published(workspace: Workspace) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(workspace.text("all/feed.json"))["items"]
    return items


def titles(workspace: Workspace) -> list[str]:
    return [item["title"] for item in published(workspace)]


def refused(report: Report) -> Counter[str]:
    return Counter(problem.source for problem in report.survey.errors)


def address(name: str) -> str:
    return f'"https://www.example.com/{name}"'


def as_json(**fields: Any) -> str:
    """Return a JSON record; a lone surrogate stays an escape."""
    defaults = {"title": "T", "webUrl": "https://www.example.com/x", "date": "2026-01-01"}
    return json.dumps(defaults | fields)


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        "<p onclick=x>",
        '<a href="javascript:x">',
        '<a href=" java\nscript:x">',
        "<a href=jav&#x09;ascript:x>",
        "<svg/onload=x>",
        '<img src="data:image/svg+xml,x">',
        "<b style=x>",
        "text <img src=x onerror=y",
    ],
)
def test_the_check_itself_finds_what_is_active(text):
    assert activity(text)


@pytest.mark.parametrize("text", ["<MSFT.O> & <b>x</b>", '<a href="https://a.example/">', "1 < 2"])
def test_the_check_itself_leaves_alone_what_is_not(text):
    assert activity(text) == []


# Texts


@pytest.mark.parametrize("markup", MARKUP)
@pytest.mark.parametrize(
    "field", ["title", "excerpt", "topic", "provider", "author", "related", "picture"]
)
def test_markup_in_a_text_is_never_live(workspace, field, markup):
    text = f"Before {markup} after"
    values = {
        "title": {"title": text},
        "excerpt": {"excerpt": text},
        "topic": {"topics": [text]},
        "provider": {"provider": {"name": text, "domain": "example.com"}},
        "author": {"authors": [{"name": text, "url": text}]},
        "related": {"related": [{"title": text, "webUrl": "https://r.example.org/"}]},
        "picture": {"images": [{"url": "https://i.example.com/a.jpg", "title": text}]},
    }
    workspace.write("a.json", as_json(**values[field]))
    workspace.build()
    assert (len(published(workspace)), faults(workspace.destination.files)) == (1, [])


@pytest.mark.parametrize("markup", MARKUP)
@pytest.mark.parametrize("name", ["a.md", "a.html"])
def test_markup_in_a_body_is_never_live(workspace, name, markup):
    links = '<a href="javascript:x">a</a> [b](javascript:x) ![c](data:x) <javascript:x>'
    workspace.write(name, record(body=f"Before {markup} after\n\n{links}\n"))
    workspace.build()
    assert (len(published(workspace)), faults(workspace.destination.files)) == (1, [])


@pytest.mark.parametrize(
    "title",
    [
        "x <script\u00ad>alert(1)</script\u00ad>",
        "x <script\u200b>alert(1)</script\u200b>",
        "x <svg\u00ad\u00a0onload=alert(1)>",
    ],
)
def test_invisible_characters_do_not_hide_markup_in_a_title(workspace, title):
    workspace.write("a.json", as_json(title=title))
    workspace.build()
    assert [fault for text in titles(workspace) for fault in activity(text)] == []


@pytest.mark.parametrize("field", ["title", "excerpt", "body"])
@pytest.mark.parametrize(
    "character",
    ["\0", "\x01", "\x08", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x9b", "\ud800", "\ufffe",
     chr(0xDFFF), "\uffff", "\ufdd0", "\U0001fffe", "\u202e", "\u2066", "\u2028", "\u200b",
     "&#0;", "&#xd800;"],
)  # fmt: skip
def test_a_forbidden_character_costs_a_text_no_more_than_itself(workspace, field, character):
    workspace.write("a.json", as_json(**{"title": "T", field: f"be{character}fore"}))
    workspace.build()
    assert (len(published(workspace)), faults(workspace.destination.files)) == (1, [])


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\ud800b", "ab"),
        ("a\ud83d\ude00b", "a😀b"),
        ("a\0b", "ab"),
        ("a\u202eb", "ab"),
        ("a\r\n\tb", "a b"),
        ("]]>", "]]>"),
        ("x" * 300, "x" * 300),
        ("👩‍👩‍👧‍👦🏳️‍🌈", "👩‍👩‍👧‍👦🏳️‍🌈"),
        ("<MSFT.O> & 'x'", "<MSFT.O> & 'x'"),
    ],
    ids=ascii,
)
def test_a_title_loses_only_what_no_reader_may_see(workspace, written, shown):
    workspace.write("a.json", as_json(title=written))
    workspace.build()
    assert titles(workspace) == [shown]


@pytest.mark.parametrize(
    "title",
    ["\0", "\u200b\ud800", "   ", "<b></b>", "\u202e", "&#8203;", "\u200c", "\u200d \ufe0f"],
    ids=ascii,
)
def test_a_title_of_which_nothing_is_left_is_no_title(workspace, title):
    workspace.write("a.json", as_json(title=title))
    assert [problem.code for problem in workspace.build().survey.errors] == ["no-title"]


def test_a_very_long_title_is_cut_at_a_thousand_characters(workspace):
    workspace.write("a.json", as_json(title="word " * 1000))
    workspace.build()
    assert [len(title) <= 1000 and title.endswith("…") for title in titles(workspace)] == [True]


# Addresses

BAD_ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "ftp://example.org/x",
    "mailto:a@example.org",
    "http:",
    "http://",
    "https://user:pass@example.org/",
    "https://[::1",
    "https://example.org:99999/",
    "https://example.org/a\0b",
    "https://example.org/\ud800",
    "https://example.org/" + "a" * 3000,
    "https://" + "a" * 64 + ".example/",
]


@pytest.mark.parametrize("bad", BAD_ADDRESSES, ids=lambda url: ascii(url[:40]))
def test_a_record_with_such_a_link_is_refused(workspace, bad):
    workspace.write("a.json", as_json(webUrl=bad))
    assert [problem.code for problem in workspace.build().survey.errors] == ["bad-link"]


@pytest.mark.parametrize("bad", BAD_ADDRESSES, ids=lambda url: ascii(url[:40]))
def test_such_an_address_beside_the_link_is_left_out(workspace, bad):
    workspace.write(
        "a.json",
        as_json(
            originalUrl=bad,
            images=[{"url": bad}, bad],
            related=[{"title": "R", "webUrl": bad}],
            provider={"name": "N", "domain": bad, "images": [{"url": bad}]},
            authors=[{"name": "A", "url": bad}],
        ),
    )
    workspace.build()
    assert faults(workspace.destination.files) == []
    (item,) = published(workspace)
    assert not {"external_url", "image", "attachments"} & set(item)
    assert "related" not in item["_feedpub"]


# Topics, providers and files

TRAVERSALS = [
    "../../etc/passwd",
    "..",
    ".",
    "/etc/passwd",
    "..\\..\\x",
    "..%2f..%2fx",
    "a/b",
    "a\\b",
    ".htaccess",
    ".feedpub",
    "~",
    "-rf",
    "index.html",
    "CON",
    "nul",
    "a\0b",
    "a\nb",
    "\uff0e\uff0e\uff0fx",
    "x" * 300,
    "ü" * 300,
    "$(id)`id`;id|*?",
    "all",
    "topics",
]


@pytest.mark.parametrize("name", TRAVERSALS, ids=lambda name: ascii(name[:30]))
def test_no_name_of_a_topic_leads_out_of_the_output(tmp_path, name):
    workspace = Workspace(tmp_path)
    workspace.write("a.json", as_json(topics=[name, f"{name} {name}"]))
    before = set(tmp_path.rglob("*"))
    call_feedpub("build", cwd=tmp_path)
    state = tmp_path / ".feedpub"
    new = {path for path in tmp_path.rglob("*") if not path.is_relative_to(state)} - before
    feeds = tmp_path / "feeds"
    assert {path for path in new if path != feeds and not path.is_relative_to(feeds)} == set()
    assert {path.name for path in feeds.iterdir()} <= {
        ".feedpub", "all", "topics", "providers", "index.html", "feeds.opml", "feeds.json",
        "feed.css", "pages.css", "pages.js", "embed.css", "embed.js",
        "embed-frame.js", "embed.html", "feeds.schema.json",
    }  # fmt: skip


@pytest.mark.parametrize("name", TRAVERSALS, ids=lambda name: ascii(name[:30]))
def test_no_domain_of_a_provider_leads_out_of_the_output(workspace, name):
    workspace.write("a.json", as_json(provider={"name": name, "domain": name}))
    workspace.build()
    paths = workspace.destination.files
    assert {path.partition("/")[0] for path in paths if "/" in path} <= {"all", "providers"}
    folders = {path.split("/")[1] for path in paths if path.startswith("providers/")}
    assert [folder for folder in folders if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", folder)] == []


@pytest.mark.parametrize("name", ["slug", "_id", "permalink", "layout", "path", "prefix"])
def test_no_field_of_a_record_names_a_file_of_the_output(workspace, name):
    workspace.write("a.json", as_json(**{name: "../../../evil"}))
    workspace.build()
    assert [path for path in workspace.destination.files if "evil" in path] == []


@pytest.mark.parametrize("slug", ["../../evil", "/evil", "a/evil", "..", ".evil", "evil\\x"])
def test_no_slug_of_the_metadata_leads_out_of_the_output(workspace, slug):
    workspace.configure(CONFIG + "topics: meta/\n")
    meta = workspace.folder / "meta"
    meta.mkdir()
    meta.joinpath("a.json").write_text(json.dumps({"name": "Libraries", "_id": slug}), "utf-8")
    workspace.write("a.md", record())
    workspace.build()
    assert "topics/libraries/rss.xml" in workspace.destination.files
    assert [path for path in workspace.destination.files if "evil" in path] == []


def test_five_thousand_topics_make_twenty_feeds(workspace):
    workspace.write("a.md", record(topics=f"[{', '.join(f't{n}' for n in range(5000))}]"))
    report = workspace.build()
    assert sum(group.kind == "topic" for group in report.groups) == 20
    assert [problem.code for problem in report.survey.problems] == ["too-many-topics"]


def test_names_that_look_alike_do_not_share_a_feed(workspace):
    names = ["C", "C++", "C#", "c#", "Ц", "С", "Ai", "AI", "Aİ", "a.i", "a-i", "a i", "a/i"]
    for number, name in enumerate(names):
        workspace.write(
            f"{number}.json", as_json(topics=[name], webUrl=f"https://x.example/{number}")
        )
    groups = [group for group in workspace.build().groups if group.kind == "topic"]
    assert len({group.path.casefold() for group in groups}) == len(groups)


# Shapes

BAD_VALUES = {
    "null": None,
    "number": 5,
    "negative": -5,
    "huge": 10**400,
    "fraction": 3.5,
    "true": True,
    "false": False,
    "empty": "",
    "blank": "  ",
    "word": "x",
    "list": ["x", 5, None, ["y"], {"a": 1}],
    "empty-list": [],
    "nested-list": [[["x"]]],
    "list-of-null": [None],
    "mapping": {"a": 1},
    "empty-mapping": {},
    "list-of-mappings": [{}, {"name": []}, {"url": {}}, {"title": [], "webUrl": {}}],
    "name": {"name": ["x"], "domain": {"a": 1}, "images": 5, "authors": {"name": 5}},
}
FIELDS = """title excerpt publishedDateTime updatedDateTime webUrl originalUrl type locale provider
    authors topics tags categories images related quality heat published draft removed deleted id
    body content slug path secured actions extra""".split()


@pytest.mark.parametrize("field", FIELDS)
def test_a_value_of_any_kind_costs_its_record_at_most(workspace, field):
    for name, value in BAD_VALUES.items():
        link = {"webUrl": f"https://x.example/{name}"}
        workspace.write(f"{name}.json", as_json(**(link | {field: value})))
    workspace.write("good.md", record(title="GOOD"))
    report = workspace.build()
    assert "GOOD" in titles(workspace)
    assert max(refused(report).values(), default=1) == 1
    assert faults(workspace.destination.files) == []


@pytest.mark.parametrize("value", ["list", "mapping", "nested-list"])
@pytest.mark.parametrize("field", ["title", "excerpt", "publishedDateTime", "webUrl"])
def test_a_list_where_a_text_belongs_is_refused(workspace, field, value):
    workspace.write("a.json", as_json(**{field: BAD_VALUES[value]}))
    assert refused(workspace.build()) == {"articles/a.json": 1}


@pytest.mark.parametrize("kind", ["{}", "5", '"x"', "null", "true", "[]", "[[]]", "[5, {}]", ""])
@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.jsonl"])
def test_a_file_that_holds_no_record_is_no_bug(workspace, name, kind):
    workspace.write(name, kind)
    workspace.write("good.md", record(title="GOOD"))
    workspace.build()
    assert titles(workspace) == ["GOOD"]


# Whole files

ALIASES = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
MERGES = "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 10)}]}}\n" for n in range(1, 9))
UNREADABLE = {
    "alias-bomb.md": record().replace("---\n", f"---\na0: &a0 [lol]\n{ALIASES}", 1),
    "merge-bomb.md": record().replace("---\n", f"---\nm0: &m0 {{k: v}}\n{MERGES}", 1),
    "recursive.md": record(extra="&x [*x]"),
    "tag.md": record(extra="!!python/object/apply:os.system ['touch PWNED']"),
    "deep-list.md": record(extra="[" * 60_000 + "]" * 60_000),
    "deep-open.md": record(extra="[" * 60_000),
    "deep-block.md": record(extra="\n  " + "- " * 60_000 + "x"),
    "deep-keys.md": record(extra="\n  " + "? " * 60_000 + "x"),
    "deep-mapping.md": record(extra="{a: " * 30_000 + "1" + "}" * 30_000),
    "seventeen-deep.md": record(extra="[" * 17 + "]" * 17),
    "many-keys.md": "---\n" + "".join(f"k{n}:\n" for n in range(21_000)) + record()[4:],
    "deep.json": '{"title": ' + "[" * 200_000 + "]" * 200_000 + "}",
    "deep-open.json": "[" * 200_000,
    "deep-object.json": '{"a":' * 100_000,
    "long-number.json": '{"title": [' + "9" * 5_000 + "]}",
    "duplicate-key.md": record().replace("---\n", "---\ntitle: other\n", 1),
    "duplicate-key.json": '{"title": "a", "title": "b"}',
    "no-end.md": record()[:-4],
    "no-front-matter.md": "# Hello\n",
    "empty.md": "",
    "only-dashes.md": "---\n" * 40_000,
    "dashes-and-blanks.md": "---" + "\n" * 200_000,
    "toml.md": '+++\ntitle = "x"\n+++\n',
    "list.md": "---\n- a\n---\n",
    "scalar.md": "---\nhello\n---\n",
    "binary-key.md": "---\n? [a]\n: b\n---\n",
    "nul.md": "\0" * 5_000,
    "huge-body.md": record(body="word " * 300_000),
    "huge-front-matter.md": record(extra='"' + "x" * 300_000 + '"'),
    "no-title.md": record(title=None),
    "no-date.md": record(publishedDateTime=None),
    "no-link.md": record(webUrl=None),
    "bad-date.md": record(publishedDateTime="2024-13-45"),
    "endless-date.md": record(publishedDateTime='"' + "9" * 5_000 + '"'),
    "year-one.md": record(publishedDateTime="0001-01-01T00:00:00+14:00"),
    "template.json": "---\nlayout: x\n---\n{% for x in y %}",
    "broken.json": '{"title": "x",}',
    "broken.yaml": "title: [x",
}  # fmt: skip
ENCODED = {
    "utf-16.md": record().encode("utf-16"),
    "utf-16-le.md": record().encode("utf-16-le"),
    "latin-1.md": record(title="Café").encode("latin-1"),
    "shift-jis.md": record(title="日本").encode("shift_jis"),
    "overlong.md": record().encode().replace(b"City", b"\xc0\xaf"),
    "half-surrogates.md": record().encode().replace(b"City", b"\xed\xa0\xbd\xed\xb8\x80"),
    "cut.md": record().encode().replace(b"City", b"\xe2\x82"),
    "picture.md": b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(3_000),
}  # fmt: skip


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every unreadable file beside one good record, in one run of a real process."""
    folder = tmp_path_factory.mktemp("crowd")
    workspace = Workspace(folder)
    workspace.write("good.md", record(title="GOOD"))
    for name, text in UNREADABLE.items():
        workspace.write(name, text)
    for name, data in ENCODED.items():
        (folder / "articles" / name).write_bytes(data)
    built = run_feedpub("build", cwd=folder)
    checked = run_feedpub("check", cwd=folder)
    found = run_feedpub("check", "--format", "json", cwd=folder)
    return {
        "folder": folder,
        "built": built,
        "checked": checked,
        "report": json.loads(found.stdout),
    }


def test_a_run_over_unreadable_files_ends_with_code_3(crowd):
    assert (crowd["built"].returncode, crowd["checked"].returncode) == (3, 3)


def test_a_run_over_unreadable_files_publishes_the_good_record(crowd):
    items = json.loads((crowd["folder"] / "feeds/all/feed.json").read_bytes())["items"]
    assert [item["title"] for item in items] == ["GOOD"]


def test_a_run_over_unreadable_files_shows_no_traceback(crowd):
    said = crowd["built"].stderr + crowd["checked"].stderr + crowd["checked"].stdout
    assert [word for word in ("Traceback", "internal error", 'File "') if word in said] == []


def test_every_unreadable_file_is_named_once_by_the_check(crowd):
    errors = [line for line in crowd["checked"].stdout.splitlines() if line.startswith("error: ")]
    names = (re.match(r"error: articles/([\w.-]+\.\w+)", line) for line in errors)
    assert sorted(match[1] for match in names if match) == sorted(UNREADABLE | ENCODED)


def test_every_unreadable_file_is_reported_once_to_programs(crowd):
    errors = [f for f in crowd["report"]["findings"] if f["severity"] == "error"]
    assert sorted(error["source"].removeprefix("articles/") for error in errors) == sorted(
        UNREADABLE | ENCODED
    )


def test_every_message_stands_on_one_short_line(crowd):
    lines = (crowd["built"].stderr + crowd["checked"].stdout).splitlines()
    assert [line[:80] for line in lines if len(line) > 400 or UNPRINTABLE.search(line)] == []


def test_the_build_names_ten_and_counts_the_rest(crowd):
    lines = crowd["built"].stderr.splitlines()
    rest = len(UNREADABLE) + len(ENCODED) - 10
    assert sum(line.startswith("error: ") for line in lines) == 10
    assert f"and {rest} more" in lines[-1]


def test_nothing_a_record_says_is_run(crowd):
    assert not list(crowd["folder"].rglob("PWNED"))


def test_a_large_body_within_the_limit_is_published(workspace):
    workspace.write("a.md", record(body="word " * 190_000))
    workspace.build()
    assert faults(workspace.destination.files) == []
    assert len(published(workspace)[0]["content_html"]) > 900_000


def test_a_body_of_fifty_thousand_tags_is_published(workspace):
    body = "<p>" * 10_000 + "<b><i>" * 10_000 + "<a href='x' " + "a='b' " * 20_000 + ">x"
    workspace.write("a.html", record(body=body))
    workspace.build()
    assert (len(published(workspace)), faults(workspace.destination.files)) == (1, [])


@pytest.mark.parametrize("entries", [[3], [None], ["x"], [[]]], ids=json.dumps)
def test_an_item_of_a_list_that_is_no_record_costs_no_other_one(workspace, entries):
    good = json.loads(as_json(title="GOOD"))
    workspace.write("a.json", json.dumps([*entries, good]))
    workspace.build()
    assert titles(workspace) == ["GOOD"]


@pytest.mark.parametrize("entries", [[3], [None], ["x"], [[]]], ids=json.dumps)
def test_an_item_of_a_page_that_is_no_record_costs_no_other_one(workspace, entries):
    good = json.loads(as_json(title="GOOD"))
    workspace.write("a.json", json.dumps({"value": [*entries, good]}))
    workspace.build()
    assert titles(workspace) == ["GOOD"]


GOOD_YAML = "title: GOOD\nwebUrl: https://www.example.com/good\ndate: 2026-01-01\n"
GOOD_ITEM = "- title: GOOD\n  webUrl: https://www.example.com/good\n  date: 2026-01-01\n"


def test_a_line_of_json_lines_that_is_broken_costs_no_other_one(workspace):
    workspace.write("a.jsonl", f'{{"title": "x", "title": "y"}}\n{as_json(title="GOOD")}\n[\n')
    assert (refused(workspace.build()), titles(workspace)) == ({"articles/a.jsonl": 2}, ["GOOD"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("documents.yaml", f"{GOOD_YAML}---\ntitle: a\ntitle: b\n"),
        ("documents.yaml", f"{GOOD_YAML}---\ntitle: *alias\n"),
        ("documents.yaml", f"{GOOD_YAML}---\ntitle: !tag x\n"),
        ("list.yaml", f"{GOOD_ITEM}- title: a\n  title: b\n"),
        ("list.yaml", f"{GOOD_ITEM}- title: *alias\n"),
        ("list.json", f'[{as_json(title="GOOD")}, {{"title": "a", "title": "b"}}]'),
        ("list.json", f'[{as_json(title="GOOD")}, {{"title": {"[" * 20}{"]" * 20}}}]'),
        ("page.json", f'{{"value": [{as_json(title="GOOD")}, {{"title": "a", "title": "b"}}]}}'),
    ],
)  # fmt: skip
def test_a_record_refused_in_a_file_of_several_costs_no_other_one(workspace, name, text):
    workspace.write(name, text)
    workspace.build()
    assert titles(workspace) == ["GOOD"]


# What is no file


@pytest.fixture
def odd_files(tmp_path: Path) -> Path:
    """A source with one good record and one of everything that is not a file."""
    workspace = Workspace(tmp_path)
    workspace.write("good.md", record(title="GOOD"))
    articles = tmp_path / "articles"
    outside = tmp_path / "outside"
    outside.mkdir()
    outside.joinpath("o.md").write_text(record(title="OUTSIDE"), "utf-8")
    os.mkfifo(articles / "fifo.md")
    (articles / "folder.md").mkdir()
    (articles / "link.md").symlink_to(outside / "o.md")
    (articles / "passwd.md").symlink_to("/etc/passwd")
    (articles / "zero.md").symlink_to("/dev/zero")
    (articles / "dangling.md").symlink_to("nowhere.md")
    (articles / "circle.md").symlink_to("circle.md")
    (articles / "linked-folder").symlink_to(outside)
    (articles / "loop").symlink_to(".")
    here = Path.cwd()
    os.chdir(articles)  # the address of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.md")
    os.chdir(here)
    return tmp_path


def test_what_is_no_file_stops_no_run(odd_files):
    assert run_feedpub("build", cwd=odd_files).returncode == 3


def test_what_is_no_file_is_named_once(odd_files):
    said = run_feedpub("check", cwd=odd_files).stdout
    names = re.findall(r"^error: articles/([\w-]+)\.md", said, re.MULTILINE)
    assert sorted(names) == ["circle", "dangling", "fifo", "link", "passwd", "socket", "zero"]


def test_nothing_outside_the_source_is_published(odd_files):
    run_feedpub("build", cwd=odd_files)
    files = [path for path in (odd_files / "feeds").rglob("*") if path.is_file()]
    assert [path for path in files if b"OUTSIDE" in path.read_bytes()] == []


def test_the_output_holds_regular_files_and_folders_alone(odd_files):
    run_feedpub("build", cwd=odd_files)
    kinds = {stat.S_IFMT(path.lstat().st_mode) for path in (odd_files / "feeds").rglob("*")}
    assert kinds == {stat.S_IFREG, stat.S_IFDIR}


def test_a_glob_follows_no_linked_folder(odd_files):
    config = odd_files / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("articles/", '"articles/*/*.md"'), "utf-8")
    found = run_feedpub("list", "feeds", "--format", "json", cwd=odd_files)
    assert json.loads(found.stdout)[0]["articles"] == 0


@pytest.mark.parametrize(
    "name",
    [
        b"a\nerror: forged.md",
        b"a\x1b[2J\x1b[31mred.md",
        b"a\xe2\x80\xaegpj.md",
        b"a\xe2\x80\xa8b.md",
        b"caf\xe9.md",
        b"-rf --help.md",
        b"$(id)`id`;id %s%n {0}.md",
        b"x" * 240 + b".md",
    ],
    ids=ascii,
)
def test_the_name_of_a_file_forges_no_line(workspace, name):
    articles = os.fsencode(workspace.folder / "articles")
    for file, text in ((name, record(title=None)), (b"b" + name, record(title="GOOD"))):
        with open(os.path.join(articles, file), "w", encoding="utf-8") as opened:  # noqa: PTH118, PTH123 - a name in bytes
            opened.write(text)
    result = call_feedpub("build", cwd=workspace.folder)
    assert (result.returncode, UNPRINTABLE.findall(result.stderr)) == (3, [])
    assert sum(line.startswith("error: ") for line in result.stderr.splitlines()) == 1


@pytest.mark.parametrize("what", ["file-name", "key"])
def test_the_check_for_programs_can_print_every_name(workspace, what):
    if what == "key":
        workspace.write("a.json", as_json(**{"\ud800odd": 1}))
    else:
        location = os.fsencode(workspace.folder / "articles") + b"/caf\xe9.md"
        with open(location, "w", encoding="utf-8") as opened:  # noqa: PTH123 - a name in bytes
            opened.write(record(title=None))
    strict = {"PYTHONIOENCODING": "utf-8:strict"}  # as under most locales, not under plain C
    result = run_feedpub("check", "--format", "json", cwd=workspace.folder, env=strict)
    assert result.returncode in {0, 3}, result.stderr
    json.loads(result.stdout)


@pytest.mark.parametrize("key", ["\x1b[31m", "\u202e", "a\nerror: forged", "\x00", "\u2028"])
def test_the_name_of_a_key_forges_no_line(workspace, key):
    workspace.write("a.json", as_json(**{key: 1}))
    workspace.write("b.json", f"{{{json.dumps(key)}: 1, {json.dumps(key)}: 2}}")
    said = call_feedpub("check", cwd=workspace.folder).stdout
    assert UNPRINTABLE.findall(said) == []
    assert sum(line.startswith("error: ") for line in said.splitlines()) == 1


# Generated

SOUP = ["<", ">", "&", "'", '"', "script", "img", " onerror=x", "/", "\0", "=", "&lt;", "&#60;",
        "<!--", "-->", "]]>", "svg", "javascript:", "\n"]  # fmt: skip
NASTY = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn"]), max_size=8),
    st.sampled_from([*MARKUP, *BAD_ADDRESSES, *TRAVERSALS, "2026-02-30", "true", "-1", "]]>"]),
    st.lists(st.sampled_from(SOUP), max_size=12).map("".join),
)
SHAPES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), NASTY),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["name", "domain", "url", "title", "webUrl", "images", "authors", "type"]
            )
            | NASTY,
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
GOOD_VALUES = {
    "title": st.just("Title"),
    "webUrl": st.integers(0, 10**6).map(lambda n: f"https://www.example.com/{n}"),
    "publishedDateTime": st.just("2026-01-01T00:00:00Z"),
}


@st.composite
def hostile(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a record that could almost be published: most get through to the renderers."""
    fields = {name: draw(value) for name, value in GOOD_VALUES.items()}
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=5, unique=True)):
        fields[name] = draw(NASTY | SHAPES)
    for name in draw(st.lists(st.sampled_from(["title", "excerpt", "content_html"]), max_size=2)):
        fields[name] = draw(NASTY)
    return fields


EXAMPLES = settings(suppress_health_check=list(HealthCheck))


@settings(EXAMPLES, max_examples=30, derandomize=True)
@given(st.lists(hostile(), min_size=4, max_size=8))
def test_generated_records_are_published_safely_or_named(tmp_path, records):
    publish_safely_or_name(Workspace(tmp_path), records)


def test_a_night_of_generated_records(tmp_path, long):
    """As the test before it; no two nights are alike, and what failed is kept for the next."""

    @settings(EXAMPLES, max_examples=1000 if long else 20)
    @given(st.lists(hostile(), min_size=4, max_size=8))
    def campaign(records):
        publish_safely_or_name(Workspace(tmp_path), records)

    campaign()


def publish_safely_or_name(workspace, records):
    lines = [json.dumps(fields) for fields in records]
    workspace.write("a.jsonl", "\n".join(lines))
    workspace.write("good.md", record(title="GOOD"))
    survey = workspace.build().survey
    assert faults(workspace.destination.files) == []
    lost = len(survey.errors) + sum(survey.held_back.values()) + len(survey.corpus.merged)
    assert survey.records == len(records) + 1 == len(survey.corpus.listed) + lost
    assert len({problem.line for problem in survey.errors}) == len(survey.errors)


PIECES = [
    "", "---", "  - x", "published: true", "published: false", "\ttab: x", "  bad indent",
    "a: b: c", "x: *y", "<<: {}", "- x", "title: [", "topics:", "topics: AI", '"', "'", "\0",
    "\u202e", "? a", "%YAML 9.9", "...", "title: |", "x: &a [*a]", "}", "]]>", "<script>",
    "related: [{}]", "\ufeff",
]  # fmt: skip


def mutated(source: random.Random, number: int) -> bytes:
    """Return a record that was edited by somebody with a hammer."""
    text = record(
        title=f'"Record {number}"',
        webUrl=address(str(number)),
        images='[{url: "https://i.example.com/a.jpg", width: 5}]',
        related='[{title: R, webUrl: "https://r.example.org/"}]',
        body="A *body* with <b>markup</b>.\n",
    )
    lines = text.split("\n")
    for _ in range(source.randint(1, 4)):
        place = source.randrange(len(lines))
        match source.randrange(7):
            case 0:
                del lines[place]
            case 1:
                lines.insert(place, source.choice(lines))
            case 2:
                lines.insert(place, source.choice(PIECES))
            case 3:
                lines[place] = lines[place][: source.randrange(len(lines[place]) + 1)]
            case 4:
                lines[place] = " " * source.randrange(6) + lines[place].lstrip()
            case 5:
                key = lines[place].partition(":")[0]
                lines[place] = f"{key}: {source.choice([*PIECES, 'null', '[]', '{}', '5', '~'])}"
            case 6:
                column = source.randrange(len(lines[place]) + 1)
                odd = source.choice("\"'[]{}:#&*!|>%@`,-? \t\\\0\x01\u2028ü")
                lines[place] = lines[place][:column] + odd + lines[place][column:]
        lines = lines or ["x"]
    data = bytearray("\n".join(lines).encode())
    if data and source.random() < 0.15:
        data[source.randrange(len(data))] = source.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mutated_records_are_published_safely_or_named(workspace, seed):
    publish_mutations(workspace, random.Random(seed))


def test_a_night_of_mutated_records(tmp_path, long):
    """No two nights are alike; the seed of one that failed is in its message."""
    for _ in range(100 if long else 2):
        seed = random.SystemRandom().randrange(10**9)
        (folder := tmp_path / str(seed)).mkdir()
        workspace = Workspace(folder)
        try:
            publish_mutations(workspace, random.Random(seed))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


def publish_mutations(workspace, source):
    articles = workspace.folder / "articles"
    for number in range(100):
        (articles / f"{number}.md").write_bytes(mutated(source, number))
    workspace.write("good.md", record(title="GOOD"))
    survey = workspace.build().survey
    assert faults(workspace.destination.files) == []
    lost = len(survey.errors) + sum(survey.held_back.values()) + len(survey.corpus.merged)
    assert (survey.records, len(survey.corpus.listed)) == (101, 101 - lost)
    assert max(Counter(problem.source for problem in survey.errors).values()) == 1
    assert "GOOD" in {article.title for article in survey.corpus.listed}


def test_mutated_records_make_the_command_line_no_bug_report(workspace):
    source = random.Random(4)
    for number in range(100):
        name = workspace.folder / "articles" / f"{number}.md"
        name.write_bytes(mutated(source, number))
    for command in (["--debug", "build"], ["--debug", "check"]):
        result = call_feedpub(*command, cwd=workspace.folder)
        assert result.returncode == 3, result.stderr
        assert UNPRINTABLE.findall(result.stdout + result.stderr) == []


_TELLING_ITS_PEAK = r"""
import atexit, pathlib, re, sys
from feedpub.cli.main import main
status = pathlib.Path("/proc/self/status")
atexit.register(lambda: print(re.search(r"VmHWM:\s*(\d+) kB", status.read_text())[1]))
sys.argv = ["feedpub", "build", "--jobs", "1"]
main()
"""


def test_a_crowd_of_hostile_records_costs_little_memory(workspace, long):
    source = random.Random(5)
    for number in range(10_000 if long else 500):
        name = workspace.folder / "articles" / f"{number}.md"
        name.write_bytes(mutated(source, number))
    result = subprocess.run(
        [sys.executable, "-c", _TELLING_ITS_PEAK],
        cwd=workspace.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, "Traceback" in result.stderr) == (3, False)
    assert int(result.stdout.split()[-1]) < 300 * 1024
