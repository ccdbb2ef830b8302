"""The output folder edited, emptied or booby-trapped by others: the next run mends what is ours."""

import os
import tempfile
from pathlib import Path

import pytest
from accidents import tree
from support import CONFIG, Workspace, call_feedpub, record

TRAPS = [".feedpub.tmp", "all/.rss.xml.tmp", "all/.rss.xml.0123456789abcdef.tmp"]


@pytest.fixture
def site(home):
    folder = Path(tempfile.mkdtemp(dir=home))
    workspace = Workspace(folder, CONFIG + "precompress: true\n")
    workspace.write("a.md", record())
    os.utime(folder / "articles/a.md", (1_700_000_000, 1_700_000_000))
    ended = build(folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    return folder


def build(folder, *options):
    return call_feedpub("build", *options, cwd=folder)


def test_output_of_which_a_file_was_deleted_by_hand_is_whole_again(site):
    """Each of them, feedpub's own list of files among them."""
    whole, amiss = tree(site / "feeds"), []
    for path in sorted(whole):
        (site / "feeds" / path).unlink()
        ended = build(site)
        if (ended.returncode, tree(site / "feeds")) != (0, whole):
            amiss.append((path, ended))
    assert amiss == []


def test_output_of_which_a_file_was_edited_by_hand_is_whole_again(site):
    whole, amiss = tree(site / "feeds"), []
    for path in sorted(whole):
        location = site / "feeds" / path
        data = location.read_bytes()
        location.write_bytes(
            data.partition(b"\n")[0] + b"\n" if path == ".feedpub" else data + b"!"
        )
        ended = build(site)
        if (ended.returncode, tree(site / "feeds")) != (0, whole):
            amiss.append((path, ended))
    assert amiss == []


def test_output_without_list_and_state_is_not_taken_for_ours(site):
    (site / "feeds/.feedpub").unlink()
    for location in (site / ".feedpub").iterdir():
        location.unlink()
    assert build(site).returncode == 78


def test_output_without_list_keeps_what_others_put_there(site):
    (site / "feeds/.feedpub").unlink()
    (site / "feeds/all/rss.xml").write_text("somebody else's now", "utf-8")
    ended = build(site)
    assert (ended.returncode, "feeds/all/rss.xml was not written by feedpub" in ended.stderr) == (
        78,
        True,
    )
    assert (site / "feeds/all/rss.xml").read_text("utf-8") == "somebody else's now"


@pytest.mark.parametrize("name", TRAPS)
@pytest.mark.parametrize("kind", ["file", "link"])
def test_planted_temporary_name_is_not_written_through(site, tmp_path_factory, name, kind):
    victim = tmp_path_factory.mktemp("elsewhere") / "victim"
    victim.write_text("precious", "utf-8")
    trap = site / "feeds" / name
    if kind == "link":
        trap.symlink_to(victim)
    else:
        trap.write_text("in the way", "utf-8")
    (site / "articles/a.md").write_text(record(title="Edited"), "utf-8")
    assert build(site).returncode == 0
    assert "Edited" in (site / "feeds/all/rss.xml").read_text("utf-8")
    assert victim.read_text("utf-8") == "precious"


def test_planted_link_is_replaced_and_not_followed(site, tmp_path_factory):
    """Each published file in turn is a link to a file elsewhere."""
    victim = tmp_path_factory.mktemp("elsewhere") / "victim"
    whole, amiss = tree(site / "feeds"), []
    for path in sorted(whole):
        victim.write_text("precious", "utf-8")
        location = site / "feeds" / path
        location.unlink()
        location.symlink_to(victim)
        ended = build(site)
        mended = (ended.returncode, tree(site / "feeds")) == (0, whole)
        if not mended or victim.read_text("utf-8") != "precious":
            amiss.append((path, ended))
    assert amiss == []
