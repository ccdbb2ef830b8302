"""The golden folder: `feeds/` is what the records of `articles/` give, byte for byte.

`make feeds` rewrites it; the diff is to be read.
"""

import shutil

import pytest
from support import PROJECT, run_feedpub


def tree(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    for name in ("articles", "metadata"):
        shutil.copytree(PROJECT / name, folder / name)
    shutil.copy(PROJECT / "config.yaml", folder)
    result = run_feedpub("build", cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")
    return folder / "feeds"


def test_committed_feeds_are_what_the_records_give(built):
    made, committed = tree(built), tree(PROJECT / "feeds")
    assert sorted(made) == sorted(committed)
    assert [path for path in made if made[path] != committed[path]] == []


def test_awkward_topics_have_folders_of_their_own(built):
    folders = sorted(path.name for path in (built / "topics").iterdir())
    assert folders == [
        "ai-and-law",
        "c",
        "cpp",
        "künstliche-intelligenz",
        "libraries",
        "open-data",
        "repair",
    ]


@pytest.mark.parametrize("word", ["CiphertextSample", "counting-readers", "archive-flood-damage"])
def test_withheld_word_is_nowhere_in_the_feeds(built, word):
    assert [path for path, data in tree(built).items() if word.encode() in data] == []
