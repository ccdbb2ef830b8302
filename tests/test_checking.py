"""A configuration is checked in a process beside the run, sooner on a first run; it is believed
only as long as the file holds what was checked."""

import os
import sys
import threading

import pytest
from children import none_left
from support import CONFIG, record, run_feedpub

from feedpub import checking
from feedpub.configured import load_settings
from feedpub.databases import LOCATION
from feedpub.settings import decoded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Let this be a process of one thread that has not loaded pydantic."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(checking, "_CHECKING", "not loaded")
    with none_left():
        yield


@pytest.fixture
def config(workspace, monkeypatch):
    monkeypatch.chdir(workspace.folder)
    return workspace.folder / "config.yaml"


def title(encoded):
    return decoded(encoded).site.title


def test_the_check_of_a_first_run_is_begun_and_used(config, monkeypatch):
    with checking.begun(config, 2) as under_way:
        monkeypatch.setattr(checking, "_check", None)  # nothing is checked in this process
        made = checking.checked(config, config.read_bytes(), 2, under_way)
    assert decoded(made) == load_settings(config, str(config))


def test_a_check_nobody_asks_for_is_let_be(config):
    with checking.begun(config, 2) as under_way:
        assert under_way


def test_no_check_is_begun_where_there_is_a_state(config):
    (config.parent / LOCATION).parent.mkdir()
    (config.parent / LOCATION).touch()
    with checking.begun(config, 2) as under_way:
        assert under_way is None


def test_no_check_is_begun_by_a_run_of_one_process(config):
    with checking.begun(config, 1) as under_way:
        assert under_way is None


def test_no_check_is_begun_where_the_state_may_be_elsewhere(config):
    config.write_text(CONFIG + "state: postgresql://database.example.net/feeds\n")
    with checking.begun(config, 2) as under_way:
        assert under_way is None


def test_no_check_is_begun_of_a_configuration_that_is_not_there(tmp_path):
    with checking.begun(tmp_path / "config.yaml", 2) as under_way:
        assert under_way is None


def test_a_state_is_looked_for_where_a_linked_configuration_lies(config, tmp_path):
    (config.parent / LOCATION).parent.mkdir()
    (config.parent / LOCATION).touch()
    link = tmp_path / "elsewhere.yaml"
    link.symlink_to(config)
    with checking.begun(link, 2) as under_way:
        assert under_way is None


def test_what_a_file_held_before_is_not_believed(config):
    with checking.begun(config, 2) as under_way:
        # It has ended, and is still waited for.
        assert os.waitid(os.P_PID, under_way._child, os.WEXITED | os.WNOWAIT)
        config.write_text(CONFIG.replace("Example Every Day", "Another title"))
        made = checking.checked(config, config.read_bytes(), 2, under_way)
    assert title(made) == "Another title"


def test_a_run_that_may_not_begin_ends_as_any_other(workspace):
    """The folder of the state cannot be made: the check that was begun changes no word of that."""
    workspace.write("a.md", record())
    (workspace.folder / ".feedpub").write_text("in the way")
    alone, beside = (
        run_feedpub("build", "--jobs", number, cwd=workspace.folder) for number in "12"
    )
    assert alone.returncode == 74
    assert (beside.returncode, beside.stderr) == (74, alone.stderr)
