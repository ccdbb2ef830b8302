"""The settings of a run: checked in a process beside it or in its own, all is the same."""

import json
import subprocess
import sys

import msgspec
import pytest
from msgspec.structs import replace
from support import CONFIG, record, run_feedpub

from feedpub import settings

MODULES = """
import json, sys
from feedpub.cli.main import cli
sys.argv = ["feedpub", "build", *sys.argv[1:]]
try:
    cli.main(standalone_mode=False)
finally:
    print(json.dumps(sorted(sys.modules)))
"""
MISTAKEN = {
    "several mistakes": CONFIG.replace("title:", "titel:") + "limit: no\nguard: {max_drop: 5}\n",
    "no YAML": "site: [\n",
    "nothing": "",
    "a place that is not there": CONFIG + "topics: nowhere/\n",
    "the output outside": CONFIG + "output: ../feeds\n",
}


def modules_of_a_run(folder, *options):
    done = subprocess.run(
        [sys.executable, "-c", MODULES, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_a_first_run_checks_the_configuration_in_another_process(workspace):
    workspace.write("a.md", record())
    modules = modules_of_a_run(workspace.folder, "--jobs", "2")
    assert "feedpub.build" in modules
    assert "pydantic" not in modules


def test_a_run_of_one_process_checks_the_configuration_itself(workspace):
    workspace.write("a.md", record())
    assert "pydantic" in modules_of_a_run(workspace.folder, "--jobs", "1")


@pytest.mark.parametrize("config", MISTAKEN.values(), ids=MISTAKEN)
def test_mistakes_are_told_once_and_in_the_same_words(workspace, config):
    workspace.write("a.md", record())
    workspace.configure(config)
    alone, beside = (
        run_feedpub("build", "--jobs", number, cwd=workspace.folder) for number in "12"
    )
    assert (beside.returncode, beside.stdout, beside.stderr) == (78, "", alone.stderr)
    assert alone.stderr.startswith("feedpub: config.yaml:")
    assert len(set(alone.stderr.splitlines())) == len(alone.stderr.splitlines())


def test_a_changed_configuration_is_checked_again(workspace):
    workspace.write("a.md", record())
    assert run_feedpub("build", "--jobs", "2", cwd=workspace.folder).returncode == 0
    workspace.configure(CONFIG + "groups: [all]\n")
    assert run_feedpub("build", "--jobs", "2", "--prune", cwd=workspace.folder).returncode == 0
    feeds = json.loads((workspace.folder / "feeds/feeds.json").read_text())["feeds"]
    assert len(feeds) == 1


class Unknown:
    """Something that nobody taught the settings to keep."""


def test_what_cannot_be_kept_is_named(workspace):
    with pytest.raises(NotImplementedError, match=r"hold <class '.*Unknown'>"):
        settings.encoded(replace(workspace.settings, hubs=(Unknown(),)))
    with pytest.raises(NotImplementedError, match=r"hold <class '.*Unknown'>"):
        msgspec.msgpack.decode(b"\xc0", type=Unknown, dec_hook=settings._made)
