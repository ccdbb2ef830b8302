"""Hubs are told of the feeds that changed, of each once, whatever becomes of the run or the hub."""

import json
import os
import subprocess
import sys
from contextlib import closing

import pytest
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families
from support import CONFIG, PROJECT, call_feedpub
from websub_hub import SITE, running_hub

from feedpub import build as building
from feedpub import pinging
from feedpub.article import Person
from feedpub.cli.watch import Builder
from feedpub.compose import Site as ComposeSite
from feedpub.destinations import Outcome
from feedpub.errors import BusyError, StateError
from feedpub.feed import Document
from feedpub.keeping import Local
from feedpub.memory import Ping
from feedpub.report import Summary
from feedpub.state import State
from feedpub.topics import Topics

FORMATS = ("atom.xml", "feed.json", "rss.xml")


def files(*feeds):
    return sorted(f"{feed}/{name}" for feed in feeds for name in FORMATS)


ALL = files(
    "all", "topics/libraries", "topics/tools", "providers/one.example", "providers/two.example"
)
AFTER_A = files("all", "topics/libraries", "providers/one.example")


def edit(site, title="Edited"):
    site.write("a", title=title, topics="[Libraries]", provider="{name: One, domain: one.example}")


# What is told.


def test_hub_is_told_of_every_feed_when_the_site_is_new(site, hub):
    ended = site.build()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "15 pings sent to hubs\n" in ended.stdout
    assert hub.told() == ALL


def test_ping_names_the_feed_in_the_words_of_old_and_new_hubs(site, hub):
    site.build()
    assert {
        (form["hub.mode"], len(form), form["hub.url"] == form["hub.topic"]) for form in hub.forms
    } == {("publish", 3, True)}
    assert {headers["Content-Type"] for headers in hub.headers} == {
        "application/x-www-form-urlencoded"
    }


def test_hub_is_told_of_the_feeds_that_changed_alone(known_site, hub):
    edit(known_site)
    known_site.build()
    assert hub.told() == AFTER_A


def test_hub_is_not_told_of_a_run_with_nothing_to_do(known_site, hub):
    for _ in range(2):
        assert "ping" not in known_site.build().stdout
    assert hub.told() == []


def test_hub_is_not_told_of_a_feed_that_was_made_anew_as_it_was(known_site, hub):
    (known_site.folder / "feeds/all/rss.xml").unlink()
    assert "1 written" in known_site.build().stdout
    assert hub.told() == []


def test_every_hub_is_told(site, hub):
    with running_hub() as other:
        site.configure(hub.url, other.url)
        site.build()
        assert other.told() == hub.told() == ALL


def test_feed_that_is_no_more_is_told_of_as_empty(known_site, hub):
    (known_site.folder / "articles/a.md").unlink()
    known_site.build()
    assert hub.told() == AFTER_A


def test_archives_are_not_told_of(site, hub):
    site.configure(hub.url, more="archive: true\nlimit: 1\ngroups: [all]\n")
    site.write("b", publishedDateTime="2025-01-01T00:00:00Z")
    site.build()
    assert (site.folder / "feeds/all/archive/2025-01/rss.xml").exists()
    assert hub.told() == files("all")


def topics_of(*documents, written, state):
    site = ComposeSite(
        title="Example", url=SITE, tag="feeds.example.org,2026", description="", language="en",
        author=Person(name="Example"),
    )  # fmt: skip
    topics = Topics(site, ("https://hub.example.org/",))
    list(topics.noting(Document(path=p, media_type="", data=d) for p, d in documents))
    topics.record(state.memory, Outcome(written=written, unchanged=()))
    return [ping.url.removeprefix(SITE) for ping in state.memory.pings()]


def test_format_that_did_not_change_is_not_told_of():
    state = State.in_memory()
    rss, before, after = "all/rss.xml", ("all/feed.json", b"1"), ("all/feed.json", b"2")
    topics_of((rss, b"1"), before, written=(rss, "all/feed.json"), state=state)
    state.memory.settle_pings(state.memory.pings(), [])
    assert topics_of((rss, b"1"), after, written=("all/feed.json",), state=state) == [before[0]]


