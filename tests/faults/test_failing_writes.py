"""Writes that fail: full disks, no inodes, limits, broken disks, folders that are read-only."""

import errno
import os
import random
import re
import subprocess
from pathlib import Path

import pytest
from accidents import Trials, changing_calls, edit, edited_site, needs_strace, tree
from support import call_feedpub
from unprivileged import nobody, open_folder

# As the system says it, and as SQLite does.
_NO_ROOM = (os.strerror(errno.ENOSPC), "database or disk is full", "disk I/O error")


@pytest.fixture(scope="module", autouse=True)
def loaded(tmp_path_factory):
    """Load what a run imports: nobody may have no right to read it."""
    site = edited_site(tmp_path_factory.mktemp("loaded") / "site")
    call_feedpub("build", cwd=site.folder)


def violations(trials, ended):
    """Return what a run that could not write did that it must not do."""
    amiss = trials.torn()
    is_new = tree(trials.output) == trials.new
    if ended.code not in ({0, 74} if is_new else {74}):
        amiss.append(f"ended with {ended.code}: {ended.said}")
    if ended.code == 74 and not ended.said.startswith("feedpub: cannot write "):
        amiss.append(f"said {ended.said}")
    if ended.code == 74 and ended.said.count("\n") > 1:
        amiss.append(f"said {ended.said}")
    if ended.code == 74 and any(".tmp" in path for path in tree(trials.output)):
        amiss.append("left temporary files")
    return amiss


@needs_strace
@pytest.mark.parametrize("reason", ["ENOSPC", "EIO", "EDQUOT", "EROFS"])
def test_write_that_fails_is_said_and_made_up_for(trials, reason, long):
    """Each call that writes, syncs, renames or makes something fails, once, in a run of its own."""
    calls = [call for call in trials.calls() if call.name not in {"unlink", "rmdir"}]
    number = {"ENOSPC": 11, "EIO": 13}.get(reason, 29)
    found = []
    for call in calls if long else calls[::number]:
        trials.restore()
        ended, _ = trials.meddled(
            f"trace={call.name}", f"inject={call.name}:error={reason}:when={call.number}"
        )
        found += [(call, each) for each in violations(trials, ended)]
        found += [(call, each) for each in trials.amiss_after_the_next_run()]
    assert found == []


@needs_strace
def test_write_that_fails_is_found_in_a_publisher_that_writes_in_place(trials):
    """The control."""
    changes = ("one thread", "in place")
    trials.restore()
    log = trials.traced("trace=write", changes=changes)
    call = [c for c in changing_calls(log, trials.folder) if "feed.json>" in c.text][1]
    trials.restore()
    ended, _ = trials.meddled(
        "trace=write", f"inject=write:error=ENOSPC:when={call.number}", changes=changes
    )
    assert violations(trials, ended)[0] == "torn: all/feed.json"


@needs_strace
def test_sync_that_fails_once_is_not_tried_again(trials):
    """What a disk could not write may be lost though the next try says it was."""
    trials.restore()
    call = next(c for c in trials.calls() if c.name == "fsync" and "rss.xml" in c.text)
    trials.restore()
    ended, log = trials.meddled("trace=fsync,rename", f"inject=fsync:error=EIO:when={call.number}")
    assert ended.code == 74
    assert ended.said.startswith("feedpub: cannot write feeds/all/rss.xml: Input/output error")
    assert "rename(" not in log
    assert tree(trials.output) == trials.old


def test_file_larger_than_is_allowed_is_named(trials, long):
    """RLIMIT_FSIZE, which needs no root, cuts a write short as a full disk does."""
    largest = max(len(data) for data in trials.new.values())
    found, codes = [], set()
    for step in range(40 if long else 12):
        trials.restore()
        share = 0.1 + step / (40 if long else 12)  # less is too little for what the run says
        ended = trials.build(largest_file=int(largest * share))
        codes.add(ended.code)
        found += violations(trials, ended) + trials.amiss_after_the_next_run()
    assert (found, codes) == ([], {0, 74} if 0 in codes else {74})


