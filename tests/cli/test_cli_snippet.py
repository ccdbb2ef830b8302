import os

import pytest
from support import call_feedpub

from feedpub.hosting import KINDS


@pytest.fixture
def site(tmp_path):
    call_feedpub("init", "--url", "https://feeds.example.org/news/", cwd=tmp_path)
    return tmp_path


def configured(site, text):
    with (site / "config.yaml").open("a") as config:
        config.write(text)


@pytest.mark.parametrize("kind", KINDS)
def test_snippet_is_printed_before_the_first_build(site, kind):
    ended = call_feedpub("snippet", kind, cwd=site)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "https://feeds.example.org/news/" in ended.stdout
    assert not (site / "feeds").exists()


def test_paths_are_absolute_wherever_it_is_asked_from(site):
    asked = call_feedpub("snippet", "cron", "--config", f"{site.name}/config.yaml", cwd=site.parent)
    assert asked.stdout == call_feedpub("snippet", "cron", cwd=site).stdout
    assert f"--config {site}/config.yaml\n" in asked.stdout


def test_feedpub_that_is_named_can_be_run(site):
    words = call_feedpub("snippet", "cron", cwd=site).stdout.splitlines()[-1].split()
    assert os.access(words[5], os.X_OK)


def test_formats_are_those_configured_and_those_published_before(site):
    call_feedpub("build", cwd=site)
    configured(site, "formats: [atom]\n")
    assert "rss" in call_feedpub("snippet", "headers", cwd=site).stdout
    call_feedpub("build", "--prune", cwd=site)
    printed = call_feedpub("snippet", "headers", cwd=site).stdout
    assert ("rss" in printed, "atom" in printed) == (False, True)


@pytest.mark.parametrize(
    ("kind", "said"), [("nginx", "gzip_static on"), ("caddy", "precompressed gzip")]
)
def test_compressed_copies_are_sent_if_there_are_any(site, kind, said):
    assert said not in call_feedpub("snippet", kind, cwd=site).stdout
    configured(site, "precompress: true\n")
    assert said in call_feedpub("snippet", kind, cwd=site).stdout


def test_records_elsewhere_are_mounted(site):
    text = (site / "config.yaml").read_text().replace("- articles/", "- ../records/*.md")
    (site / "config.yaml").write_text(text + "allow_outside: true\n")
    records = site.parent / "records"
    assert f"src={records},dst={records}" in call_feedpub("snippet", "docker", cwd=site).stdout


def test_kind_that_is_not_known_is_a_wrong_command_line(site):
    ended = call_feedpub("snippet", "iis", cwd=site)
    assert ended.returncode == 2
    assert "nginx" in ended.stderr


def test_path_that_cannot_be_told_is_an_error_without_a_traceback(site):
    configured(site, "")
    text = (site / "config.yaml").read_text().replace("output: feeds/", "output: $feeds/")
    (site / "config.yaml").write_text(text)
    ended = call_feedpub("snippet", "nginx", cwd=site)
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "choose another path" in ended.stderr
