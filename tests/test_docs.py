"""What the documentation shows is run, and what exists is documented."""

import re
import shlex
import subprocess
import sys

import pytest
from commands_page import page
from pydantic import BaseModel
from site_server import put_site, serving_site
from support import PROJECT, run_feedpub

from feedpub import errors
from feedpub.cli.main import COMMANDS
from feedpub.config import Config, NamedConfig, ProviderItem, SelectConfig, TopicItem
from feedpub.config_file import parse_config
from feedpub.config_parts import SourceConfig
from feedpub.fields import FIELD_NAMES
from feedpub.sources.readers import READERS
from feedpub.tree import SECRET_KEYS

README = (PROJECT / "README.md").read_text("utf-8")
DOCS = {path.name: path.read_text("utf-8") for path in sorted((PROJECT / "docs").glob("*.md"))}


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def console_commands(text):
    lines = [line for block in blocks(text, "console") for line in block.splitlines()]
    return [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ ")]


FEEDPUB_COMMANDS = [words[1:] for words in console_commands(README) if words[0] == "feedpub"]
# performance.md shows the options of the benchmarks, which run for a quarter of an hour, and
# scaling.md those of Dask.
OTHERS = {"performance.md", "scaling.md"}
COMMAND_DOCS = [README, *(text for name, text in DOCS.items() if name not in OTHERS)]
SHOWN_OPTIONS = sorted(set(re.findall(r"--[a-z]+(?:-[a-z]+)*", "\n".join(COMMAND_DOCS))))
# Commands that go on until they are told to end, and what keeps them from one another's way.
LASTING = {"serve": ["--port", "0"], "watch": []}
OPTION_RUNS = {
    "--all": ["doctor", "--all"],
    "--accept-shrink": ["build", "--accept-shrink"],
    "--bind": ["serve", "--bind", "127.0.0.1", "--help"],
    "--config": ["build", "--config", "config.yaml"],
    "--debug": ["--debug", "build"],
    "--description": ["init", "new", "--description", "All about it"],
    "--dry-run": ["build", "--dry-run"],
    "--format": ["check", "--format", "json"],
    "--help": ["build", "--help"],
    "--jobs": ["build", "--jobs", "2"],
    "--lock-wait": ["build", "--lock-wait", "5"],
    "--language": ["init", "new", "--language", "pt-BR"],
    "--max-age": ["doctor", "--max-age", "36500"],
    "--metrics": ["build", "--metrics", "feedpub.prom"],
    "--no-ping": ["build", "--no-ping"],
    "--offline": ["build", "--offline"],
    "--port": ["serve", "--port", "0", "--help"],
    "--profile": ["doctor", "--profile", "msn", "--help"],  # no small site has all it asks
    "--prune": ["build", "--prune"],
    "--quiet": ["build", "--quiet"],
    "--report": ["build", "--report", "report.json"],
    "--strict": ["build", "--strict"],
    "--title": ["init", "new", "--title", "News: all of them"],
    "--to": ["retire", "topics/old", "--to", "https://new.example.org/"],
    "--unpublished": ["build", "--unpublished"],
    "--url": ["init", "new", "--url", "https://news.example.org/feeds"],
    "--version": ["--version"],
    "--watch": ["serve", "--watch", "--help"],
}


@pytest.fixture
def site(tmp_path):
    assert run_feedpub("init", cwd=tmp_path).returncode == 0
    return tmp_path


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """Yield the address of a site that is served."""
    with serving_site() as server:
        put_site(tmp_path_factory.mktemp("live"), server)
        yield server.url


def at_home(words, live):
    """Return a command that asks the network of loopback alone."""
    return [*words, "--url", live] if words[0] == "doctor" else words


def test_readme_shows_every_command():
    shown = {words[0] for words in FEEDPUB_COMMANDS}
    assert shown == set(COMMANDS)


@pytest.mark.parametrize(
    "words", [words for words in FEEDPUB_COMMANDS if words[0] not in LASTING], ids=" ".join
)
def test_command_shown_in_readme_succeeds(site, live, words):
    result = run_feedpub(*at_home(words, live), cwd=site)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    "words", [words for words in FEEDPUB_COMMANDS if words[0] in LASTING], ids=" ".join
)
def test_lasting_command_shown_in_readme_begins(site, words):
    with subprocess.Popen(
        [sys.executable, "-m", "feedpub", *words, *LASTING[words[0]]],
        cwd=site,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline()
        process.terminate()
        assert process.wait(30) == 143


@pytest.mark.parametrize("option", SHOWN_OPTIONS)
def test_option_shown_in_the_documentation_works(site, live, option):
    result = run_feedpub(*at_home(OPTION_RUNS[option], live), cwd=site)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("what", ["topics", "providers", "feeds"])
def test_list_shown_in_readme_works_for(site, what):
    assert run_feedpub("list", what, cwd=site).returncode == 0


def test_make_targets_shown_in_readme_exist():
    targets = re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    shown = {words[1] for words in console_commands(README) if words[0] == "make"}
    assert shown == {"feeds", "test"}
    assert shown <= set(targets)


@pytest.mark.parametrize("block", blocks(README, "yaml"))
def test_configuration_shown_in_readme_is_valid(block):
    assert parse_config(block.encode(), "README.md").site.title == "Example Every Day"


def test_readme_can_be_read_in_five_minutes():
    assert len(README.split()) < 1200


def test_commands_page_is_what_help_says():
    assert DOCS["commands.md"] == page()


def keys_of(model):
    for name, field in model.model_fields.items():
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys_of(field.annotation)


@pytest.mark.parametrize(
    "key",
    sorted(
        {
            k
            for m in (Config, SelectConfig, NamedConfig, SourceConfig, TopicItem, ProviderItem)
            for k in keys_of(m)
        }
    ),
)
def test_configuration_key_is_documented(key):
    shown = rf"[`.{{]{key}[`:.]|^## {key}$"
    assert re.search(shown, DOCS["configuration.md"], re.MULTILINE)


@pytest.mark.parametrize(
    "name", sorted({n for names in FIELD_NAMES.values() for n in names} | SECRET_KEYS)
)
def test_field_name_is_documented(name):
    assert f"`{name}`" in DOCS["records.md"]


@pytest.mark.parametrize("suffix", sorted(READERS))
def test_file_extension_is_documented(suffix):
    assert f"`{suffix}`" in DOCS["records.md"]


def test_exit_codes_are_documented():
    codes = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.FeedpubError)
    }
    documented = {
        int(code) for code in re.findall(r"^\| (\d+)[ ,]", DOCS["operations.md"], re.MULTILINE)
    }
    assert codes | {0, 2, 3, 130} == documented


@pytest.mark.parametrize("name", sorted(DOCS))
def test_links_of_a_page_lead_somewhere(name):
    for target in re.findall(r"\]\(([^)#:]+)\)", DOCS[name]):
        assert (PROJECT / "docs" / target).exists(), target


def test_links_of_readme_lead_somewhere():
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(targets) >= 6
    assert all((PROJECT / target).exists() for target in targets)
