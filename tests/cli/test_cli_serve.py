import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from support import call_feedpub, record

from feedpub.preview.reloading import VERSION_PATH


@pytest.fixture
def site(workspace):
    workspace.write("a.md", record())
    assert call_feedpub("build", cwd=workspace.folder).returncode == 0
    return workspace


@contextmanager
def lasting(*arguments, cwd):
    """Run a command that does not end by itself; yield the process, its output unread."""
    process = subprocess.Popen(
        [sys.executable, "-m", "feedpub", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def port_of(process):
    """Read on to the line that says where the preview is."""
    for line in process.stdout:
        if found := re.match(r"http://127\.0\.0\.1:(\d+)/ ", line):
            return int(found[1])
    raise AssertionError(process.stderr.read())


def body(port, path):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    try:
        return connection.getresponse().read()
    finally:
        connection.close()


def test_output_is_served_byte_for_byte(site):
    with lasting("serve", "--port", "0", cwd=site.folder) as process:
        port = port_of(process)
        for path in ("index.html", "all/rss.xml", "feeds.opml"):
            assert body(port, f"/{path}") == (site.folder / "feeds" / path).read_bytes()


def test_nothing_is_built_without_watch(site):
    site.write("b.md", record(title="Second", webUrl="/b"))
    before = (site.folder / "feeds/all/rss.xml").read_bytes()
    with lasting("serve", "--port", "0", cwd=site.folder) as process:
        assert body(port_of(process), "/all/rss.xml") == before


@pytest.mark.parametrize("options", [[], ["--watch"]])
@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_signal_ends_it(site, options, sent, code, said):
    with lasting("serve", "--port", "0", *options, cwd=site.folder) as process:
        port_of(process)
        process.send_signal(sent)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert errors.strip() == f"feedpub: {said}; the previous feeds still stand"


def test_watch_builds_and_serves_what_changed(workspace):
    """Also without an output to begin with."""
    workspace.write("a.md", record())
    with lasting("serve", "--watch", "--port", "0", cwd=workspace.folder) as process:
        port = port_of(process)
        before = body(port, VERSION_PATH)
        workspace.write("a.md", record(title="Changed"))
        assert "written" in process.stdout.readline()
        assert b"<title>Changed</title>" in body(port, "/all/rss.xml")
        assert body(port, VERSION_PATH) != before


def test_output_that_is_not_there_is_said(workspace):
    ended = call_feedpub("serve", "--port", "0", cwd=workspace.folder)
    assert ended.returncode == 78
    assert "feeds/: there is nothing to serve; run `feedpub build` first" in ended.stderr


def test_port_in_use_is_said(site):
    with lasting("serve", "--port", "0", cwd=site.folder) as process:
        port = str(port_of(process))
        ended = call_feedpub("serve", "--port", port, cwd=site.folder)
    assert ended.returncode == 78
    assert f"cannot listen at 127.0.0.1, port {port}" in ended.stderr


def test_other_address_is_served_with_a_warning(site):
    with lasting("serve", "--port", "0", "--bind", "0.0.0.0", cwd=site.folder) as process:
        assert process.stdout.readline().startswith("http://0.0.0.0:")
        assert "warning: other machines can reach 0.0.0.0" in process.stderr.readline()


@pytest.mark.parametrize("options", [["--bind", "localhost"], ["--port", "70000"]])
def test_senseless_address_is_a_wrong_command_line(site, options):
    assert call_feedpub("serve", *options, cwd=site.folder).returncode == 2


@pytest.mark.parametrize(
    ("command", "library"),
    [("serve", "uvicorn"), ("serve", "starlette"), ("serve", "watchfiles"),
     ("watch", "watchfiles")],
)  # fmt: skip
def test_missing_extra_is_named(site, command, library):
    program = (
        f"import sys; sys.modules[{library!r}] = None; from feedpub.cli.main import main; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, command],
        cwd=site.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 78
    assert "is not installed: pip install 'feedpub[serve]'" in ended.stderr
    assert "Traceback" not in ended.stderr