def test_without_memory_the_folder_tells_what_changed():
    documents = (("all/rss.xml", b"1"), ("all/atom.xml", b"1"))
    found = topics_of(*documents, written=("all/atom.xml",), state=State.in_memory())
    assert found == ["all/atom.xml"]


# Who is told nothing.


@pytest.mark.parametrize("option", ["--offline", "--dry-run", "--no-ping"])
def test_run_that_may_not_tells_nobody(site, hub, option):
    ended = site.build(option)
    assert (ended.returncode, hub.told()) == (0, [])


def test_what_changed_offline_is_told_later(site, hub):
    assert "0 pings sent to hubs, 15 owed" in site.build("--offline").stdout
    assert "15 pings sent" in site.build().stdout
    assert hub.told() == ALL


def test_dry_run_leaves_what_is_owed(site, hub):
    site.build("--offline")
    site.build("--dry-run")
    site.build()
    assert hub.told() == ALL


def test_refused_run_tells_nobody(known_site, hub):
    for name in ("a", "b"):
        (known_site.folder / f"articles/{name}.md").unlink()
    assert known_site.build().returncode == 4
    assert hub.told() == []


def test_other_commands_tell_nobody(site, hub):
    site.build("--offline")
    for arguments in (["check"], ["list", "feeds"], ["config", "show"]):
        call_feedpub(*arguments, cwd=site.folder)
    assert hub.told() == []


# The command.


def test_command_tells_what_is_owed_once_the_files_are_where_readers_are(site, hub):
    site.build("--no-ping")
    ended = call_feedpub("ping", cwd=site.folder)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "15 pings sent to hubs\n", "")
    assert hub.told() == ALL
    assert call_feedpub("ping", cwd=site.folder).stdout == "no hub is owed a ping\n"
    site.build()
    assert hub.told() == []


def test_command_leaves_owed_what_does_not_arrive(site, hub):
    hub.status = 500
    site.build("--no-ping")
    ended = call_feedpub("ping", cwd=site.folder)
    assert ended.returncode == 0
    assert ended.stdout == "0 pings sent to hubs, 15 owed until the next run\n"
    assert "this hub answers 500" in ended.stderr


def test_command_tells_no_hub_that_the_configuration_does_not_name(site, hub):
    site.build("--no-ping")
    site.workspace.configure(CONFIG)
    ended = call_feedpub("ping", cwd=site.folder)
    assert (ended.stdout, hub.told()) == ("websub.hubs names no hub\n", [])


# What is owed.


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_is_one(site, hub, status):
    hub.status = status
    assert "owed" not in site.build().stdout
    hub.told()
    site.build()
    assert hub.told() == []


@pytest.mark.parametrize("status", [301, 302, 307, 308, 429, 500, 503])
def test_hub_in_trouble_is_asked_once_and_owed_everything(site, hub, status):
    hub.status = status
    ended = site.build()
    assert ended.returncode == 0
    assert f"this hub answers {status}" in ended.stderr
    assert "0 pings sent to hubs, 15 owed until the next run" in ended.stdout
    assert len(hub.told()) == 1


def test_redirect_is_not_followed(site, hub):
    hub.status = 303
    site.build()
    assert [form.get("hub.mode") for form in hub.forms] == ["publish"]


def test_hub_that_never_answers_is_asked_once(site, hub, monkeypatch):
    monkeypatch.setattr(pinging, "_PING_SECONDS", 0.2)
    hub.status = None
    ended = site.build()
    assert ended.returncode == 0
    assert "this hub takes too long" in ended.stderr
    assert len(hub.told()) == 1


def test_hub_that_is_not_there_is_owed_everything(site):
    with running_hub() as gone:
        pass
    site.configure(gone.url)
    ended = site.build()
    assert ended.returncode == 0
    assert "this hub cannot be reached (ConnectionError)" in ended.stderr
    assert "15 owed" in ended.stdout


def test_quiet_run_says_nothing_of_hubs(site, hub):
    hub.status = 500
    ended = site.build("--quiet")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_what_is_owed_is_told_by_a_run_with_nothing_else_to_do(site, hub, monkeypatch):
    hub.status = 500
    site.build()
    hub.told()
    hub.status = 204

    def unexpected(*_arguments, **_options):
        raise AssertionError("there was nothing to do")

    monkeypatch.setattr(building, "build", unexpected)
    assert "15 pings sent to hubs\n" in site.build().stdout
    assert hub.told() == ALL
    assert "ping" not in site.build().stdout
    assert hub.told() == []


