import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import CONFIG, call_feedpub, record, run_feedpub

COMMANDS = [
    ["init"], ["build"], ["check"], ["list"], ["explain"], ["config"], ["config", "show"],
    ["config", "schema"],
]  # fmt: skip


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record())
    return workspace.folder


def raising(error):
    def fail(*_arguments, **_options):
        raise error

    return fail


@pytest.mark.parametrize("command", ["build", "check"])
def test_plugins_for_pydantic_that_others_installed_are_not_loaded(site, tmp_path_factory, command):
    elsewhere = tmp_path_factory.mktemp("installed")
    (elsewhere / "meddling.py").write_text("print('meddling')\nplugin = None\n")
    (elsewhere / "meddling-1.dist-info").mkdir()
    for name, text in {
        "METADATA": "Metadata-Version: 2.1\nName: meddling\nVersion: 1\n",
        "entry_points.txt": "[pydantic]\nmeddling = meddling:plugin\n",
    }.items():
        (elsewhere / "meddling-1.dist-info" / name).write_text(text)
    ended = run_feedpub(command, cwd=site, env={"PYTHONPATH": str(elsewhere)})
    assert (ended.returncode, "meddling" in ended.stdout) == (0, False)


# Help.


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command(tmp_path, flag):
    ended = call_feedpub(flag, cwd=tmp_path)
    assert ended.returncode == 0
    for name in ("init", "build", "check", "list", "explain", "serve", "watch", "config"):
        assert f"\n  {name} " in ended.stdout


def test_help_says_where_to_start(tmp_path):
    assert "Start with `feedpub init`" in call_feedpub("--help", cwd=tmp_path).stdout


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_command_has_help_of_its_own(tmp_path, words, flag):
    ended = call_feedpub(*words, flag, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Usage: ")
    assert "--help" in ended.stdout


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("init", ["--title", "--url", "--description", "--language", "FOLDER"]),
        ("build", ["-c, --config FILE", "--unpublished", "--prune", "-q, --quiet"]),
        ("check", ["-c, --config FILE", "--unpublished", "--format [text|json]"]),
        ("list", ["-c, --config FILE", "--unpublished", "--format", "{topics|providers|feeds}"]),
        ("explain", ["-c, --config FILE", "--unpublished", "RECORD"]),
        ("config", ["show", "schema"]),
    ],
)
def test_help_of_a_command_names_its_options(tmp_path, command, options):
    shown = call_feedpub(command, "--help", cwd=tmp_path).stdout
    assert [option for option in options if option not in shown] == []


@pytest.mark.parametrize(("command", "codes"), [("build", "0 3 4 74 75 78"), ("check", "0 3 78")])
def test_help_of_a_command_explains_its_exit_codes(tmp_path, command, codes):
    shown = call_feedpub(command, "--help", cwd=tmp_path).stdout.partition("Exit codes:")[2]
    assert [code for code in codes.split() if f"{code} " not in shown] == []


def test_version_is_told(tmp_path):
    ended = call_feedpub("--version", cwd=tmp_path)
    assert ended.returncode == 0
    assert ended.stdout.startswith("feedpub ")


# 2: the wrong command line.


@pytest.mark.parametrize(
    "words",
    [
        ["publissh"],
        ["build", "--no-such-option"],
        ["build", "surplus"],
        ["list"],
        ["list", "topcis"],
        ["check", "--format", "xml"],
        ["explain"],
        ["config", "shwo"],
        ["--no-such-option"],
    ],
    ids=" ".join,
)
def test_wrong_command_line_ends_with_2_and_the_usage(site, words):
    ended = call_feedpub(*words, cwd=site)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Usage: ")
    assert ended.stdout == ""


def test_wrong_command_line_touches_nothing(site):
    call_feedpub("build", "--prnue", cwd=site)
    assert not (site / "feeds").exists()


def test_mistyped_option_is_answered_with_the_nearest(site):
    assert "'--prune'" in call_feedpub("build", "--prnue", cwd=site).stderr


def test_mistyped_command_is_answered_with_the_nearest(site):
    assert "'build'" in call_feedpub("biuld", cwd=site).stderr


