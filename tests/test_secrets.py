"""What a record withholds stays withheld: `secured`, and all of a record that is not to be seen."""

import base64
import codecs
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from support import CONFIG, PROJECT, Workspace, call_feedpub, record, run_feedpub, sample_site

MARK = "CANARY4JkpfCGj8tVbkbazyLrck"
CANARY = f"{MARK}==;XjByYXk648=="
REST = '"date":"2026-01-01","url":"https://www.example.com/a"'

COMMANDS = (
    ("build",),
    ("--debug", "build", "--unpublished", "--prune"),
    ("check",),
    ("check", "--format", "json"),
    ("--debug", "check", "--unpublished"),
    ("list", "topics"),
    ("list", "providers", "--format", "json"),
    ("list", "feeds"),
    ("config", "show"),
)


def forms(text: str) -> list[str]:
    """Return a text as it is and as readers, browsers and programs decode it."""
    decoded = [text, html.unescape(text), html.unescape(html.unescape(text)), unquote(text)]
    decoded.append(codecs.decode(re.sub(r"[^\x20-\x7e]|\\(?!u[0-9a-f]{4}|x[0-9a-f]{2})", " ", text),
                                 "unicode_escape"))  # fmt: skip
    for run in re.findall(r"[A-Za-z0-9+/_-]{24,}={0,2}", text):
        for start in range(4):
            whole = run[start:].rstrip("=")
            whole = whole[: len(whole) // 4 * 4].translate(str.maketrans("-_", "+/"))
            decoded.append(base64.b64decode(whole).decode("latin-1"))
    return decoded


def leaks(texts: dict[str, str], mark: str = MARK) -> list[str]:
    return [name for name, text in texts.items() if any(mark in form for form in forms(text))]


def tree(folder: Path) -> dict[str, str]:
    """Return every file below a folder, the hidden ones too, with its name."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): f"{path}\n{path.read_text('utf-8', 'replace')}" for path in files}


def said_and_written(workspace: Workspace, name: str) -> dict[str, str]:
    """Run every command over a site; return its words and its files."""
    texts = {}
    for arguments in (*COMMANDS, ("explain", f"articles/{name}")):
        result = call_feedpub(*arguments, cwd=workspace.folder)
        assert result.returncode in {0, 2, 3}, result.stderr
        texts[f"feedpub {' '.join(arguments)}"] = result.stdout + result.stderr
    assert (workspace.folder / "feeds" / "all" / "rss.xml").exists()
    articles = workspace.folder / "articles"
    written = tree(workspace.folder)
    return texts | {path: text for path, text in written.items() if str(articles) not in path}


@pytest.mark.parametrize(
    "encode",
    [
        str,
        html.escape,
        lambda text: "".join(f"&#{ord(c)};" for c in text),
        lambda text: html.escape("".join(f"&#x{ord(c):x};" for c in text)),
        lambda text: "".join(f"%{ord(c):02X}" for c in text),
        lambda text: quote(text, safe=""),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(b"ab" + text.encode()).decode(),
        lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    ],
)
def test_the_search_itself_finds_what_is_encoded(encode: Callable[[str], str]):
    assert leaks({"file": f"<p>{encode(CANARY)}</p>"}) == ["file"]


def _front_matter(secured: str) -> str:
    return record(body="A body.\n").replace("\n---\nA", f"\n{secured}\n---\nA")


WHOLE = {
    "as-in-real-records": f'secured: "{CANARY}"',
    "plain": f"secured: {CANARY}",
    "single-quoted": f"secured: '{CANARY}'",
    "capital": f'Secured: "{CANARY}"',
    "all-capitals": f'SECURED: "{CANARY}"',
    "mixed-case": f'sEcUrEd: "{CANARY}"',
    "quoted-key": f'"secured": "{CANARY}"',
    "blank-after-the-key": f'secured : "{CANARY}"',
    "blank-in-the-key": f'" secured ": "{CANARY}"',
    "list": f'secured: ["{CANARY}", {{a: "{CANARY}"}}]',
    "mapping": f'secured: {{title: "{CANARY}", "{CANARY}": 1}}',
    "block": f"secured: |\n  {CANARY}\n  {CANARY}",
    "folded": f"secured: >-\n  {CANARY}\n",
    "several-lines": f'secured: "{CANARY}\n  {CANARY}"',
    "complex-key": f'? secured\n: "{CANARY}"',
    "in-an-unknown-field": f'extra: {{deep: [{{secured: "{CANARY}"}}]}}',
    "in-a-picture": f'images: [{{url: "https://i.example.com/a.jpg", secured: "{CANARY}"}}]',
    "in-a-related": 'related: [{title: R, webUrl: "https://www.example.net/r",'
    f' Secured: "{CANARY}", provider: {{name: N, SECURED: "{CANARY}"}}}}]',
    "in-an-action": f'actions: [{{url: "https://www.example.com/d", secured: "{CANARY}"}}]',
}
BROKEN = {
    "unclosed-quote": f'secured: "{CANARY}',
    "unclosed-single-quote": f"secured: '{CANARY}",
    "no-colon": f'secured "{CANARY}"',
    "no-blank": f'secured:"{CANARY}"',
    "bad-escape": f'secured: "\\q{CANARY}"',
    "two-values": f'secured: "{CANARY}" "{CANARY}"',
    "bad-start": f"secured: @{CANARY}",
    "tab": f"secured:\n\t{CANARY}",
    "unclosed-list": f'secured: ["{CANARY}"',
    "unclosed-mapping": f'secured: {{"{CANARY}"',
    "alias": f"secured: *{MARK}",
    "anchor": f"secured: &{MARK} x\nother: *{MARK}",
    "tag": f"secured: !{MARK} x",
    "undefined-handle": f"secured: !{MARK}!x y",
    "merge": f'secured: {{<<: {{"{CANARY}": 1}}}}',
    "deep": f'secured: {"[" * 40}"{CANARY}"{"]" * 40}',
    "twice": f'secured: "{CANARY}"\nsecured: "{CANARY}"',
    "indented": f'  secured: "{CANARY}"',
    "control-character": f'secured: "{CANARY}\x01"',
    "percent": f"%{MARK} x",
    "line-before": f'title: [x\nsecured: "{CANARY}"',
    "line-after": f'secured: "{CANARY}"\nexcerpt: "x" y',
    "key-twice-beside": f'title: x\nsecured: "{CANARY}"',
    "no-date": f'secured: "{CANARY}"\npublishedDateTime: soon',
}


@pytest.mark.parametrize("form", WHOLE)
def test_secured_is_nowhere_whatever_its_form(workspace, form):
    workspace.write("a.md", _front_matter(WHOLE[form]))
    assert leaks(said_and_written(workspace, "a.md")) == []


@pytest.mark.parametrize("form", WHOLE)
def test_a_record_with_secured_is_published_all_the_same(workspace, form):
    workspace.write("a.md", _front_matter(WHOLE[form]))
    assert len(workspace.build().survey.corpus.listed) == 1


@pytest.mark.parametrize("form", BROKEN)
def test_secured_is_nowhere_though_its_record_is_broken(workspace, form):
    workspace.write("a.md", _front_matter(BROKEN[form]))
    workspace.write("b.md", record())
    assert leaks(said_and_written(workspace, "a.md")) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", f'title: x\nsecured: "{CANARY}"\nurl: https://www.example.com/a\n'),
        ("a.yaml", f'- title: x\n  secured: "{CANARY}"\n- title: y\n  SECURED: "{CANARY}\n'),
        ("a.yaml", f'title: x\nsecured: "{CANARY}"\n---\ntitle: y\nsecured: *{MARK}\n'),
        ("a.json", f'{{"title": "x", {REST}, "secured": "{CANARY}"}}'),
        ("a.json", f'{{"title": "x", {REST}, "Secured": {{"a": ["{CANARY}"]}}}}'),
        ("a.json", f'{{"title": "x", {REST}, "SECURED": "{CANARY}'),
        ("a.json", f'{{"title": "x", {REST}, "secured": "{CANARY}" "x"}}'),
        ("a.json", f'{{"title": "x", {REST}, "secured": {CANARY}}}'),
        ("a.json", f'{{"title": "x", {REST}, "secured": "{CANARY}\\q"}}'),
        ("a.json", f'{{"value": [{{"title": "x", {REST}, "secured": "{CANARY}"}}]}}'),
        ("a.json", f'[{{"title": "x", {REST}, "related": [{{"secured": "{CANARY}"}}]}}]'),
        ("a.jsonl", f'{{"title": "x", {REST}, "secured": "{CANARY}"}}\n{{"secured": "{CANARY}\n'),
        ("a.jsonl", f'{{"title": "x", {REST}, "\\u0053ecured": "{CANARY}"}}\n"{CANARY}\n'),
        ("a.html", _front_matter(f'secured: "{CANARY}"')),
        ("a.html", _front_matter(f'secured: "{CANARY}')),
    ],
)
def test_secured_is_nowhere_in_any_kind_of_file(workspace, name, text):
    workspace.write(name, text)
    assert leaks(said_and_written(workspace, name)) == []


def test_a_field_map_cannot_fetch_what_is_secured(workspace):
    workspace.configure(CONFIG + "fields: {title: secured, excerpt: provider.secured}\n")
    provider = f'{{name: N, domain: example.com, secured: "{CANARY}"}}'
    workspace.write("a.md", record(excerpt=None, provider=provider, secured=f'"{CANARY}"'))
    assert leaks(said_and_written(workspace, "a.md")) == []


@pytest.mark.parametrize("folder", ["topics", "providers"])
def test_secured_of_metadata_is_nowhere(workspace, folder):
    workspace.configure(CONFIG + f"{folder}: meta/\n")
    meta = workspace.folder / "meta"
    meta.mkdir()
    meta.joinpath("a.yaml").write_text(
        f'name: Libraries\ndomain: example.com\nSecured: "{CANARY}"\n', "utf-8"
    )
    meta.joinpath("b.yaml").write_text(f'name: x\nsecured: "{CANARY}\n', "utf-8")
    workspace.write("a.md", record())
    found = said_and_written(workspace, "a.md")
    assert leaks({name: text for name, text in found.items() if str(meta) not in name}) == []


def test_secured_is_nowhere_in_what_a_real_process_says(workspace):
    workspace.write("a.md", _front_matter(f'secured: "{CANARY}'))
    workspace.write("b.md", _front_matter(f'secured: "{CANARY}"'))
    result = run_feedpub("--debug", "build", cwd=workspace.folder)
    assert result.returncode == 3
    assert leaks({"stdout": result.stdout, "stderr": result.stderr}) == []


def test_secured_is_nowhere_in_what_a_crash_leaves(workspace, monkeypatch):
    def fail(data, *_others, **_options):
        raise ValueError(data.decode())

    workspace.write("a.md", record())
    call_feedpub("build", cwd=workspace.folder)
    workspace.write("b.md", _front_matter(f'secured: "{CANARY}"'))
    monkeypatch.setattr("feedpub.file_reading.read_data", fail)
    ended = call_feedpub("build", cwd=workspace.folder)
    left = tree(workspace.folder / ".feedpub")
    assert ended.returncode == 1
    assert any("crash-E" in name for name in left)
    assert leaks({"stderr": ended.stderr, **left}) == []


@pytest.mark.parametrize(
    "body",
    [
        f'secured: "{CANARY}"\n---\n',
        f"secured: {CANARY}\n---\n",
        f'Secured: "{CANARY}"\n---\nA body.\n',
        f'related:\n  - title: x\n    secured: "{CANARY}"\n---\n',
    ],
)
def test_front_matter_that_ends_too_early_keeps_its_secret(workspace, body):
    workspace.write("a.md", record(body=body))
    assert leaks(said_and_written(workspace, "a.md")) == []


@pytest.mark.parametrize(
    "body",
    [
        f'  - secured: "{CANARY}"\n---\n',
        f"secured: |\n  {CANARY}\n---\n",
        f'secured:\n  "{CANARY}"\n---\n',
        f'related: [{{title: x, secured: "{CANARY}"}}]\n---\n',
    ],
    ids=["list-item", "block", "next-line", "flow"],
)
def test_front_matter_that_ends_too_early_keeps_its_secret_in_any_form(workspace, body):
    workspace.write("a.md", record(body=body))
    assert leaks(said_and_written(workspace, "a.md")) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", _front_matter(f"secured: {{{MARK}: 1, {MARK}: 2}}")),
        ("a.json", f'{{"title": "x", {REST}, "secured": {{"{MARK}": 1, "{MARK}": 2}}}}'),
    ],
)
def test_a_key_twice_within_secured_is_not_quoted(workspace, name, text):
    workspace.write(name, text)
    assert leaks(said_and_written(workspace, name)) == []


SWALLOWED = {
    "title": f"title: 'It\nsecured: \"{CANARY}\"\nexcerpt: '",
    "excerpt": f'excerpt: |\n  A text.\n  secured: "{CANARY}"\n',
    "date": f"publishedDateTime: '2026-01-01\nsecured: \"{CANARY}\"\n'",
}


@pytest.mark.parametrize("field", SWALLOWED)
def test_a_text_that_swallows_the_secret_is_not_shown(workspace, field):
    dropped = {{"date": "publishedDateTime"}.get(field, field): None}
    dropped |= {"excerpt": None} if field == "title" else {}
    text = record(**dropped).replace("---\n", f"---\n{SWALLOWED[field]}\n", 1)
    workspace.write("a.md", text)
    assert leaks(said_and_written(workspace, "a.md")) == []


@pytest.mark.parametrize(
    "words",
    [
        "CiphertextSample",
        "A sensor that counts readers",
        "Archive flood damage put at forty million",
    ],
    ids=["secured", "unpublished", "removed"],
)
def test_the_sample_site_keeps_its_secrets(tmp_path, words):
    """The first stands in every `secured` of the sample records."""
    workspace = sample_site(tmp_path)
    assert any(words in text for text in tree(tmp_path / "articles").values())
    workspace.build()
    built = {path: data.decode() for path, data in workspace.destination.files.items()}
    assert leaks(built | tree(PROJECT / "feeds"), words) == []


# Records that are not to be seen.

TITLE, TOPIC, NAME, PICTURE = "WITHHELDTITLE", "WITHHELDTOPIC", "WITHHELDNAME", "WITHHELDPICTURE"
LINK, ORIGINAL = "https://www.example.net/withheldlink", "https://wire.example.net/withheldwire"
WORDS = (TITLE, TOPIC, NAME, PICTURE, "withheldlink", "withheldwire", "withheldtopic")
REASONS = {
    "unpublished": {"published": "false"},
    "unpublished-no": {"published": "'no'"},
    "removed": {"removed": "true"},
    "deleted": {"deleted": "yes"},
    "draft": {"draft": "true"},
    "scheduled": {"publishedDateTime": "2199-01-01"},
    "doubtful-published": {"published": "maybe"},
    "doubtful-number": {"published": "2"},
    "doubtful-blank": {"published": ""},
    "doubtful-list": {"published": "[true]"},
    "doubtful-mapping": {"removed": "{by: editor}"},
    "doubtful-date": {"removed": "2026-01-01"},
    "doubtful-draft": {"draft": "wip"},
    "removed-and-published": {"published": "true", "removed": "true"},
}


def withheld(**fields: str | None) -> str:
    defaults = {
        "title": f'"{TITLE}"',
        "excerpt": f'"{TITLE} excerpt"',
        "webUrl": f'"{LINK}"',
        "originalUrl": f'"{ORIGINAL}"',
        "topics": f"[{TOPIC}, Libraries]",
        "provider": f"{{name: {NAME}, domain: withheldlink.example}}",
        "images": f'[{{url: "https://i.example.com/{PICTURE}.jpg"}}]',
        "body": f"{TITLE} body",
        "heat": "500",
        "quality": "500",
    }
    return record(**(defaults | fields))


def embedding(link: str = LINK, **fields: str) -> str:
    """Return a record that lists the withheld one as related, with an old copy of it."""
    copy = {
        "title": f'"{TITLE}"',
        "webUrl": f'"{link}"',
        "provider": f"{{name: {NAME}}}",
        "images": f'[{{url: "https://i.example.com/{PICTURE}.jpg"}}]',
        **fields,
    }
    return record(related="[{" + ", ".join(f"{k}: {v}" for k, v in copy.items()) + "}]")


def words_in(workspace: Workspace) -> list[str]:
    files = {path: f"{path}\n{data.decode()}" for path, data in workspace.destination.files.items()}
    return [word for word in WORDS if leaks(files, word)]


@pytest.mark.parametrize("reason", REASONS)
def test_a_withheld_record_is_nowhere(workspace, reason):
    workspace.configure(CONFIG + "named: {hot: {min_heat: 100}}\nmin_entries: 1\n")
    workspace.write("a.md", record())
    workspace.write("b.md", withheld(**REASONS[reason]))
    workspace.build()
    assert words_in(workspace) == []


@pytest.mark.parametrize("reason", REASONS)
def test_a_withheld_record_is_nobodys_related_article(workspace, reason):
    workspace.write("a.md", embedding())
    workspace.write("b.md", withheld(**REASONS[reason]))
    workspace.build()
    assert words_in(workspace) == []


@pytest.mark.parametrize(
    "link",
    [
        ORIGINAL,
        LINK.replace("https:", "http:"),
        LINK.replace("www.example", "WWW.Example"),
        LINK.replace("example.net/", "example.net:443/"),
        f" {LINK} ",
    ],
)
def test_a_withheld_record_is_recognised_by_any_of_its_addresses(workspace, link):
    workspace.write("a.md", embedding(link))
    workspace.write("b.md", withheld(removed="true"))
    workspace.build()
    assert words_in(workspace) == []


@pytest.mark.parametrize(
    "flag", [{"removed": "true"}, {"published": "false"}, {"draft": "1"}, {"deleted": "perhaps"}]
)
def test_an_embedded_copy_that_is_withheld_is_not_shown(workspace, flag):
    workspace.write("a.md", embedding(**flag))
    workspace.build()
    assert words_in(workspace) == []


def test_an_embedded_copy_of_a_listed_record_is_shown(workspace):
    """The search above would find it."""
    workspace.write("a.md", embedding())
    workspace.write("b.md", withheld())
    workspace.build()
    assert TITLE in words_in(workspace)


def test_the_switch_for_the_unpublished_lifts_no_other_bar(workspace):
    workspace.write("a.md", embedding())
    workspace.write("b.md", withheld(published="false", removed="true"))
    workspace.build(unpublished=True)
    assert words_in(workspace) == []


@pytest.mark.parametrize("reason", ["removed", "draft", "doubtful-published", "scheduled"])
def test_with_the_switch_for_the_unpublished_the_others_stay_withheld(workspace, reason):
    workspace.write("a.md", embedding())
    workspace.write("b.md", withheld(**REASONS[reason]))
    workspace.build(unpublished=True)
    assert words_in(workspace) == []


def test_a_withheld_record_lends_nothing_to_one_with_its_link(workspace):
    workspace.write("a.md", record(webUrl=f'"{LINK}"'))
    workspace.write("withheldlink.md", withheld(removed="true"))
    workspace.build()
    assert words_in(workspace) == ["withheldlink"]
    item = json.loads(workspace.text("all/feed.json"))["items"][0]
    assert item["id"].endswith(":a")
    assert "merged_ids" not in item["_feedpub"]


@pytest.mark.parametrize("reason", ["unpublished", "removed", "draft", "doubtful-published"])
def test_a_record_withheld_after_the_fact_leaves_every_feed(workspace, reason):
    workspace.write("a.md", embedding())
    workspace.write("b.md", withheld())
    workspace.build()
    workspace.write("b.md", withheld(**REASONS[reason]))
    workspace.build()
    assert TITLE not in words_in(workspace)


def test_the_feed_of_a_topic_whose_last_record_was_withdrawn_holds_nothing_of_it(workspace):
    workspace.write("a.md", record())
    workspace.write("b.md", withheld())
    workspace.build()
    workspace.write("b.md", withheld(removed="true"))
    workspace.build()
    assert TITLE not in workspace.text("topics/withheldtopic/rss.xml")


def test_pruning_leaves_nothing_of_a_withdrawn_record(workspace):
    workspace.write("a.md", record())
    workspace.write("b.md", withheld())
    workspace.build()
    workspace.write("b.md", withheld(removed="true"))
    workspace.build(prune=True)
    assert words_in(workspace) == []


@pytest.mark.parametrize("field", ["publishedDateTime", "title", "bad-date"])
def test_a_withheld_record_with_another_fault_is_nobodys_related_article(workspace, field):
    fault = {"publishedDateTime": "soon"} if field == "bad-date" else {field: None}
    workspace.write("a.md", embedding())
    workspace.write("b.md", withheld(removed="true", **fault))
    workspace.build()
    assert words_in(workspace) == []


@pytest.mark.parametrize("fault", ["[unclosed", "*alias", "!tag x", "{a: 1, a: 2}"])
def test_a_withheld_record_that_cannot_be_read_is_nowhere(workspace, fault):
    workspace.write("a.md", record())
    workspace.write("b.md", withheld(removed="true", extra=fault))
    workspace.build()
    assert words_in(workspace) == []


@pytest.mark.parametrize(
    "flags", ["published: true\npublished: false", "removed: false\nremoved: true"]
)
def test_of_two_words_on_visibility_the_one_that_withholds_is_heard(workspace, flags):
    workspace.write("b.md", withheld().replace("---\n", f"---\n{flags}\n", 1))
    workspace.build()
    assert words_in(workspace) == []
