import os
import socket
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import CONFIG
from unprivileged import nobody, open_folder

from feedpub.errors import ConfigError, RecordError
from feedpub.sources.contents import decoded, read_bytes
from feedpub.sources.files import FileSource, SourceFile

TEXT = "---\ntitle: a\n---\n"


@pytest.fixture
def folder(tmp_path):
    """Make the folder of a source, beside others."""
    location = tmp_path / "articles"
    location.mkdir()
    return location


def put(location, text=TEXT):
    location.parent.mkdir(parents=True, exist_ok=True)
    location.write_bytes(text if isinstance(text, bytes) else text.encode())
    return location


def source(pattern, shown="articles/", **fields):
    return FileSource(pattern=str(pattern), shown=shown, **fields)


def paths(pattern, suffixes=(".md",), **fields):
    return [file.path for file in source(pattern, **fields).files(suffixes)]


def shown(pattern, name):
    return [file.shown for file in source(pattern, name).files([".md"])]


def file_at(location):
    return SourceFile(location=str(location), shown="a.md", path="a")


def read_text(file, max_bytes):
    return decoded(read_bytes(file, max_bytes))


def refusal(location, max_bytes=1000):
    with pytest.raises(RecordError) as raised:
        read_text(file_at(location), max_bytes)
    return raised.value


# Finding


def test_files_come_sorted_with_their_folders(folder):
    for name in ("b.md", "a/z.md", "a.md", "c/d/e.md"):
        put(folder / name)
    assert paths(folder) == ["a", "a/z", "b", "c/d/e"]


def test_only_known_suffixes_are_read_in_any_letter_case(folder):
    for name in ("a.md", "b.MD", "c.txt", "d", "e.md.bak"):
        put(folder / name)
    assert paths(folder) == ["a", "b"]


def test_path_has_no_extension_and_keeps_other_dots(folder):
    put(folder / "2026.01.30-v1.2.md")
    assert paths(folder) == ["2026.01.30-v1.2"]


@pytest.mark.parametrize(
    "name", [".hidden.md", ".git/a.md", "a/.obsidian/b.md", "a.md~", ".a.md.swp"]
)
def test_hidden_files_are_passed_over(folder, name):
    put(folder / name)
    assert paths(folder) == []


def test_name_with_leading_dots_within_is_not_hidden(folder):
    put(folder / "1-..md.md")
    assert paths(folder) == ["1-..md"]


def test_hidden_folder_above_the_source_hides_nothing(tmp_path):
    put(tmp_path / ".config" / "articles" / "a.md")
    assert paths(tmp_path / ".config" / "articles") == ["a"]


@pytest.mark.parametrize(
    ("exclude", "left"),
    [
        ((), ["drafts/b", "a", "drafts-a"]),
        (("drafts/*",), ["a", "drafts-a"]),
        (("a.md",), ["drafts/b", "drafts-a"]),
        (("*.md",), []),
        (("*.html", "b.md"), ["a", "drafts-a"]),
    ],
)
def test_excluded_files_are_passed_over(folder, exclude, left):
    for name in ("a.md", "drafts/b.md", "drafts-a.md"):
        put(folder / name)
    assert sorted(paths(folder, exclude=exclude)) == sorted(left)


def test_prefix_goes_in_front_of_the_path(folder):
    put(folder / "x/a.md")
    assert paths(folder, prefix="blog/") == ["blog/x/a"]


def test_output_below_the_source_is_passed_over(folder):
    for name in ("a.md", "feeds/all/index.md", "feeds-of-others/b.md"):
        put(folder / name)
    assert paths(folder, output=folder / "feeds") == ["a", "feeds-of-others/b"]