def test_mistyped_word_is_answered_with_the_words_there_are(site):
    said = call_feedpub("list", "topcis", cwd=site).stderr
    assert all(f"'{word}'" in said for word in ("topics", "providers", "feeds"))


def test_no_command_at_all_is_answered_with_the_help(tmp_path):
    ended = call_feedpub(cwd=tmp_path)
    assert ended.returncode == 2
    assert "Commands:" in ended.stderr


def test_folder_as_configuration_is_a_wrong_command_line(site):
    assert call_feedpub("build", "-c", "articles", cwd=site).returncode == 2


# 78: the configuration.


@pytest.mark.parametrize(
    "words",
    [["build"], ["check"], ["list", "feeds"], ["explain", "a.md"], ["config", "show"]],
    ids=" ".join,
)
def test_missing_configuration_ends_with_78_and_a_hint(tmp_path, words):
    ended = call_feedpub(*words, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert ended.stderr.startswith("feedpub: config.yaml: there is no such file")
    assert "feedpub init" in ended.stderr


def test_every_mistake_of_the_configuration_is_a_line_of_its_own(workspace):
    workspace.configure(CONFIG + "limit: many\nformats: pdf\n")
    ended = call_feedpub("build", cwd=workspace.folder)
    assert ended.returncode == 78
    assert [line.split(": ")[:3] for line in ended.stderr.splitlines()] == [
        ["feedpub", "config.yaml:10", "limit"],
        ["feedpub", "config.yaml:11", "formats[0]"],
    ]


def test_configuration_is_named_as_on_the_command_line(workspace):
    workspace.configure("site: x\n")
    ended = call_feedpub("build", "-c", "./config.yaml", cwd=workspace.folder)
    assert ended.stderr.startswith("feedpub: config.yaml:1: ")


def test_wrong_source_date_epoch_ends_with_78(site):
    ended = call_feedpub("build", cwd=site, env={"SOURCE_DATE_EPOCH": "yesterday"})
    assert ended.returncode == 78
    assert "SOURCE_DATE_EPOCH" in ended.stderr


def test_missing_libyaml_ends_with_78(site, monkeypatch):
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    ended = call_feedpub("build", cwd=site)
    assert ended.returncode == 78
    assert "libyaml" in ended.stderr


# 1: feedpub itself.


def test_internal_error_ends_with_1_and_one_line(site, monkeypatch):
    monkeypatch.setattr("feedpub.run.run", raising(ZeroDivisionError("secret")))
    ended = call_feedpub("build", cwd=site)
    said = (
        r"feedpub: internal error E[0-9a-f]{8} \(please report; `feedpub --debug …` shows more\)\n"
    )
    assert ended.returncode == 1
    assert re.fullmatch(said, ended.stderr)


def crashed(site, monkeypatch):
    """Let a run fail that began on a site; return what it said, and the file it left."""
    (site / ".feedpub").mkdir(exist_ok=True)
    error = ZeroDivisionError("SECRET of a record")
    error.__cause__ = KeyError("SECRET key")
    error.add_note("SECRET note")
    monkeypatch.setattr("feedpub.run.run", raising(error))
    said = call_feedpub("build", cwd=site).stderr
    (left,) = (site / ".feedpub").glob("crash-*.txt")
    return said, left


def test_internal_error_leaves_a_file_that_it_names(site, monkeypatch):
    said, left = crashed(site, monkeypatch)
    number = left.stem.removeprefix("crash-")
    assert said == f"feedpub: internal error {number} (please report; details in {left})\n"
    told = left.read_text("utf-8")
    assert re.match(r"feedpub \S+, Python 3\.", told)
    assert told.index("builtins.KeyError") < told.index("builtins.ZeroDivisionError")
    assert ", in fail\n    raise error\n" in told


def test_internal_error_at_the_same_place_has_the_same_file(site, monkeypatch):
    assert crashed(site, monkeypatch) == crashed(site, monkeypatch)


def test_internal_error_shows_no_traceback_and_no_value(site, monkeypatch):
    said, left = crashed(site, monkeypatch)
    assert "Traceback" not in said
    assert "SECRET" not in said + left.read_text("utf-8")


def test_internal_error_shows_its_traceback_on_demand(site, monkeypatch):
    monkeypatch.setattr("feedpub.run.run", raising(ZeroDivisionError("by nought")))
    ended = call_feedpub("--debug", "build", cwd=site)
    assert ended.returncode == 1
    assert "Traceback (most recent call last):" in ended.stderr
    assert "ZeroDivisionError: by nought" in ended.stderr


def test_internal_error_on_demand_leaves_no_file(site, monkeypatch):
    monkeypatch.setattr("feedpub.run.run", raising(ZeroDivisionError("by nought")))
    (site / ".feedpub").mkdir()
    call_feedpub("--debug", "build", cwd=site)
    assert list((site / ".feedpub").iterdir()) == []


# 74: what cannot be written.


def test_stdout_on_a_full_disk_ends_with_74(site):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "feedpub", "build"],
            cwd=site,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "feedpub: cannot write: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (74, said)


