import json
import re
import shutil

import pytest
from support import CONFIG, Workspace, call_feedpub, record, run_feedpub
from unprivileged import nobody, open_folder


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record())
    return workspace


def build(workspace, *options, **env):
    return call_feedpub("build", *options, cwd=workspace.folder, env=env)


def feed(workspace, path="all"):
    return json.loads((workspace.folder / f"feeds/{path}/feed.json").read_text())


def broken(workspace, number, name="broken{:02}.md"):
    for index in range(number):
        workspace.write(name.format(index), record(title=None))


# The summary.


def test_build_says_one_line_of_summary(site):
    ended = build(site)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.fullmatch(
        r"1 record read; held back: none; 0 merged; 0 problems; 1 listed;"
        r" 3 feeds: 3 written, 0 unchanged; \d+\.\d s\n",
        ended.stdout,
    )


def test_summary_of_a_second_build_says_that_nothing_changed(site):
    build(site)
    assert "3 feeds: 0 written, 3 unchanged;" in build(site).stdout


def test_summary_counts_what_was_held_back_by_reason_most_first(site):
    for name in ("b", "c"):
        site.write(f"{name}.md", record(published="false"))
    site.write("d.md", record(draft="yes"))
    site.write("e.md", record(publishedDateTime="2027-01-01"))
    assert "held back: 2 unpublished, 1 draft, 1 scheduled;" in build(site).stdout


def test_summary_counts_what_was_merged(site):
    site.write("b.md", record())
    assert "; 1 merged;" in build(site).stdout


def test_summary_counts_problems(site):
    broken(site, 1)
    site.write("b.md", record(quality="high"))
    assert "; 2 problems;" in build(site).stdout


def test_summary_does_not_count_a_broken_record_that_was_withheld(site):
    site.write("b.md", record(title=None, published="false"))
    ended = build(site)
    assert ended.returncode == 0
    assert "held back: 1 unpublished; 0 merged; 0 problems;" in ended.stdout


# Quiet.


def test_quiet_build_says_nothing(site):
    ended = build(site, "--quiet")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_quiet_build_says_nothing_in_a_process_of_its_own(site):
    ended = run_feedpub("build", "-q", cwd=site.folder)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_quiet_build_says_nothing_of_warnings(site):
    site.write("b.md", record(quality="high", webUrl="https://www.example.com/b"))
    ended = build(site, "-q")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_quiet_build_says_nothing_of_feeds_that_are_kept(site):
    build(site)
    site.write("a.md", record(topics="[Repair]"))
    assert build(site, "-q").stdout == ""


def test_quiet_build_names_records_it_could_not_use(site):
    broken(site, 1)
    ended = build(site, "--quiet")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "articles/broken00.md:1: no title" in ended.stderr


# Problems.


def test_build_with_a_record_it_cannot_use_publishes_the_others_and_ends_with_3(site):
    broken(site, 1)
    ended = build(site)
    assert ended.returncode == 3
    assert len(feed(site)["items"]) == 1


def test_record_that_cannot_be_used_is_named_with_what_to_do(site):
    broken(site, 1)
    assert (
        "error: articles/broken00.md:1: no title (add title: to the record)\n" in build(site).stderr
    )


def test_skipped_records_are_counted_first(site):
    broken(site, 2)
    assert build(site).stderr.startswith("feedpub: 2 of 3 records skipped")


def test_warning_costs_no_record_and_no_exit_code(site):
    site.write("b.md", record(quality="high", webUrl="https://www.example.com/b"))
    ended = build(site)
    assert ended.returncode == 0
    assert "warning: articles/b.md:" in ended.stderr


def test_errors_are_named_before_warnings(site):
    site.write("a-warning.md", record(quality="high", webUrl="https://www.example.com/b"))
    broken(site, 1)
    lines = [line for line in build(site).stderr.splitlines() if "articles/" in line]
    assert [line.partition(":")[0] for line in lines] == ["error", "warning"]


def test_first_ten_problems_are_named_and_the_rest_counted(site):
    broken(site, 12)
    said = build(site).stderr
    assert said.count("error: ") == 10
    assert "and 2 more: `feedpub check` names them all" in said


def test_ten_problems_are_all_named(site):
    broken(site, 10)
    said = build(site).stderr
    assert said.count("error: ") == 10
    assert " more: " not in said


def test_record_with_a_doubtful_flag_is_held_back_and_named(site):
    site.write("b.md", record(published="perhaps"))
    ended = build(site)
    assert ended.returncode == 0
    assert "held back: 1 doubtful;" in ended.stdout
    assert "warning: articles/b.md:" in ended.stderr
    assert "write published: true or published: false" in ended.stderr


def test_value_of_a_record_cannot_forge_a_line(site):
    site.write("b.md", record(publishedDateTime='"x\\nerror: \\e[31mforged"'))
    said = build(site).stderr
    assert "\x1b" not in said
    assert not any(line.startswith("error: forged") for line in said.splitlines())


# Unpublished records.


def test_only_record_that_is_unpublished_is_answered_with_the_switch(workspace):
    workspace.write("a.md", record(published="false"))
    ended = build(workspace)
    assert ended.returncode == 0
    assert "the only record says `published: false`" in ended.stderr
    assert "feedpub build --unpublished" in ended.stderr
    assert "select: {unpublished: true}" in ended.stderr


