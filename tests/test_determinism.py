"""The same records give the same bytes, whatever the machine, and nothing is touched in vain."""

import json
import os
import random
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import CONFIG, NOW, PROJECT, Workspace, record, run_feedpub

EPOCH = "1793534400"  # 2026-11-01T12:00:00Z, after every record of the sample site
ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")


def _locales() -> tuple[str, ...]:
    if shutil.which("locale") is None:
        return ("C",)
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout
    known = {name.lower().replace("-", "") for name in listed.split()}
    wanted = ("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8")
    return tuple(name for name in wanted if name.lower().replace("-", "") in known)


ENVIRONMENTS = [
    *({"PYTHONHASHSEED": seed} for seed in ("0", "1", "4242")),
    *({"TZ": zone} for zone in ZONES),
    *({"LC_ALL": name, "LANG": name} for name in _locales()),
    {"PYTHONHASHSEED": "7", "TZ": "Australia/Lord_Howe", "LC_ALL": "C.UTF-8", "COLUMNS": "40"},
]


def sample_copy(folder: Path, order: int | None = None) -> Path:
    """Copy the sample site, its files created in an order of their own."""
    files = [PROJECT / "config.yaml"]
    files += [p for name in ("articles", "metadata") for p in sorted((PROJECT / name).rglob("*"))]
    if order is not None:
        random.Random(order).shuffle(files)
    for file in files:
        if file.is_file():
            target = folder / file.relative_to(PROJECT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return folder


def built(folder: Path, **environment: str) -> dict[str, bytes]:
    """Build in a process of its own and return the whole output, the list `.feedpub` included."""
    result = run_feedpub("build", cwd=folder, env={"SOURCE_DATE_EPOCH": EPOCH} | environment)
    assert result.returncode == 0, result.stderr
    return contents(folder / "feeds")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def traces(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what writing would change: time and inode of the folder and all in it."""
    found = [
        path for path in (folder, *folder.rglob("*")) if path.name != ".feedpub" or path.is_file()
    ]
    found = [path for path in found if ".feedpub" not in path.relative_to(folder).parts[:-1]]
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in found}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return built(sample_copy(tmp_path_factory.mktemp("reference")))


def test_the_output_is_not_empty_and_has_its_list(reference):
    assert {".feedpub", "feeds.json", "all/rss.xml", "all/atom.xml", "all/feed.json"} <= set(
        reference
    )


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda e: ",".join(e.values()))
def test_hash_seed_zone_and_locale_change_no_byte(environment, reference, tmp_path):
    assert built(sample_copy(tmp_path), **environment) == reference


@pytest.mark.parametrize("order", [1, 2])
def test_the_order_of_creation_changes_no_byte(order, reference, tmp_path):
    assert built(sample_copy(tmp_path, order)) == reference


def test_the_name_of_the_folder_changes_no_byte(reference, tmp_path):
    folder = tmp_path / "ein Ordner & more"
    folder.mkdir()
    assert built(sample_copy(folder)) == reference


def test_the_folder_it_is_started_in_changes_no_byte(reference, tmp_path):
    site = sample_copy(tmp_path / "site")
    result = run_feedpub(
        "build", "-c", "site/config.yaml", cwd=tmp_path, env={"SOURCE_DATE_EPOCH": EPOCH}
    )
    assert (result.returncode, contents(site / "feeds")) == (0, reference)


def test_the_umask_changes_no_byte_and_no_mode(reference, tmp_path):
    folder = sample_copy(tmp_path)
    before = os.umask(0o077)
    try:
        data = built(folder)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (folder / "feeds").rglob("*.xml")}
    assert (data, modes) == (reference, {0o644})


def test_a_locale_without_umlauts_changes_no_byte(reference, tmp_path):
    """Python mends the plain C locale itself; this is what ISO-8859 or a strict C look like."""
    strict = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert built(sample_copy(tmp_path), **strict) == reference


def test_no_text_file_has_a_carriage_return(reference):
    assert [path for path, data in reference.items() if b"\r" in data] == []


@pytest.mark.parametrize("epoch", ["1791792001", "1793534400", "1900000000", "4102444800"])
def test_the_time_of_the_run_changes_no_byte(epoch, reference, tmp_path):
    """The first is a second after the date of the newest record."""
    folder = sample_copy(tmp_path)
    assert built(folder, SOURCE_DATE_EPOCH=epoch) == reference


def test_the_clock_of_the_machine_changes_no_byte(tmp_path):
    """Without SOURCE_DATE_EPOCH, since that is how it is run."""
    workspace = Workspace(tmp_path)
    for year in range(1995, 2020):
        address = f'"https://www.example.com/{year}"'
        workspace.write(f"{year}.md", record(publishedDateTime=f"{year}-06-01", webUrl=address))
    before = built(tmp_path)
    result = run_feedpub("build", cwd=tmp_path)
    assert (result.returncode, contents(tmp_path / "feeds")) == (0, before)


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A site built twice, with what the second run said and what it left behind."""
    folder = sample_copy(tmp_path_factory.mktemp("twice"))
    built(folder)
    before = traces(folder)
    result = run_feedpub("build", cwd=folder, env={"SOURCE_DATE_EPOCH": "1800000000"})
    return {"before": before, "after": traces(folder), "said": result.stdout}


def test_a_second_run_writes_no_file(twice):
    assert twice["after"] == twice["before"]


def test_a_second_run_says_that_nothing_was_written(twice):
    assert ": 0 written, " in twice["said"]


def test_a_run_after_one_edit_writes_only_what_holds_the_article(tmp_path):
    folder = sample_copy(tmp_path)
    before = built(folder)
    location = folder / "articles" / "2026-01-19-no.md"
    location.write_text(location.read_text("utf-8").replace("title: No", "title: Yes"), "utf-8")
    after = built(folder)
    changed = {path for path in after if after[path] != before[path]}
    allowed = ("all/", "topics/libraries/", "providers/news.example.org/")
    rest = {path for path in changed if not path.startswith(allowed)}
    assert rest == {".feedpub", "feeds.json", "feeds.opml"}


DATE = re.compile(rb"\d{4}-\d\d-\d\d(T[\d:]+Z)?|\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT")


def without_dates(files):
    """Return the feeds and pages of a site without any date; without lists of hashes."""
    feeds = {path: data for path, data in files.items() if "/" in path}
    return {path: DATE.sub(b"", data) for path, data in feeds.items()}


def test_an_edit_taken_back_gives_the_first_bytes_but_for_the_time_of_the_change(
    reference, tmp_path
):
    folder = sample_copy(tmp_path)
    location = folder / "articles" / "2026-01-19-no.md"
    text = location.read_text("utf-8")
    location.write_text(text.replace("title: No", "title: Yes"), "utf-8")
    built(folder)
    location.write_text(text, "utf-8")
    assert without_dates(built(folder)) == without_dates(reference)


# Records that meet in ids, links, dates, topics and providers: every tie there is.
RECORDS: tuple[dict[str, Any], ...] = tuple(
    {
        "id": f"https://www.example.com/id/{number}",
        "title": f"Article {number % 7}",
        "webUrl": f"https://www.example.com/{number % 9}",
        "publishedDateTime": f"2026-01-{1 + number % 3:02d}T00:00:00Z",
        "quality": number % 2,
        "topics": [("Repair", "repair", "REPAIR", "Law", "law")[number % 5], "C++"],
        "provider": {"name": f"Name {number % 4}", "domain": f"p{number % 2}.example.org"},
        "related": [
            {"title": f"Other {other}", "webUrl": f"https://www.example.com/{other}"}
            for other in (number % 9, (number + 1) % 9, 50 + number % 3)
        ],
    }
    for number in range(12)
)
TIES = CONFIG + "limit: 5\nmin_entries: 1\n"


def bytes_of(folder: Path, files: dict[str, list[dict[str, Any]]]) -> dict[str, bytes]:
    workspace = Workspace(folder, TIES)
    for location in (folder / "articles").iterdir():
        location.unlink()
    for name, records in files.items():
        workspace.write(name, "".join(json.dumps(item) + "\n" for item in records))
    workspace.build()
    return workspace.destination.files


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(RECORDS))
def test_the_order_of_records_changes_no_byte(tmp_path, records):
    assert bytes_of(tmp_path, {"a.jsonl": records}) == bytes_of(
        tmp_path, {"a.jsonl": list(RECORDS)}
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(RECORDS), st.integers(0, len(RECORDS)))
def test_the_files_records_with_ids_stand_in_change_no_byte(tmp_path, records, cut):
    spread = {"b.jsonl": records[:cut], "a.jsonl": records[cut:]}
    assert bytes_of(tmp_path, spread) == bytes_of(tmp_path, {"a.jsonl": list(RECORDS)})


def test_the_order_of_two_records_with_one_id_changes_no_byte(tmp_path):
    twins = [{**RECORDS[0], "title": "One"}, {**RECORDS[0], "title": "Another"}]
    assert bytes_of(tmp_path, {"a.jsonl": twins}) == bytes_of(tmp_path, {"a.jsonl": twins[::-1]})


@pytest.mark.parametrize("now", [NOW, NOW + timedelta(days=400), NOW.replace(year=2150)])
def test_now_changes_no_byte_once_every_record_is_due(workspace, now):
    workspace.write("a.md", record())
    workspace.write("b.md", record(publishedDateTime="2026-10-31", webUrl='"https://b.example/"'))
    workspace.build()
    before = dict(workspace.destination.files)
    workspace.build(now=now)
    assert workspace.destination.files == before


def test_a_record_that_becomes_due_changes_the_feeds(workspace):
    workspace.write("a.md", record())
    workspace.write("b.md", record(publishedDateTime="2026-12-24", webUrl='"https://b.example/"'))
    workspace.build()
    before = dict(workspace.destination.files)
    workspace.build(now=datetime(2026, 12, 24, tzinfo=UTC))
    assert workspace.destination.files["all/rss.xml"] != before["all/rss.xml"]


# The days on which clocks change: New York 2026-03-08 and 2026-11-01, Lord Howe (half an hour)
# 2026-04-05 and 2026-10-04.
CHANGES = ("2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04")
DST_CONFIG = CONFIG + "timezone: America/New_York\n"


def dst_site(folder: Path, config: str) -> Path:
    workspace = Workspace(folder, config)
    for day in CHANGES:
        for hour in ("00:30", "01:30", "01:59:59", "02:00", "02:30", "03:00", "23:59:59"):
            name = f"{day}-{hour.replace(':', '')}"
            address = f'"https://www.example.com/{name}"'
            workspace.write(f"{name}.md", record(publishedDateTime=f"{day}T{hour}", webUrl=address))
    return folder


@pytest.fixture(scope="module", params=["UTC", "America/New_York"])
def dst(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, bytes]]:
    config = CONFIG if request.param == "UTC" else DST_CONFIG
    folder = dst_site(tmp_path_factory.mktemp("dst"), config)
    return config, built(folder, TZ="UTC", SOURCE_DATE_EPOCH="1800000000")