@pytest.fixture(scope="module")
def mounted(tmp_path_factory):
    """Return a small file system of its own, and what mounts it anew with other options."""
    folder = tmp_path_factory.mktemp("mounted")

    def mount(*options):
        return subprocess.run(["mount", *options, folder], capture_output=True, check=False)

    if os.geteuid() != 0 or mount("-t", "tmpfs", "-o", "size=32m", "tmpfs").returncode != 0:
        pytest.skip("only root may mount a file system, and not everywhere")
    yield folder, lambda options: mount("-o", f"remount,{options}").check_returncode()
    subprocess.run(["umount", "-l", folder], check=False)


@pytest.fixture(scope="module")
def on_a_small_disk(server, mounted):
    folder, _ = mounted
    return Trials(server, folder)


def used(folder: Path) -> int:
    status = os.statvfs(folder)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


def test_full_disk_leaves_the_previous_feeds_and_names_the_file(on_a_small_disk, mounted, long):
    """At as many sizes as there is time for, from no room at all to enough."""
    trials, (folder, remount) = on_a_small_disk, mounted
    sizes, found, codes = random.Random(1), [], []
    for _ in range(50 if long else 12):
        trials.restore()
        room = int(300_000 * sizes.random() ** 2) // 4096 * 4096
        remount(f"size={used(folder) + room}")
        ended = trials.build()
        remount("size=32m")
        codes.append(ended.code)
        found += [(room, each) for each in violations(trials, ended)]
        if ended.code == 74:
            found += [] if any(words in ended.said for words in _NO_ROOM) else [ended.said]
            found += [] if tree(trials.output) in (trials.old, trials.new) else ["mixed"]
        found += [(room, each) for each in trials.amiss_after_the_next_run()]
    assert found == []
    assert codes.count(74) > len(codes) / 3


def test_disk_without_inodes_leaves_the_previous_feeds(on_a_small_disk, mounted, long):
    trials, (folder, remount) = on_a_small_disk, mounted
    found, codes = [], set()
    for left in range(0, 40, 1 if long else 7):
        trials.restore()
        status = os.statvfs(folder)
        remount(f"nr_inodes={status.f_files - status.f_ffree + left}")
        ended = trials.build()
        remount("nr_inodes=100000")
        codes.add(ended.code)
        found += [(left, each) for each in violations(trials, ended)]
        found += [(left, each) for each in trials.amiss_after_the_next_run()]
    assert (found, codes) == ([], {0, 74})


def test_read_only_disk_ends_with_74_and_changes_nothing(on_a_small_disk, mounted):
    trials, (_, remount) = on_a_small_disk, mounted
    trials.restore()
    remount("ro")
    ended = trials.build()
    remount("rw")
    assert (ended.code, violations(trials, ended)) == (74, [])
    assert tree(trials.output) == trials.old


def test_read_only_folder_ends_with_74_and_names_the_file():
    with open_folder() as folder, nobody(folder):
        site = edited_site(folder / "site")
        assert call_feedpub("build", cwd=site.folder).returncode == 0
        before = tree(site.folder / "feeds")
        edit(site)
        for place in (site.folder / "feeds", *(site.folder / "feeds").rglob("*")):
            if place.is_dir():
                place.chmod(0o555)
        ended = call_feedpub("build", cwd=site.folder)
        said = r"feedpub: cannot write feeds/\S+/rss\.xml: Permission denied \(0 of"
        assert ended.returncode == 74
        assert re.match(said, ended.stderr)
        assert tree(site.folder / "feeds") == before


def test_file_of_another_user_is_replaced_or_named():
    """Whoever may write into a folder may replace what is in it, whosever it is."""
    if os.geteuid() != 0:
        pytest.skip("only root can make files of another user")
    with open_folder() as folder:
        with nobody(folder):
            site = edited_site(folder / "site")
            call_feedpub("build", cwd=site.folder)
            edit(site)
        os.chown(site.folder / "feeds/all/rss.xml", 0, 0)
        with nobody(site.folder / "articles"):
            assert call_feedpub("build", cwd=site.folder).returncode == 0
        assert "Edited" in (site.folder / "feeds/all/rss.xml").read_text("utf-8")


def test_bad_umask_leaves_files_that_a_web_server_can_read(server, tmp_path):
    site = edited_site(tmp_path / "site")
    assert server.build(site.folder, umask=0o077).code == 0
    modes = {
        (path.is_dir(), oct(path.stat().st_mode & 0o7777))
        for path in [site.folder / "feeds", *(site.folder / "feeds").rglob("*")]
    }
    assert modes == {(True, "0o755"), (False, "0o644")}