# 130 and 143: interrupted.


def test_interrupted_run_ends_with_130_and_says_what_stands(site, monkeypatch):
    monkeypatch.setattr("feedpub.run.run", raising(KeyboardInterrupt()))
    ended = call_feedpub("build", cwd=site)
    assert ended.returncode == 130
    assert "feedpub: interrupted; the previous feeds still stand" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_signal_ends_a_run_with_its_code_and_one_line(site, name, code):
    program = (
        "import os, signal, sys; import feedpub.run as b; from feedpub.cli.main import main;"
        f"b.run = lambda *_, **__: os.kill(os.getpid(), signal.{name});"
        "sys.argv = ['feedpub', 'build']; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=site, capture_output=True, text=True, check=False
    )
    assert ended.returncode == code
    said = ended.stderr.strip()
    assert said.startswith("feedpub: ")
    assert said.endswith("; the previous feeds still stand")
    assert len(said.splitlines()) == 1


# 74: what cannot be written.


def test_full_disk_ends_with_74_and_names_the_file(site, monkeypatch):
    def no_space(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    assert call_feedpub("build", cwd=site).returncode == 0
    before = (site / "feeds/all/rss.xml").read_bytes()
    (site / "articles/a.md").write_text(record(title="Changed"))
    monkeypatch.setattr(os, "fsync", no_space)
    ended = call_feedpub("build", cwd=site)
    assert ended.returncode == 74
    assert ended.stderr.startswith("feedpub: cannot write feeds/all/")
    assert "No space left on device" in ended.stderr
    assert (site / "feeds/all/rss.xml").read_bytes() == before


def test_output_that_is_not_ours_ends_with_78(site):
    (site / "feeds").mkdir()
    (site / "feeds/index.html").write_text("mine")
    ended = call_feedpub("build", cwd=site)
    assert ended.returncode == 78
    assert ended.stderr.startswith("feedpub: feeds/ holds files that feedpub did not write")
    assert (site / "feeds/index.html").read_text() == "mine"


# As a process of its own.


def test_module_is_run_as_a_program(site):
    ended = run_feedpub("build", cwd=site)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_module_ends_with_the_code_of_its_error(tmp_path):
    assert run_feedpub("build", cwd=tmp_path).returncode == 78


def test_reader_of_the_output_may_go_away(site):
    program = f"{sys.executable} -m feedpub config schema | head -c 1"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", program],
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    "encoding",
    [
        "ascii",
        "utf-8",
        "latin-1",
    ],
)
def test_terminal_of_any_encoding_can_show_any_title(site, encoding):
    (site / "articles/a.md").write_text(record(title="Bücher – 図書館"), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "feedpub", "explain", "a.md"],
        cwd=site,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 0
    assert b"articles/a.md: B" in ended.stdout


# The end.


def test_what_a_run_made_is_not_searched_for_garbage_at_its_end(site):
    code = (
        "import atexit, gc, sys; from feedpub.cli.main import main;"
        "atexit.register(lambda: print(gc.get_freeze_count() > 10_000));"
        "sys.argv = ['feedpub', 'build', '--quiet']; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=site, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "True\n"
