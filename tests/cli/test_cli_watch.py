import signal
import subprocess
import sys
from shutil import rmtree

import pytest
from support import CONFIG, call_feedpub, record


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record())
    return workspace


@pytest.fixture
def watching(site):
    """Start `feedpub watch`, and read what it says of its first build."""
    process = subprocess.Popen(
        [sys.executable, "-m", "feedpub", "watch"],
        cwd=site.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "1 record read" in process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def rss(site):
    return (site.folder / "feeds/all/rss.xml").read_text()


def test_changed_record_is_published(site, watching):
    site.write("a.md", record(title="Changed"))
    assert "written" in watching.stdout.readline()
    assert "<title>Changed</title>" in rss(site)


def test_records_of_a_new_folder_are_published(site, watching):
    site.write("deep/down/b.md", record(title="New", webUrl="/b"))
    assert "2 records read" in watching.stdout.readline()


def test_folder_that_is_replaced_is_watched_again(site, watching):
    articles = site.folder / "articles"
    for title in ("Second", "Third"):
        rmtree(articles)
        site.write("a.md", record(title=title))
        while f"<title>{title}</title>" not in rss(site):
            assert watching.stdout.readline()


def test_changed_configuration_is_published(site, watching):
    site.configure(CONFIG.replace("Example Every Day", "Another name"))
    assert "written" in watching.stdout.readline()
    assert "<title>Another name</title>" in rss(site)


def test_sources_of_a_changed_configuration_are_watched(site, watching):
    site.configure(CONFIG + "  - more/\ntopics: metadata/\n")
    (site.folder / "more").mkdir()
    (site.folder / "metadata").mkdir()
    (site.folder / "more/b.md").write_text(record(title="More", webUrl="/b"))
    while "2 records read" not in watching.stdout.readline():
        pass
    (site.folder / "metadata/libraries.yaml").write_text("name: Libraries\ntitle: Book houses\n")
    (site.folder / "more/b.md").write_text(record(title="Even more", webUrl="/b"))
    while "<title>Even more</title>" not in rss(site):
        watching.stdout.readline()


def test_failure_is_said_and_the_next_change_is_the_next_try(site, watching):
    site.configure("sources: [articles/]")
    assert "site" in watching.stderr.readline()
    site.configure(CONFIG.replace("Example Every Day", "Mended"))
    assert "written" in watching.stdout.readline()
    assert "<title>Mended</title>" in rss(site)


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_signal_ends_it(watching, sent, code, said):
    watching.send_signal(sent)
    _, errors = watching.communicate(timeout=30)
    assert watching.returncode == code
    assert errors.strip() == f"feedpub: {said}; the previous feeds still stand"


def test_configuration_that_cannot_be_used_at_the_start_ends_it(workspace):
    workspace.configure("sites: 1")
    assert call_feedpub("watch", cwd=workspace.folder).returncode == 78
