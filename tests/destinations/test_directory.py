import errno
import hashlib
import os
import re
import shutil
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import run_feedpub
from unprivileged import nobody, open_folder

from feedpub.destinations.directory import Directory
from feedpub.destinations.ledger import NAME as LEDGER
from feedpub.destinations.ledger import is_safe
from feedpub.errors import NotOursError, OutputError
from feedpub.feed import Document


def document(path, text="one"):
    return Document(path=path, media_type="text/plain", data=text.encode())


A, B, INDEX = document("topics/a/rss.xml"), document("all/rss.xml"), document("index.html")


@pytest.fixture
def root(tmp_path):
    return tmp_path / "feeds"


def publish(root, *documents, prune=False):
    return Directory(root, "feeds/").publish(documents, prune=prune)


def files(folder):
    """Return every file below a folder with its bytes; folders and links count with their kind."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_dir():
            found[name] = "folder"
        else:
            found[name] = path.read_bytes()
    return found


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def identity(path):
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def own_paths(root):
    lines = (root / LEDGER).read_text().splitlines()
    return [line.partition("  ")[2] for line in lines if not line.startswith("#")]


def no_space(*_arguments, **_options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# Writing.


def test_document_is_written_below_the_folder(root):
    publish(root, A)
    assert (root / "topics/a/rss.xml").read_bytes() == A.data


def test_outcome_names_what_was_written_and_what_was_not(root):
    publish(root, A, B)
    outcome = publish(root, A, document(B.path, "two"))
    assert (outcome.written, outcome.unchanged) == ((B.path,), (A.path,))


def test_written_paths_come_in_the_order_of_the_documents(root):
    assert publish(root, B, INDEX, A).written == (B.path, INDEX.path, A.path)


def test_document_is_replaced_whole(root):
    publish(root, document("a.txt", "a long text"))
    publish(root, document("a.txt", "short"))
    assert (root / "a.txt").read_text() == "short"


def test_replaced_file_is_a_new_one(root):
    publish(root, A)
    with (root / A.path).open("rb") as reader:
        publish(root, document(A.path, "two"))
        assert reader.read() == A.data


def test_file_that_would_not_change_is_not_touched(root):
    publish(root, A, B)
    before = identity(root / A.path)
    publish(root, A, document(B.path, "two"))
    assert identity(root / A.path) == before


def test_second_run_touches_nothing_not_even_the_list_of_files(root):
    publish(root, A, B)
    before = {path: identity(path) for path in root.rglob("*")}
    publish(root, A, B)
    assert {path: identity(path) for path in root.rglob("*")} == before


@pytest.mark.parametrize("umask", [0o077, 0o022, 0o000, 0o777])
def test_file_is_readable_by_a_web_server_whatever_the_umask(root, umask):
    previous = os.umask(umask)
    try:
        publish(root, A)
    finally:
        os.umask(previous)
    assert mode(root / A.path) == 0o644
    assert mode(root / LEDGER) == 0o644


def test_folders_can_be_entered_by_a_web_server_whatever_the_umask(root):
    previous = os.umask(0o077)
    try:
        publish(root, A)
    finally:
        os.umask(previous)
    assert [mode(folder) for folder in (root, root / "topics", root / "topics/a")] == [0o755] * 3


def test_folder_made_above_the_output_can_be_entered_by_a_web_server(tmp_path):
    previous = os.umask(0o077)
    try:
        publish(tmp_path / "public/feeds", A)
    finally:
        os.umask(previous)
    assert mode(tmp_path / "public") == 0o755


def test_file_edited_by_hand_is_rewritten(root):
    publish(root, A)
    (root / A.path).write_text("edited")
    assert publish(root, A).written == (A.path,)
    assert (root / A.path).read_bytes() == A.data


def test_file_deleted_by_hand_is_restored(root):
    publish(root, A, B)
    shutil.rmtree(root / "topics")
    assert publish(root, A, B).written == (A.path,)
    assert (root / A.path).read_bytes() == A.data


def test_path_that_leaves_the_folder_is_never_written(root, tmp_path):
    with pytest.raises(ValueError, match="unsafe path"):
        publish(root, document("../outside.txt"))
    assert not (tmp_path / "outside.txt").exists()


def test_file_of_a_previous_run_is_read(root):
    publish(root, A)
    assert Directory(root, "feeds").read(A.path) == A.data


def test_file_of_somebody_else_is_not_read(root):
    publish(root, A)
    (root / "robots.txt").write_text("User-agent: *")
    assert Directory(root, "feeds").read("robots.txt") is None


def test_file_that_is_gone_is_not_read(root):
    publish(root, A)
    (root / A.path).unlink()
    assert Directory(root, "feeds").read(A.path) is None


def test_looking_at_a_folder_does_not_make_it(root):
    assert Directory(root, "feeds").read(A.path) is None
    assert not root.exists()


# The list of own files.


def test_list_of_files_is_read_by_sha256sum(root):
    if not shutil.which("sha256sum"):
        pytest.skip("sha256sum is not on this machine")
    publish(root, A, B, document("topics/künstliche-intelligenz/rss.xml"))
    checked = subprocess.run(
        ["sha256sum", "-c", "--strict", LEDGER],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.count(": OK") == 3


def test_list_of_files_is_sorted_and_complete(root):
    publish(root, INDEX, A, B)
    assert own_paths(root) == [B.path, INDEX.path, A.path]


def test_list_of_files_does_not_depend_on_the_order_of_publishing(tmp_path):
    publish(tmp_path / "x", A, B)
    publish(tmp_path / "y", A)
    publish(tmp_path / "y", B, A)
    assert (tmp_path / "x" / LEDGER).read_bytes() == (tmp_path / "y" / LEDGER).read_bytes()


def test_list_of_files_has_their_hashes(root):
    publish(root, A)
    digest = hashlib.sha256(A.data).hexdigest()
    assert f"{digest}  {A.path}\n" in (root / LEDGER).read_text()


def test_damaged_line_of_the_list_is_passed_over(root):
    publish(root, A, B)
    with (root / LEDGER).open("a") as ledger:
        ledger.write("what is this\n\n0123  short.txt\n")
    publish(root, A, B)
    assert own_paths(root) == [B.path, A.path]


def test_list_of_files_that_is_no_text_is_refused(root):
    root.mkdir()
    (root / LEDGER).write_bytes(b"\xff\xfe")
    with pytest.raises(NotOursError, match=r"feeds/\.feedpub: cannot be read"):
        Directory(root, "feeds/")


def test_list_of_files_that_is_a_folder_is_refused(root):
    (root / LEDGER).mkdir(parents=True)
    with pytest.raises(NotOursError, match="cannot be read"):
        Directory(root, "feeds")


# What no longer belongs.


def test_file_that_no_longer_belongs_stays(root):
    publish(root, A, B)
    outcome = publish(root, B)
    assert (outcome.obsolete, outcome.removed) == ((A.path,), ())
    assert (root / A.path).exists()


def test_file_that_no_longer_belongs_is_still_known_in_later_runs(root):
    publish(root, A, B)
    publish(root, B)
    assert publish(root, B).obsolete == (A.path,)


def test_pruning_removes_what_no_longer_belongs(root):
    publish(root, A, B)
    outcome = publish(root, B, prune=True)
    assert (outcome.obsolete, outcome.removed) == ((), (A.path,))
    assert own_paths(root) == [B.path]


def test_pruning_removes_folders_that_became_empty(root):
    publish(root, A, B)
    publish(root, B, prune=True)
    assert sorted(files(root)) == [LEDGER, "all", B.path]


def test_pruning_leaves_the_file_of_somebody_else_and_its_folder(root):
    publish(root, A, B)
    (root / "topics/a/notes.txt").write_text("mine")
    publish(root, B, prune=True)
    assert (root / "topics/a/notes.txt").read_text() == "mine"
    assert not (root / A.path).exists()


def test_pruning_everything_leaves_the_output_folder(root):
    publish(root, A)
    publish(root, prune=True)
    assert sorted(files(root)) == [LEDGER]


def test_pruning_a_file_that_is_gone_already_is_no_mistake(root):
    publish(root, A, B)
    shutil.rmtree(root / "topics")
    assert publish(root, B, prune=True).removed == (A.path,)


def test_file_of_somebody_else_survives_every_run(root):
    publish(root, A)
    (root / "robots.txt").write_text("User-agent: *")
    publish(root, B)
    publish(root, prune=True)
    assert (root / "robots.txt").read_text() == "User-agent: *"


@pytest.mark.parametrize("path", ["../victim", "topics/../../victim", "./../victim", "//victim"])
def test_unsafe_path_in_the_list_is_never_removed(root, tmp_path, path):
    publish(root, A)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    with (root / LEDGER).open("a") as ledger:
        ledger.write(f"{'0' * 64}  {path}\n")
    outcome = publish(root, A, prune=True)
    assert outcome.removed == ()
    assert victim.read_text() == "precious"


def test_absolute_path_in_the_list_is_never_removed(root, tmp_path):
    publish(root, A)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    with (root / LEDGER).open("a") as ledger:
        ledger.write(f"{'0' * 64}  {victim}\n")
    publish(root, A, prune=True)
    assert victim.read_text() == "precious"


@given(st.text(min_size=1).filter(lambda path: "\0" not in path))
def test_no_path_in_the_list_leads_out_of_the_folder(path):
    if is_safe(path):
        assert os.path.normpath(os.path.join("/output", path)).startswith("/output/")  # noqa: PTH118


# Folders that are not ours.


@pytest.mark.parametrize("shown", ["/", str(Path.home())])
def test_folder_that_holds_all_somebody_has_is_refused(shown):
    with pytest.raises(NotOursError, match="does not publish into this folder"):
        Directory(Path(shown), shown)


def test_home_is_refused_by_every_name(tmp_path):
    (tmp_path / "link").symlink_to(Path.home())
    with pytest.raises(NotOursError, match="does not publish into this folder"):
        Directory(tmp_path / "link", "link")


def test_home_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "real/site/articles").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "real")
    site = tmp_path / "real/site"
    assert run_feedpub("init", cwd=site).returncode == 0
    text = (site / "config.yaml").read_text().replace("output: feeds/", f"output: {tmp_path}/home")
    (site / "config.yaml").write_text(text)
    (tmp_path / "real" / LEDGER).touch()
    assert run_feedpub("build", cwd=site, env={"HOME": f"{tmp_path}/home"}).returncode == 78


def test_folder_with_files_but_without_a_list_is_refused(root):
    root.mkdir()
    (root / "index.html").write_text("mine")
    with pytest.raises(NotOursError, match="feeds/ holds files that feedpub did not write"):
        Directory(root, "feeds/")
    assert files(root) == {"index.html": b"mine"}


def test_refused_folder_is_told_how_to_become_ours(root):
    root.mkdir()
    (root / "index.html").touch()
    with pytest.raises(NotOursError, match=r"put an empty file \.feedpub into it"):
        Directory(root, "feeds")


def test_empty_folder_is_taken(root):
    root.mkdir()
    publish(root, A)
    assert (root / A.path).exists()


def test_hidden_files_do_not_count(root):
    root.mkdir()
    (root / ".gitkeep").touch()
    publish(root, A)
    assert sorted(files(root)) == [LEDGER, ".gitkeep", "topics", "topics/a", A.path]


def test_empty_list_of_files_makes_a_folder_ours(root):
    root.mkdir()
    (root / LEDGER).touch()
    (root / "robots.txt").write_text("User-agent: *")
    publish(root, A)
    assert (root / "robots.txt").read_text() == "User-agent: *"
    assert own_paths(root) == [A.path]


def test_file_instead_of_a_folder_is_refused(root):
    root.write_text("mine")
    with pytest.raises(NotOursError):
        Directory(root, "feeds")
    assert root.read_text() == "mine"


def test_file_of_somebody_else_in_the_way_is_refused_and_nothing_is_touched(root):
    publish(root, B)
    (root / "topics/a").mkdir(parents=True)
    (root / A.path).write_text("mine")
    before = files(root)
    with pytest.raises(NotOursError, match=r"feeds/topics/a/rss\.xml was not written by feedpub"):
        publish(root, document(B.path, "two"), A)
    assert files(root) == before


def test_files_of_somebody_else_in_the_way_are_counted(root):
    root.mkdir()
    (root / LEDGER).touch()
    for name in ("a", "b", "c"):
        (root / name).write_text("mine")
    with pytest.raises(NotOursError, match=r"feeds/a was not .* \(nor were 2 others\)"):
        publish(root, *(document(name) for name in ("a", "b", "c")))


def test_file_of_somebody_else_with_the_same_bytes_is_no_obstacle(root):
    publish(root, B)
    (root / "index.html").write_bytes(INDEX.data)
    assert publish(root, B, INDEX).unchanged == (B.path, INDEX.path)


def test_folder_of_somebody_else_in_the_way_is_refused(root):
    publish(root, B)
    (root / "index.html").mkdir()
    with pytest.raises(NotOursError, match=r"feeds/index\.html was not written by feedpub"):
        publish(root, B, INDEX)


def test_file_of_somebody_else_where_a_folder_belongs_is_refused_and_nothing_is_touched(root):
    publish(root, B)
    (root / "topics").write_text("mine")
    before = files(root)
    with pytest.raises(NotOursError):
        publish(root, document(B.path, "two"), A)
    assert files(root) == before


# Symbolic links.


def test_output_folder_may_be_a_link(root, tmp_path):
    (tmp_path / "disk").mkdir()
    root.symlink_to(tmp_path / "disk")
    publish(root, A)
    assert (tmp_path / "disk" / A.path).read_bytes() == A.data
    assert root.is_symlink()


def test_link_in_the_place_of_an_own_file_is_replaced_and_not_followed(root, tmp_path):
    publish(root, A)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (root / A.path).unlink()
    (root / A.path).symlink_to(victim)
    publish(root, document(A.path, "two"))
    assert victim.read_text() == "precious"
    assert not (root / A.path).is_symlink()
    assert (root / A.path).read_text() == "two"


def test_link_to_the_very_bytes_is_replaced_too(root, tmp_path):
    publish(root, A)
    (tmp_path / "copy").write_bytes(A.data)
    (root / A.path).unlink()
    (root / A.path).symlink_to(tmp_path / "copy")
    publish(root, A)
    assert not (root / A.path).is_symlink()


def test_link_of_somebody_else_in_the_way_is_refused(root, tmp_path):
    publish(root, B)
    (root / "index.html").symlink_to(tmp_path / "nowhere")
    with pytest.raises(NotOursError):
        publish(root, B, INDEX)
    assert not (tmp_path / "nowhere").exists()


def test_list_of_files_that_became_a_link_is_replaced_and_not_followed(root, tmp_path):
    publish(root, A)
    shutil.move(root / LEDGER, tmp_path / "ledger")
    (root / LEDGER).symlink_to(tmp_path / "ledger")
    before = (tmp_path / "ledger").read_bytes()
    publish(root, A, B)
    assert (tmp_path / "ledger").read_bytes() == before
    assert not (root / LEDGER).is_symlink()


def linked_away(root, tmp_path):
    """Move an own folder out of the output and put a link in its place."""
    publish(root, A, B)
    shutil.move(root / "topics", tmp_path / "elsewhere")
    (root / "topics").symlink_to(tmp_path / "elsewhere")
    return files(tmp_path / "elsewhere")


def test_linked_folder_inside_the_output_is_refused(root, tmp_path):
    before = linked_away(root, tmp_path)
    with pytest.raises(NotOursError, match="feeds/topics is a symbolic link"):
        publish(root, document(A.path, "two"), B)
    assert files(tmp_path / "elsewhere") == before


def test_pruning_does_not_follow_a_linked_folder_out_of_the_output(root, tmp_path):
    before = linked_away(root, tmp_path)
    with suppress(NotOursError):  # refusing is as good as passing by
        publish(root, B, prune=True)
    assert files(tmp_path / "elsewhere") == before


# Failing.


def failing(call, number):
    """Return `call`, which fails for want of space the `number`th time, from 1."""
    calls = iter(range(1, 10**6))

    def maybe(*arguments, **options):
        return no_space() if next(calls) == number else call(*arguments, **options)

    return maybe


def test_full_disk_is_an_error_that_names_the_file(root, monkeypatch):
    publish(root, A)
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(
        OutputError, match=r"^cannot write feeds/topics/a/rss\.xml: No space left on device"
    ):
        publish(root, document(A.path, "two"))


def test_full_disk_leaves_everything_as_it_was(root, monkeypatch):
    publish(root, A, B)
    before = {path: identity(path) for path in root.rglob("*") if path.is_file()}
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OutputError):
        publish(root, document(A.path, "two"), document(B.path, "two"), INDEX)
    assert {path: identity(path) for path in root.rglob("*") if path.is_file()} == before
    assert (root / A.path).read_bytes() == A.data


@pytest.mark.parametrize("number", range(1, 9))
def test_disk_that_fills_up_midway_costs_no_file_and_leaves_none(root, monkeypatch, number):
    publish(root, A, B)
    new = [document(A.path, "two"), document(B.path, "two"), document("topics/b/rss.xml"), INDEX]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(os.fsync, number))
        with pytest.raises(OutputError):
            publish(root, *new)
    for path in (A.path, B.path):
        assert (root / path).read_text() in {"one", "two"}
    assert [path for path in files(root) if path.endswith(".tmp")] == []
    publish(root, *new)
    publish(root.with_name("clean"), *new)
    assert files(root) == files(root.with_name("clean"))


def test_folder_made_for_files_that_are_not_published_is_removed(root, monkeypatch):
    publish(root, INDEX)
    monkeypatch.setattr(os, "fsync", failing(os.fsync, 2))
    with pytest.raises(OutputError):
        publish(root, A, B)
    assert sorted(path.name for path in root.iterdir()) == [LEDGER, INDEX.path]


def test_disk_that_fills_up_before_the_last_file_is_written_replaces_none(root, monkeypatch):
    publish(root, A, B)
    monkeypatch.setattr(os, "fsync", failing(os.fsync, 2))
    either = "|".join(map(re.escape, (A.path, B.path)))  # they are written at the same time
    with pytest.raises(OutputError, match=f"cannot write feeds/({either}): "):
        publish(root, document(A.path, "two"), document(B.path, "two"))
    assert [(root / each.path).read_bytes() for each in (A, B)] == [A.data, B.data]


def test_error_says_how_many_files_were_written(root, monkeypatch):
    monkeypatch.setattr(os, "fsync", failing(os.fsync, 3))
    with pytest.raises(OutputError, match="0 of 3 new files stand"):
        publish(root, A, B, INDEX)


def test_folder_that_cannot_be_written_is_an_error_that_names_the_file():
    with open_folder() as folder:
        root = folder / "feeds"
        publish(root, A)
        (root / "topics/a").chmod(0o555)
        with (
            nobody(folder),
            pytest.raises(OutputError, match=r"cannot write feeds/topics/a/rss\.xml: Permission"),
        ):
            publish(root, document(A.path, "two"))


def refusing(name):
    """Return an `os.replace` that fails for the target of that name."""
    replace = os.replace

    def maybe(source, target):
        if Path(target).name == name:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        return replace(source, target)

    return maybe


def test_file_that_cannot_be_replaced_is_an_error(root, monkeypatch):
    publish(root, document("a.xml"), document("b.xml"))
    monkeypatch.setattr(os, "replace", refusing("a.xml"))
    with pytest.raises(OutputError, match="Permission denied"):
        publish(root, document("a.xml", "two"), document("b.xml", "two"))
    assert sorted(files(root)) == [LEDGER, "a.xml", "b.xml"]


def test_file_that_cannot_be_replaced_is_named(root, monkeypatch):
    publish(root, document("a.xml"), document("b.xml"))
    monkeypatch.setattr(os, "replace", refusing("a.xml"))
    with pytest.raises(OutputError, match=r"cannot write feeds/a\.xml"):
        publish(root, document("a.xml", "two"), document("b.xml", "two"))


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("number", range(1, 6))
def test_run_after_an_interrupted_one_makes_the_same_bytes(root, monkeypatch, number):
    replace, calls = os.replace, iter(range(1, 100))

    def killing(source, target):
        if next(calls) == number:
            raise Killed
        return replace(source, target)

    publish(root, A, B)
    new = [document(A.path, "two"), B, document("topics/b/rss.xml"), document("c"), INDEX]
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killing)
        with pytest.raises(Killed):
            publish(root, *new)
    publish(root, *new)
    publish(root.with_name("clean"), *new)
    assert files(root) == files(root.with_name("clean"))


def test_file_of_an_interrupted_run_is_known_as_ours(root, monkeypatch):
    """The new files stand, the list of them is not yet the last one."""
    write, calls = Directory._write_ledger, iter(range(1, 100))

    def only_the_first(self, ledger):
        if next(calls) > 1:
            raise Killed
        write(self, ledger)

    with monkeypatch.context() as patch:
        patch.setattr(Directory, "_write_ledger", only_the_first)
        with pytest.raises(Killed):
            publish(root, A)
    assert publish(root, document(A.path, "two")).written == (A.path,)
    assert own_paths(root) == [A.path]


def test_temporary_file_of_a_killed_run_is_removed_by_the_next(root, monkeypatch):
    def killed(*_arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        patch.setattr(os, "unlink", lambda *_, **__: None)  # nor does a dead process tidy up
        with pytest.raises(Killed):
            publish(root, A)
    left = [path for path in files(root) if path.endswith(".tmp")]
    publish(root, A)
    assert left
    assert [path for path in files(root) if path.endswith(".tmp")] == []