def test_several_unpublished_records_are_answered_with_the_switch(workspace):
    for name in "ab":
        workspace.write(f"{name}.md", record(published="false"))
    assert "2 records say `published: false`" in build(workspace).stderr


def test_unpublished_record_is_no_matter_beside_a_published_one(site):
    site.write("b.md", record(published="false"))
    assert build(site).stderr == ""


def test_switch_includes_unpublished_records(workspace):
    workspace.write("a.md", record(published="false"))
    ended = build(workspace, "--unpublished")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(feed(workspace)["items"]) == 1


def test_all_records_held_back_for_other_reasons_are_answered_with_the_reasons(workspace):
    workspace.write("a.md", record(draft="true"))
    assert build(workspace).stderr == "feedpub: nothing is listed (held back: 1 draft)\n"


def test_folder_without_records_is_answered_with_where_to_look(workspace):
    assert "no record was found in sources:" in build(workspace).stderr


# Feeds that no longer belong.


def test_feed_that_is_kept_is_named_with_how_to_remove_it(site):
    build(site)
    site.write("a.md", record(topics="[Repair]"))
    said = build(site).stdout
    assert "1 feed kept for subscribers" in said
    assert "topics/libraries" in said
    assert "feedpub build --prune" in said


def test_prune_removes_feeds_that_no_longer_belong(site):
    build(site)
    site.write("a.md", record(topics="[Repair]"))
    build(site)
    ended = build(site, "--prune")
    assert ended.returncode == 0
    assert "4 files removed" in ended.stdout
    assert not (site.folder / "feeds/topics/libraries").exists()


def test_prune_with_nothing_to_remove_says_no_more_than_usual(site):
    build(site)
    assert len(build(site, "--prune").stdout.splitlines()) == 1


def test_prune_leaves_files_of_somebody_else(site):
    build(site)
    (site.folder / "feeds/topics/libraries/notes.txt").write_text("mine")
    site.write("a.md", record(topics="[Repair]"))
    build(site, "--prune")
    assert (site.folder / "feeds/topics/libraries/notes.txt").read_text() == "mine"


# Paths.


def test_configuration_may_lie_elsewhere(site):
    ended = call_feedpub("build", "-c", f"{site.folder}/config.yaml", cwd="/")
    assert ended.returncode == 0
    assert (site.folder / "feeds/all/rss.xml").exists()


def test_output_is_made_where_the_configuration_says(site):
    site.configure(CONFIG + "output: public/news/\n")
    build(site)
    assert (site.folder / "public/news/all/rss.xml").exists()
    assert not (site.folder / "feeds").exists()


def test_nothing_is_made_beside_the_output(site):
    build(site)
    made = {path.name for path in site.folder.iterdir()} - {".feedpub"}
    assert made == {"articles", "config.yaml", "feeds"}


def test_source_folder_as_output_is_refused(site):
    site.configure(CONFIG + "output: articles/\n")
    (site.folder / "articles/.feedpub").touch()
    assert build(site).returncode == 78
    assert not (site.folder / "articles/all").exists()


def test_folder_of_the_configuration_as_output_is_refused(site):
    site.configure(CONFIG + "output: ./\n")
    assert build(site).returncode == 78
    assert not (site.folder / "all").exists()


@pytest.fixture
def open_site():
    """Return a site in a folder that an ordinary user can reach too, built once."""
    with open_folder() as folder:
        workspace = Workspace(folder)
        workspace.write("a.md", record())
        workspace.write("inner/b.md", record(webUrl="https://www.example.com/b"))
        build(workspace)
        yield workspace


def test_output_folder_that_cannot_be_written_ends_with_74(open_site):
    open_site.write("a.md", record(title="Changed"))
    (open_site.folder / "feeds/all").chmod(0o555)
    with nobody(open_site.folder):
        ended = build(open_site)
    assert ended.returncode == 74
    assert "feedpub: cannot write feeds/all/" in ended.stderr


def test_record_that_cannot_be_read_is_named_and_costs_no_other_its_place(open_site):
    open_site.write("b.md", record(webUrl="https://www.example.com/c")).chmod(0)
    with nobody(open_site.folder):
        ended = build(open_site)
    assert ended.returncode == 3
    assert "articles/b.md: cannot be read: Permission denied" in ended.stderr
    assert len(feed(open_site)["items"]) == 2


# The bytes.


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_builds_of_two_processes_make_the_same_bytes(site):
    site.write("b.md", record(topics="[Repair, C, C++]", webUrl="https://www.example.com/b"))
    run_feedpub("build", cwd=site.folder, env={"PYTHONHASHSEED": "1"})
    first = tree(site.folder / "feeds")
    shutil.rmtree(site.folder / "feeds")
    run_feedpub(
        "build", cwd=site.folder, env={"PYTHONHASHSEED": "2", "LC_ALL": "C", "TZ": "Asia/Kolkata"}
    )
    assert tree(site.folder / "feeds") == first


def test_time_of_the_run_may_be_given(site):
    site.write("a.md", record(publishedDateTime="2026-01-30"))
    build(site, SOURCE_DATE_EPOCH="1700000000")  # 14 November 2023
    assert feed(site)["items"] == []