def test_feed_that_changes_while_it_is_owed_is_told_of_once(site, hub):
    hub.status = 500
    site.build()
    edit(site)
    site.build()
    hub.told()
    hub.status = 204
    site.build()
    assert hub.told() == ALL


def test_hub_that_fails_keeps_no_other_from_being_told(site, hub):
    with running_hub() as other:
        site.configure(hub.url, other.url)
        hub.status = 500
        site.build()
        assert other.told() == ALL
        hub.told()
        hub.status = 204
        site.build()
        assert (hub.told(), other.told()) == (ALL, [])


def test_feed_that_a_hub_refuses_keeps_no_other_from_being_told(site, hub):
    refused = "all/atom.xml"
    hub.refused = {SITE + refused}
    ended = site.build()
    assert "14 pings sent to hubs, 1 owed" in ended.stdout
    assert "this hub answers 400" in ended.stderr
    assert hub.told() == ALL
    site.build()
    assert hub.told() == [refused]
    hub.refused = set()
    site.build()
    site.build()
    assert hub.told() == [refused]


def test_hub_that_refuses_everything_is_not_asked_for_long(site, hub):
    hub.status = 404
    site.build()
    first = hub.told()
    site.build()
    second = hub.told()
    assert (len(first), len(second)) == (3, 3)
    assert set(first) & set(second) == set()  # those that failed come last


def test_a_hub_has_its_share_of_the_time_and_no_more(hub):
    pings = [Ping(number, hub.url, f"{SITE}{number}") for number in range(3)]
    assert pinging.deliver(pings, seconds=0).done == []
    assert pinging.deliver(pings, seconds=60).done == pings


def test_hub_that_the_configuration_no_longer_names_is_owed_nothing(site, hub):
    hub.status = 500
    site.build()
    hub.told()
    hub.status = 204
    with running_hub() as other:
        site.configure(other.url)
        site.build()
        assert (hub.told(), other.told()) == ([], ALL)
    site.workspace.configure(CONFIG)
    assert "ping" not in site.build().stdout


def test_addresses_that_are_no_more_are_told_of_no_more(site, hub):
    site.build("--offline")
    moved = CONFIG.replace(SITE, "https://news.example.org/")
    site.workspace.configure(moved + f"websub: {{hubs: {hub.url}}}\n")
    site.build()
    assert len(hub.forms) == 15
    assert {
        form["hub.url"].partition("/all")[0] for form in hub.forms if "/all/" in form["hub.url"]
    } == {"https://news.example.org"}


def test_feed_that_was_removed_is_told_of_no_more(site, hub):
    site.build("--offline")
    (site.folder / "articles/a.md").unlink()
    site.build("--offline", "--prune")
    site.build()
    assert hub.told() == files("all", "topics/tools", "providers/two.example")


# Runs that are cut off.


def test_run_that_ends_between_publishing_and_recording_leaves_it_to_the_next(
    known_site, hub, monkeypatch
):
    def cut_off(*_arguments):
        raise KeyboardInterrupt

    edit(known_site)
    with monkeypatch.context() as patch:
        patch.setattr(building.Topics, "record", cut_off)
        assert known_site.build().returncode == 130
    assert "Edited" in (known_site.folder / "feeds/all/rss.xml").read_text()
    assert hub.told() == []
    known_site.build()
    assert hub.told() == AFTER_A


def test_run_that_is_killed_while_it_tells_leaves_it_to_the_next(site, hub):
    hub.status = None
    run = subprocess.Popen(
        [sys.executable, "-m", "feedpub", "build", "--quiet"],
        cwd=site.folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1793534400"},
    )
    try:
        assert hub.asked.wait(60)
    finally:
        run.kill()
        run.wait()
    hub.told()
    hub.status = 204
    site.build()
    assert hub.told() == ALL


