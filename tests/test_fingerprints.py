"""feedpub recognises itself by what its files hold."""

import os
import shutil
import subprocess
import sys

import pytest
from support import PROJECT

TELL = "from feedpub.fingerprints import code_fingerprint; print(code_fingerprint().hex())"


def fingerprint(folder):
    told = subprocess.run(
        [sys.executable, "-c", TELL], cwd=folder, capture_output=True, text=True, check=True
    )
    return told.stdout


@pytest.fixture
def installed(tmp_path):
    """A second installation, as on another machine: the same files, made at another time."""
    code = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PROJECT / "feedpub", tmp_path / "feedpub", ignore=code)
    for path in (tmp_path / "feedpub").rglob("*"):
        os.utime(path, (1.7e9, 1.7e9))
    return tmp_path


def test_the_same_feedpub_is_known_on_every_machine(installed):
    assert fingerprint(installed) == fingerprint(PROJECT)


def test_another_feedpub_is_not_taken_for_this_one(installed):
    location = installed / "feedpub/text.py"
    before = location.read_bytes()
    location.write_bytes(before.replace(b"e", b"f", 1))
    assert fingerprint(installed) != fingerprint(PROJECT)