@pytest.mark.parametrize(
    ("pattern", "output"),
    [("x/../articles", "articles/feeds"), ("articles", "x/../articles/feeds")],
)
def test_output_below_the_source_is_passed_over_however_it_is_written(tmp_path, pattern, output):
    put(tmp_path / "articles/feeds/all/index.md")
    (tmp_path / "x").mkdir()
    assert paths(tmp_path / pattern, output=tmp_path / output) == []


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.md", ["a"]),
        ("*/*.md", ["b/c"]),
        ("**/*.md", ["a", "b/c", "b/d/e"]),
        ("[bx]/*.md", ["b/c"]),
        ("b/*", ["c"]),
        ("b/**/*.md", ["c", "d/e"]),
    ],
)
def test_glob_finds_files_relative_to_its_plain_part(folder, pattern, found):
    for name in ("a.md", "b/c.md", "b/d/e.md"):
        put(folder / name)
    assert paths(folder / pattern) == found


def test_hidden_files_are_passed_over_by_a_glob(folder):
    for name in (".a.md", ".git/b.md", "c.md"):
        put(folder / name)
    assert paths(folder / "**" / "*.md") == ["c"]


def test_single_file_is_a_source(folder):
    put(folder / "b.md")
    assert paths(put(folder / "a.md")) == ["a"]


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("", "articles/", "articles/x/a.md"),
        ("", "articles", "articles/x/a.md"),
        ("", "./articles", "articles/x/a.md"),
        ("", "../articles", "../articles/x/a.md"),
        ("", "/srv/articles", "/srv/articles/x/a.md"),
        ("**/*.md", "articles/**/*.md", "articles/x/a.md"),
        ("x/*.md", "articles/x/*.md", "articles/x/a.md"),
        ("x/a.md", "articles/x/a.md", "articles/x/a.md"),
    ],
)
def test_file_is_shown_as_the_configuration_names_its_source(folder, pattern, name, expected):
    put(folder / "x/a.md")
    assert shown(folder / pattern, name) == [expected]


def test_folder_that_is_there_exists(folder):
    assert source(folder).exists()


def test_folder_that_is_missing_does_not_exist(folder):
    assert not source(folder.parent / "nowhere").exists()


@pytest.mark.parametrize("name", ["nowhere/", "records.json", "articles/nowhere"])
def test_missing_source_ends_the_run_before_feeds_are_emptied(workspace, name):
    workspace.configure(CONFIG.replace("- articles/", f"- {name}"))
    with pytest.raises(ConfigError, match="there is no"):
        workspace.build()


@pytest.mark.parametrize(("pattern", "there"), [("articles/*.md", True), ("nowhere/*.md", False)])
def test_glob_is_there_if_its_folder_is(folder, pattern, there):
    assert source(folder.parent / pattern).exists() is there


def test_single_file_that_is_missing_is_not_there(folder):
    assert not source(folder / "records.json").exists()


@pytest.mark.parametrize("parent", ["site [2026]", "what?", "a*b"])
def test_source_may_lie_in_a_folder_with_signs_of_globs(tmp_path, parent):
    put(tmp_path / parent / "articles" / "a.md")
    assert paths(tmp_path / parent / "articles") == ["a"]


