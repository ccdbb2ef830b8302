import json
import os
import sys

import pytest
from support import CONFIG, call_feedpub, record


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record())
    return workspace


def check(workspace, *options):
    return call_feedpub("check", *options, cwd=workspace.folder)


def report(workspace, *options):
    return json.loads(check(workspace, "--format", "json", *options).stdout)


def snapshot(folder):
    """Return every path below a folder with its kind, bytes and times."""
    return {
        path: (path.stat().st_mtime_ns, path.stat().st_ino, path.is_file() and path.read_bytes())
        for path in [folder, *folder.rglob("*")]
    }


def other(**fields):
    return record(webUrl="https://www.example.com/other", **fields)


# Endings.


def test_check_of_good_records_ends_with_0(site):
    ended = check(site)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "1 record read, 1 listed in 3 feeds; 0 errors, 0 warnings\n"


def test_check_of_a_record_that_cannot_be_used_ends_with_3(site):
    site.write("b.md", record(title=None))
    ended = check(site)
    assert ended.returncode == 3
    assert "error: articles/b.md:1: no title" in ended.stdout
    assert "1 error, 0 warnings" in ended.stdout


def test_check_of_a_record_with_a_warning_ends_with_0(site):
    site.write("b.md", other(quality="high"))
    ended = check(site)
    assert ended.returncode == 0
    assert "0 errors, 1 warning" in ended.stdout


def test_check_of_a_mistaken_configuration_ends_with_78(site):
    site.configure(CONFIG + "limt: 3\n")
    assert check(site).returncode == 78


def test_check_of_withheld_and_broken_record_ends_with_0(site):
    site.write("b.md", record(title=None, published="false"))
    assert check(site).returncode == 0


def test_check_of_no_records_ends_with_0(workspace):
    assert check(workspace).returncode == 0


def test_check_names_every_problem_however_many(site):
    for number in range(25):
        site.write(f"b{number}.md", record(title=None))
    assert check(site).stdout.count("error: articles/b") == 25


def test_check_notes_each_field_that_nobody_reads_once(site):
    site.write("a.md", record(mood="good"))
    site.write("b.md", other(mood="better"))
    assert check(site).stdout.count("'mood'") == 1


def test_check_does_not_wonder_at_known_fields_without_use(site):
    site.write("a.md", record(category="news", layout="post", secured="x"))
    assert "note: field" not in check(site).stdout


def test_check_includes_unpublished_records_on_demand(workspace):
    workspace.write("a.md", record(published="false", title=None))
    assert check(workspace).returncode == 0
    assert check(workspace, "--unpublished").returncode == 3


# Writing nothing.


def test_check_writes_nothing(site):
    before = snapshot(site.folder)
    check(site)
    check(site, "--format", "json")
    assert snapshot(site.folder) == before


def test_check_writes_nothing_beside_published_feeds(site):
    call_feedpub("build", cwd=site.folder)
    site.write("b.md", other(title="New"))
    before = snapshot(site.folder)
    check(site)
    assert snapshot(site.folder) == before


def test_check_minds_no_output_folder_of_somebody_else(site):
    (site.folder / "feeds").mkdir()
    (site.folder / "feeds/index.html").write_text("mine")
    assert check(site).returncode == 0


# For programs.


def test_report_counts(site):
    site.write("b.md", other(published="false"))
    site.write("c.md", record())
    site.write("d.md", record(title=None))
    found = report(site)
    assert {key: found[key] for key in ("records", "listed", "held_back", "merged", "feeds")} == {
        "records": 4,
        "listed": 1,
        "held_back": {"unpublished": 1},
        "merged": 1,
        "feeds": 3,
    }


def test_finding_has_severity_code_place_message_and_help(site):
    site.write("b.md", record(publishedDateTime="yesterday"))
    (finding,) = report(site)["findings"]
    assert set(finding) == {"severity", "code", "source", "line", "field", "message", "help"}
    assert finding["severity"] == "error"
    assert finding["code"] == "bad-date"
    assert (finding["source"], finding["line"]) == ("articles/b.md", 4)
    assert "'yesterday'" in finding["message"]
    assert finding["help"] == "write it like 2024-01-30T13:53:00Z"


def test_finding_without_a_line_says_so(site):
    site.write("b.md", b"\xff".decode("latin-1"))
    (site.folder / "articles/b.md").write_bytes(b"\xff")
    (finding,) = report(site)["findings"]
    assert (finding["code"], finding["line"]) == ("not-utf-8", None)


def test_report_without_findings_has_an_empty_list(site):
    found = report(site)
    assert (found["findings"], found["unknown_fields"]) == ([], {})


def test_report_counts_fields_that_nobody_reads(site):
    site.write("a.md", record(mood="good"))
    site.write("b.md", other(mood="better", weather="fine"))
    assert report(site)["unknown_fields"] == {"mood": 2, "weather": 1}


def test_report_is_the_same_in_every_run(site):
    for number in range(5):
        site.write(f"b{number}.md", record(title=None))
    assert report(site) == report(site)


def test_report_for_programs_ends_with_3_too(site):
    site.write("b.md", record(title=None))
    ended = check(site, "--format", "json")
    assert (ended.returncode, ended.stderr) == (3, "")


def test_report_never_holds_what_is_secured(site):
    canary = "CANARY4JkpfCG5Xq8vJc2"
    site.write("b.md", record(title=None, secured=f'"{canary}"', Secured=f'"{canary}"'))
    site.write("c.md", f"---\nsecured: {canary}\ntitle: [\n---\n")
    assert canary not in check(site).stdout
    assert canary not in check(site, "--format", "json").stdout


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are UTF-8 there")
def test_report_names_a_file_whose_name_is_not_utf_8(site):
    name = os.fsdecode(b"caf\xe9.md")
    (site.folder / "articles" / name).write_text("no record")
    ended = check(site, "--format", "json")
    assert ended.returncode == 3
    assert "caf" in json.loads(ended.stdout)["findings"][0]["source"]


def test_check_names_a_file_whose_name_is_not_utf_8(site):
    name = os.fsdecode(b"caf\xe9.md")
    (site.folder / "articles" / name).write_text("no record")
    ended = check(site)
    assert ended.returncode == 3
    assert "error: articles/caf\\xe9.md:1: no front matter" in ended.stdout
