"""What programs are told of a run, however it ended: the report, the metrics, the monitor."""

import json
import os
import shutil
import signal
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from filelock import FileLock
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families
from report_schema import text
from support import CONFIG, PROJECT, call_feedpub, record
from unprivileged import nobody, open_folder

SCHEMA = json.loads((PROJECT / "docs/report.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def build(folder, *options, **env):
    return call_feedpub("build", *options, cwd=folder, env=env)


def report(folder, *options, **env):
    """Build with a report; return it, once it is seen that it tells the exit code and is valid."""
    ended = build(folder, "--report", "report.json", *options, **env)
    told = json.loads((folder / "report.json").read_bytes())
    VALIDATOR.validate(told)
    assert told["exit_code"] == ended.returncode
    assert [path.name for path in folder.glob(".*.tmp")] == []
    return told


def metrics(folder, *options):
    """Build with metrics; return them as Prometheus reads them: values by name and label."""
    ended = build(folder, "--metrics", "feedpub.prom", *options)
    families = [*text_string_to_metric_families((folder / "feedpub.prom").read_text())]
    assert all(family.type == "gauge" and family.documentation for family in families)
    assert all(family.name.startswith("feedpub_") for family in families)
    samples = {
        (sample.name.removeprefix("feedpub_"), *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }
    assert samples["exit_code",] == ended.returncode
    return samples


@pytest.fixture
def site(workspace):
    """Make a site of 15 records."""
    for number in range(15):
        link = f"https://www.example.com/{number}"
        workspace.write(f"{number}.md", record(title=f"Title {number}", webUrl=link))
    return workspace


def remove(site, count):
    for number in range(count):
        (site.folder / f"articles/{number}.md").unlink()


# The report.


def test_schema_of_the_report_is_what_make_docs_writes():
    assert (PROJECT / "docs/report.schema.json").read_text() == text()


def test_schema_of_the_report_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_schema_describes_every_key_of_a_report(site):
    site.write("broken.md", record(title=None))
    told = report(site.folder)
    types = SCHEMA["$defs"]
    assert told.keys() == types["RunReport"]["properties"].keys()
    assert told["records"].keys() == types["RecordCounts"]["properties"].keys()
    assert told["feeds"].keys() == types["FeedCounts"]["properties"].keys()
    assert told["problems"][0].keys() == types["ReportedProblem"]["properties"].keys()
    assert told["feeds"]["changes"][0].keys() == types["FeedChange"]["properties"].keys()


def test_report_tells_of_a_run_that_published(site):
    told = report(site.folder)
    assert (told["exit_code"], told["message"], told["dry_run"]) == (0, None, False)
    assert told["started"] == "2026-11-01T12:00:00Z"
    assert told["seconds"].keys() == {"lock", "look", "read", "publish", "total"}
    assert told["records"] == {
        "read": 15, "listed": 15, "merged": 0, "rejected": 0, "stale": 0, "held_back": {},
    }  # fmt: skip
    assert (told["feeds"]["total"], told["feeds"]["written"]) == (4, 4)
    assert told["problems"] == []


def test_report_tells_what_was_added_changed_and_gone_in_each_feed(site):
    build(site.folder)
    site.write("0.md", record(title="Edited", webUrl="https://www.example.com/0"))
    site.write("new.md", record(title="New", webUrl="https://www.example.com/new"))
    (site.folder / "articles/1.md").unlink()
    changes = report(site.folder)["feeds"]["changes"]
    assert {"path": "all", "added": 1, "changed": 1, "gone": 1} in changes


def test_report_names_problems_with_code_file_line_field_and_reason(site):
    site.write("broken.md", record(publishedDateTime="soon"))
    told = report(site.folder)
    (problem,) = told["problems"]
    assert (told["exit_code"], told["records"]["rejected"]) == (3, 1)
    assert (problem["code"], problem["severity"]) == ("bad-date", "error")
    assert (problem["file"], problem["line"]) == ("articles/broken.md", 4)
    assert problem["field"] == "publishedDateTime"
    assert problem["reason"].startswith("publishedDateTime: 'soon' is not a date")


def test_report_tells_of_stale_records(site):
    build(site.folder)
    site.write("0.md", "---\n")
    told = report(site.folder)
    assert (told["records"]["stale"], told["records"]["listed"]) == (1, 15)
    assert told["problems"][0]["stale_until"] == "2026-11-08"


@pytest.mark.parametrize("broken", [False, True])
def test_report_of_a_run_with_nothing_to_do_tells_the_same_records(site, broken):
    if broken:
        site.write("broken.md", record(title=None))
    first = report(site.folder)
    for _ in range(2):  # stamps settle
        told = report(site.folder)
    assert told["records"] == first["records"]
    assert told["problems"] == first["problems"]
    assert (told["feeds"]["written"], told["feeds"]["changes"]) == (0, [])


def test_report_of_a_run_that_ends_at_once_says_how_long_that_took(site):
    for location in site.folder.rglob("*.*"):
        os.utime(location, (1_700_000_000, 1_700_000_000))
    build(site.folder)
    assert report(site.folder)["seconds"].keys() == {"lock", "look", "total"}


def test_report_of_a_refused_run_tells_what_it_found(site):
    build(site.folder)
    remove(site, 12)
    told = report(site.folder)
    assert told["exit_code"] == 4
    assert told["message"].startswith("refusing to publish: records fell from 15 to 3")
    assert told["records"]["listed"] == 3
    assert told["feeds"]["written"] == 0


def test_report_of_a_dry_run_says_so(site):
    told = report(site.folder, "--dry-run")
    assert (told["dry_run"], told["feeds"]["written"]) == (True, 4)
    assert not (site.folder / "feeds").exists()


def test_report_of_a_broken_configuration_has_the_mistake(site):
    site.configure(CONFIG + "outputt: x\n")
    told = report(site.folder)
    assert (told["exit_code"], told["records"], told["problems"]) == (78, None, None)
    assert "unknown key 'outputt'" in told["message"]


def test_report_of_a_run_that_another_one_keeps_out(site):
    build(site.folder)
    location = site.folder / ".feedpub/lock"
    with FileLock(location):
        location.write_text("123\n")
        told = report(site.folder, "--lock-wait", "0")
    assert told["exit_code"] == 75
    assert told["message"].startswith("another run (pid 123, since ")


def test_report_of_a_run_that_cannot_write_its_feeds(site):
    with open_folder() as place:
        shutil.copytree(site.folder, place, dirs_exist_ok=True)
        build(place)
        (place / "articles/new.md").write_text(record(title="New", webUrl="/new"))
        (place / "feeds/all").chmod(0o555)
        with nobody(place):
            told = report(place)
        (place / "feeds/all").chmod(0o755)
    assert told["exit_code"] == 74
    assert told["message"].startswith("cannot write feeds/all/")
    assert told["records"]["listed"] == 16


def test_report_of_a_bug_is_written_too(site, monkeypatch):
    from feedpub import run

    monkeypatch.setattr(run, "_guard", lambda *_: 1 / 0)
    told = report(site.folder)
    assert (told["exit_code"], told["message"]) == (1, "internal error: ZeroDivisionError")


def test_report_of_a_terminated_run_is_written_too(site, monkeypatch):
    from feedpub import run
    from feedpub.cli.main import TERMINATED

    monkeypatch.setattr(run, "_guard", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    told = report(site.folder)
    signal.signal(signal.SIGTERM, before)
    assert (told["exit_code"], told["message"]) == (TERMINATED, "interrupted")


@pytest.mark.parametrize("option", ["--report", "--metrics"])
def test_file_that_cannot_be_written_ends_a_good_run_with_74(site, option):
    ended = build(site.folder, option, "nowhere/file")
    assert ended.returncode == 74
    assert ended.stderr == "feedpub: cannot write nowhere/file: No such file or directory\n"
    assert (site.folder / "feeds/all/rss.xml").exists()


def test_report_that_cannot_be_written_leaves_a_failed_run_its_code(site):
    build(site.folder)
    remove(site, 12)
    ended = build(site.folder, "--report", "nowhere/file", "--metrics", "feedpub.prom")
    assert ended.returncode == 4
    assert "cannot write nowhere/file" in ended.stderr
    assert "refusing to publish" in ended.stderr
    assert "\nfeedpub_exit_code 4\n" in (site.folder / "feedpub.prom").read_text()


def test_report_replaces_a_link_and_does_not_follow_it(site):
    (site.folder / "victim").write_text("mine")
    (site.folder / "report.json").symlink_to("victim")
    report(site.folder)
    assert (site.folder / "victim").read_text() == "mine"


# The metrics.


def test_metrics_are_what_prometheus_reads(site):
    site.write("draft.md", record(draft="true"))
    site.write("broken.md", record(title=None))
    told = metrics(site.folder)
    assert told["exit_code",] == 3
    assert told["run_timestamp_seconds",] == 1793534400
    assert (told["records",], told["records_listed",], told["records_rejected",]) == (17, 15, 1)
    assert told["records_held_back", "draft"] == 1
    assert (told["feeds",], told["feeds_written",]) == (4, 4)
    assert ("stage_duration_seconds", "read") in told


def test_metrics_of_a_run_with_nothing_to_do_tell_the_same_records(site):
    first, second = metrics(site.folder), metrics(site.folder)
    assert first["records_listed",] == second["records_listed",]
    assert second["feeds_written",] == 0


def test_metrics_of_a_refused_run_tell_what_it_found(site):
    build(site.folder)
    remove(site, 12)
    told = metrics(site.folder)
    assert (told["exit_code",], told["records_listed",]) == (4, 3)


def test_metrics_leave_out_what_a_run_failed_before_it_knew(site):
    site.configure(CONFIG + "outputt: x\n")
    names = {name for name, *_ in metrics(site.folder)}
    assert not any(name.startswith(("records", "feeds", "entries")) for name in names)


def test_dry_run_writes_no_metrics(site):
    build(site.folder, "--dry-run", "--metrics", "feedpub.prom")
    assert not (site.folder / "feedpub.prom").exists()


def test_files_can_be_read_by_others_whatever_the_umask(site):
    before = os.umask(0o077)
    try:
        build(site.folder, "--report", "report.json", "--metrics", "feedpub.prom")
    finally:
        os.umask(before)
    modes = [
        (site.folder / name).stat().st_mode & 0o777 for name in ("report.json", "feedpub.prom")
    ]
    assert modes == [0o644, 0o644]


# The monitor.


class Monitor(ThreadingHTTPServer):
    """A monitor on this machine that notes what it is told, and answers with `status`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told = []
        self.status = 200
        self.seconds_a_byte = 0.0

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/ping/uuid"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.told.append(self.path)
        if self.server.seconds_a_byte:
            for _ in range(200):
                self.wfile.write(b"x")
                time.sleep(self.server.seconds_a_byte)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def serving():
    server = Monitor()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def monitor(site):
    """Yield a monitor that the site's configuration names."""
    with serving() as server:
        site.configure(CONFIG + f"notify: {{healthcheck: '{server.address}'}}\n")
        yield server


def test_monitor_is_told_of_start_and_success(site, monitor):
    build(site.folder)
    assert monitor.told == ["/ping/uuid/start", "/ping/uuid"]


def test_monitor_is_told_by_a_run_with_nothing_to_do_too(site, monitor):
    for _ in range(3):
        monitor.told.clear()
        build(site.folder)
        assert monitor.told == ["/ping/uuid/start", "/ping/uuid"]


def test_monitor_is_told_the_exit_code_of_a_run_that_did_not_go_well(site, monitor):
    site.write("broken.md", record(title=None))
    build(site.folder)
    remove(site, 13)
    build(site.folder)
    assert monitor.told == [
        "/ping/uuid/start", "/ping/uuid/3", "/ping/uuid/start", "/ping/uuid/4",
    ]  # fmt: skip


def test_monitor_is_told_that_a_report_could_not_be_written(site, monitor):
    build(site.folder, "--report", "nowhere/file")
    assert monitor.told[-1] == "/ping/uuid/74"


@pytest.mark.parametrize("option", ["--offline", "--dry-run"])
def test_monitor_is_told_nothing(site, monitor, option):
    build(site.folder, option)
    build(site.folder)
    build(site.folder, option)
    assert monitor.told == ["/ping/uuid/start", "/ping/uuid"]


@pytest.mark.parametrize("status", [301, 404, 500])
def test_monitor_that_answers_badly_fails_no_run(site, monitor, status):
    monitor.status = status
    ended = build(site.folder)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_monitor_that_is_not_there_fails_no_run(site):
    with serving() as server:
        address = server.address
    site.configure(CONFIG + f"notify: {{healthcheck: '{address}'}}\n")
    ended = build(site.folder)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_monitor_that_never_ends_is_left_alone(site, monitor, monkeypatch):
    from feedpub import healthcheck

    monkeypatch.setattr(healthcheck, "_SECONDS", 0.2)
    monitor.seconds_a_byte = 0.05
    ended = build(site.folder)
    assert (ended.returncode, len(monitor.told)) == (0, 2)


def test_monitor_keeps_its_query(site, monitor):
    address = f"{monitor.address}/?rid=1"
    site.configure(CONFIG + f"notify: {{healthcheck: '{address}'}}\n")
    build(site.folder)
    assert monitor.told == ["/ping/uuid/start?rid=1", "/ping/uuid/?rid=1"]


def test_monitor_is_told_of_every_build_that_watches(site, monitor, monkeypatch):
    from feedpub.cli.watch import Builder

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1793534400")
    build_again = Builder(site.folder / "config.yaml", offline=False, quiet=True)
    build_again()
    site.write("broken.md", record(title=None))
    build_again()
    assert monitor.told == [
        "/ping/uuid/start", "/ping/uuid", "/ping/uuid/start", "/ping/uuid/3",
    ]  # fmt: skip


def test_report_can_be_printed_whatever_a_file_is_called(site):
    site.write("x\u202egpj.md", "no record")
    site.write("y\x1b[2J.md", "no record")
    call_feedpub("build", "--report", "report.json", cwd=site.folder)
    data = (site.folder / "report.json").read_bytes()
    assert data.isascii()
    assert b"x\\u202egpj.md" in data