@given(
    st.lists(
        st.from_regex(r"[a-cé]{1,2}(/[a-c]{1,2})?", fullmatch=True),
        min_size=1,
        max_size=5,
        unique=True,
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_of_creation_does_not_matter(tmp_path_factory, names, random):
    made = []
    for order in (sorted(names), random.sample(names, len(names))):
        folder = tmp_path_factory.mktemp("made")
        for name in order:
            put(folder / f"{name}.md")
        made.append(paths(folder))
    assert made[0] == made[1]


# Reading


def test_text_is_utf_8(folder):
    assert read_text(file_at(put(folder / "a.md", "é日😀")), 100) == "é日😀"


def test_one_byte_order_mark_is_dropped(folder):
    assert read_text(file_at(put(folder / "a.md", "\ufeffa")), 100) == "a"


def test_second_byte_order_mark_is_text(folder):
    assert read_text(file_at(put(folder / "a.md", "\ufeff\ufeffa")), 100) == "\ufeffa"


def test_line_ends_are_kept(folder):
    assert read_text(file_at(put(folder / "a.md", "a\r\nb\rc\n")), 100) == "a\r\nb\rc\n"


@pytest.mark.parametrize(
    "data",
    [
        "title: é".encode("latin-1"),
        "title: “q”".encode("cp1252"),
        "title: 日本".encode("shift_jis"),
        "title: a".encode("utf-16"),
        b"\x89PNG\r\n\x1a\n",
        b"a\xc0\xafb",
        b"a\xed\xa0\xbd\xed\xb8\x80b",
        b"a\xe2\x82",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    ],
    ids="latin-1 cp1252 shift_jis utf-16 png overlong cesu-8 truncated gzip".split(),
)
def test_file_that_is_not_utf_8_is_refused(folder, data):
    assert refusal(put(folder / "a.md", data)).code == "not-utf-8"


def test_first_bad_byte_is_named(folder):
    assert refusal(put(folder / "a.md", b"caf\xe9")).message == "not UTF-8 (byte 0xE9 at offset 3)"


@pytest.mark.parametrize(("size", "refused"), [(10, False), (11, True)])
def test_file_beyond_the_limit_is_refused(folder, size, refused):
    location = put(folder / "a.md", "x" * size)
    if refused:
        assert refusal(location, 10).code == "too-large"
    else:
        assert read_text(file_at(location), 10) == "x" * size


def test_huge_file_is_refused_unread(folder):
    location = put(folder / "a.md", "")
    os.truncate(location, 1 << 40)
    assert refusal(location).code == "too-large"


@pytest.mark.parametrize(
    "target", ["../outside.md", "/etc/passwd", "nowhere", "link.md", "/dev/zero"]
)
def test_symbolic_link_is_not_followed(folder, target):
    put(folder.parent / "outside.md")
    location = folder / "link.md"
    location.symlink_to(target)
    assert refusal(location).code == "symlink"


def test_symbolic_link_is_found_so_that_it_can_be_named(folder):
    (folder / "link.md").symlink_to("/etc/passwd")
    assert paths(folder) == ["link"]


def test_linked_folder_is_not_entered(folder):
    put(folder.parent / "outside" / "a.md")
    (folder / "link").symlink_to("../outside")
    assert paths(folder) == []


def test_folder_that_links_to_itself_ends(folder):
    put(folder / "a.md")
    (folder / "loop").symlink_to(".")
    assert paths(folder) == ["a"]


def test_linked_folder_is_not_entered_by_a_glob(folder):
    put(folder.parent / "outside" / "a.md")
    (folder / "link").symlink_to("../outside")
    assert paths(folder / "*" / "*.md") == []


def test_linked_folder_is_not_entered_by_a_deep_glob(folder):
    put(folder.parent / "outside" / "a.md")
    (folder / "link").symlink_to("../outside")
    assert paths(folder / "**" / "*.md") == []


def test_pipe_does_not_stop_the_run(folder):
    os.mkfifo(folder / "pipe.md")
    code = """
import sys
from feedpub.errors import RecordError
from feedpub.sources.contents import read_bytes
from feedpub.sources.files import FileSource
for file in FileSource(pattern=sys.argv[1], shown="articles/").files([".md"]):
    try:
        read_bytes(file, 1000)
    except RecordError as error:
        print(error.code)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, folder],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("not-a-file\n", "")


def test_socket_is_no_record(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.md")
        assert refusal(folder / "s.md").code == "unreadable"


def test_folder_named_like_a_record_is_no_record(folder):
    put(folder / "a.md" / "b.md")
    assert paths(folder) == ["a.md/b"]


def test_folder_named_like_a_record_is_passed_over_by_a_glob(folder):
    (folder / "a.md").mkdir()
    assert paths(folder / "*.md") == []


def test_file_that_vanished_is_a_reason(folder):
    assert refusal(folder / "gone.md").message == "cannot be read: No such file or directory"


def test_file_that_may_not_be_read_is_a_reason():
    with open_folder() as folder:
        location = put(folder / "a.md")
        location.chmod(0)
        with nobody(folder):
            assert refusal(location).message == "cannot be read: Permission denied"


@pytest.mark.parametrize("pattern", ["", "**/*.md", "*/*.md"])
def test_folder_that_may_not_be_read_is_not_an_empty_one(pattern):
    with open_folder() as folder:
        put(folder / "locked" / "a.md")
        (folder / "locked").chmod(0)
        with nobody(folder), pytest.raises(ConfigError, match="locked/: cannot be read"):
            paths(folder / pattern)


def test_folder_that_may_not_be_read_may_be_excluded():
    with open_folder() as folder:
        put(folder / "a.md")
        (folder / "lost+found").mkdir(mode=0)
        with nobody(folder):
            assert paths(folder, exclude=("lost+found",)) == ["a"]


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_name_that_is_not_utf_8_is_a_path(folder):
    name = b"caf\xe9.md"
    (folder / os.fsdecode(name)).write_text(TEXT)
    [path] = paths(folder)
    assert os.fsencode(path) == b"caf\xe9"


# Files that change while they are read.


@pytest.fixture
def meddle(monkeypatch):
    """Return what lets someone write to a file after each of its first reads."""
    monkeypatch.setattr("feedpub.sources.contents._PAUSES", (0, 0))

    def prepare(times, change):
        read, done = os.read, []

        def reading(descriptor, size):
            data = read(descriptor, size)
            if len(done) < times:
                done.append(data)
                change()
            return data

        monkeypatch.setattr("feedpub.sources.contents.os.read", reading)
        return done

    return prepare


def append_to(location):
    def append():
        with location.open("a") as file:
            file.write("more\n")

    return append


def read(location):
    file = SourceFile(location=str(location), shown=location.name, path="a")
    return read_bytes(file, 1000)


def test_file_that_changes_while_it_is_read_is_read_again(folder, meddle):
    location = put(folder / "a.md")
    tries = meddle(2, append_to(location))
    assert read(location) == location.read_bytes()
    assert len(tries) == 2


def test_file_that_is_only_dated_anew_while_it_is_read_is_read_again(folder, meddle):
    location = put(folder / "a.md")
    tries = meddle(1, lambda: os.utime(location, (1, 1)))
    assert read(location) == location.read_bytes()
    assert len(tries) == 1


def test_file_that_keeps_changing_is_refused_after_three_tries(folder, meddle):
    location = put(folder / "a.md")
    tries = meddle(9, append_to(location))
    refused = refusal(location)
    assert (refused.code, len(tries)) == ("changing", 3)
    assert refused.message == "changed while it was read, each time that was tried"


def test_file_that_is_replaced_while_it_is_read_is_what_it_was(folder, meddle):
    location, other = put(folder / "a.md"), put(folder / "b.md")
    whole = location.read_bytes()
    other.write_text("---\ntitle: b\n---\n")
    meddle(1, lambda: other.replace(location))
    assert read(location) == whole


def test_file_that_vanished_from_a_folder_that_can_be_listed_is_gone(folder):
    assert refusal(folder / "gone.md").code == "gone"


def test_file_of_a_folder_that_vanished_is_not_known_to_be_gone(folder):
    assert refusal(folder / "gone" / "a.md").code == "unreadable"


def test_folder_that_became_a_file_while_it_was_listed_holds_nothing(folder, monkeypatch):
    inner = put(folder / "a.md" / "inner.md")
    put(folder / "b.md")
    entries = FileSource._entries

    def replacing(self, root, below, unreadable):
        for entry in entries(self, root, below, unreadable):
            if entry.name == "inner.md":
                inner.unlink()
                inner.parent.rmdir()
                put(folder / "a.md")
            yield entry

    monkeypatch.setattr(FileSource, "_entries", replacing)
    assert list(source(folder).scan([".md"])) == ["b.md"]