@pytest.mark.parametrize("zone", ZONES[1:])
def test_days_on_which_clocks_change_change_no_byte(dst, zone, tmp_path):
    config, expected = dst
    folder = dst_site(tmp_path, config)
    assert built(folder, TZ=zone, SOURCE_DATE_EPOCH="1800000000") == expected


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 1, 0, 30, tzinfo=ZoneInfo("America/New_York")),
        datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York")),
        datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1),
        datetime(2027, 3, 14, 1, 59, 59, tzinfo=ZoneInfo("America/New_York")),
        datetime(2027, 3, 14, 3, 0, tzinfo=ZoneInfo("America/New_York")),
    ],
    ids=str,
)
def test_a_run_while_clocks_change_changes_no_byte(moment, reference, tmp_path):
    epoch = str(int(moment.timestamp()))
    folder = sample_copy(tmp_path)
    assert built(folder, TZ="America/New_York", SOURCE_DATE_EPOCH=epoch) == reference


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2026-03-08T01:59:59", "2026-03-08T06:59:59Z"),
        ("2026-03-08T02:30:00", "2026-03-08T07:30:00Z"),  # a time that no clock showed
        ("2026-03-08T03:00:00", "2026-03-08T07:00:00Z"),
        ("2026-11-01T01:30:00", "2026-11-01T05:30:00Z"),  # shown twice: the first time counts
        ("2026-11-01T02:00:00", "2026-11-01T07:00:00Z"),
    ],
)
def test_a_date_without_offset_is_in_the_configured_zone(workspace, local, instant):
    workspace.configure(DST_CONFIG)
    workspace.write("a.md", record(publishedDateTime=local))
    workspace.build()
    item = json.loads(workspace.text("all/feed.json"))["items"][0]
    assert item["date_published"] == instant