@pytest.mark.parametrize("settled_before", [False, True])
def test_change_that_comes_while_an_older_one_is_told_is_owed_all_the_same(settled_before):
    state = State.in_memory()
    pair = ("https://hub.example.org/", f"{SITE}all/rss.xml")
    state.memory.owe([pair])
    (told,) = state.memory.pings()
    if settled_before:  # by another run that told of it too
        state.memory.settle_pings([told], [])
    state.memory.owe([pair])
    state.memory.settle_pings([told], [])
    assert [(ping.hub, ping.url) for ping in state.memory.pings()] == [pair]


@pytest.mark.parametrize("error", [BusyError("locked"), StateError("read-only")])
def test_state_that_cannot_be_written_afterwards_has_hubs_told_again(site, hub, monkeypatch, error):
    def refuse(_location):
        raise error

    site.build("--no-ping")
    location = site.folder / ".feedpub/state.sqlite3"
    with closing(State.open(location)) as state:
        owed = state.memory.pings()
    with monkeypatch.context() as patch:
        patch.setattr(State, "open", refuse)
        summary = pinging.carry_out(owed, Local(folder=site.folder), Summary())
    assert (summary.sent_pings, summary.owed_pings) == (15, 15)
    hub.told()
    site.build()
    assert hub.told() == ALL


# After copies were sent.


def test_hub_is_told_once_the_copies_elsewhere_are_up_to_date(site, hub, monkeypatch):
    from feedpub import syncing
    from feedpub.errors import OutputError

    site.configure(hub.url, more="publish: s3://example-feeds/feeds/\n")
    known = []

    def fail(*_arguments):
        raise OutputError("no such bucket")

    def succeed(*_arguments):
        known.append(len(hub.forms))
        return []

    monkeypatch.setattr(syncing, "send_changes", fail)
    ended = site.build("--report", "report.json")
    assert (ended.returncode, hub.told()) == (74, [])
    told = json.loads((site.folder / "report.json").read_text())
    assert told["pings"] == {"sent": 0, "owed": 15}
    monkeypatch.setattr(syncing, "send_changes", succeed)
    site.build()
    assert (known, hub.told()) == ([0], ALL)


# What is told of it.


def test_report_and_metrics_count_pings(site, hub):
    hub.refused = {f"{SITE}all/rss.xml"}
    site.build("--report", "report.json", "--metrics", "feedpub.prom")
    told = json.loads((site.folder / "report.json").read_text())
    schema = json.loads((PROJECT / "docs/report.schema.json").read_text())
    Draft202012Validator(schema).validate(told)
    assert told["pings"] == {"sent": 14, "owed": 1}
    assert "ping" in told["seconds"]
    assert [(p["code"], p["severity"], p["reason"]) for p in told["problems"]] == [
        ("hub", "warning", "this hub answers 400")
    ]
    families = text_string_to_metric_families((site.folder / "feedpub.prom").read_text())
    values = {sample.name: sample.value for family in families for sample in family.samples}
    assert (values["feedpub_pings_sent"], values["feedpub_pings_owed"]) == (14, 1)


def test_warning_keeps_the_query_of_a_hub_to_itself(site, hub):
    hub.status = 500
    site.configure(f"{hub.url}?token=abc")
    ended = site.build()
    assert "/hub: this hub answers 500" in ended.stderr
    assert "abc" not in ended.stdout + ended.stderr


def test_watch_tells_hubs_and_repeats_no_failure(site, hub, monkeypatch, capsys):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1793534400")
    hub.status = 500
    build_again = Builder(site.folder / "config.yaml", offline=False)
    for _ in range(3):
        build_again()
    assert capsys.readouterr().err.count("this hub answers 500") == 1
    hub.told()
    hub.status = 204
    build_again()
    assert hub.told() == ALL
    assert "15 pings sent" in capsys.readouterr().out


# A run without hubs.


def test_run_without_hubs_imports_nothing_for_them(site):
    site.workspace.configure(CONFIG)
    code = "import sys\nfrom feedpub.cli.main import main\ntry:\n main()\nexcept SystemExit: pass\n"
    code += "print({'requests', 'feedpub.pinging'} & set(sys.modules))"
    command = [sys.executable, "-c", code, "build", "--quiet", "--jobs", "1"]
    ended = subprocess.run(command, cwd=site.folder, capture_output=True, text=True, check=True)
    assert ended.stdout == "set()\n"
