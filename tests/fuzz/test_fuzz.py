"""A fuzzer looks for bytes that a record or a text must not be made of."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from fuzz.targets import TARGETS, read_records, sanitise, seeds_of_records

RUN = Path(__file__).with_name("run.py")

has_atheris = pytest.mark.skipif(
    find_spec("atheris") is None, reason="there is no atheris for this machine"
)


@has_atheris
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_fuzzer_finds_nothing(tmp_path, name, long):
    """The input that did it, if there is one, is in the message."""
    _, seeds = TARGETS[name]
    for number, seed in enumerate(seeds()):
        (tmp_path / str(number)).write_bytes(seed)
    often = ["-max_total_time=300"] if long else ["-runs=500", "-seed=1"]
    done = subprocess.run(
        [sys.executable, RUN, name, tmp_path, *often, "-timeout=60", "-rss_limit_mb=1024",
         "-artifact_prefix=" + str(tmp_path / "found-")],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    found = [location.read_bytes() for location in tmp_path.glob("found-*")]
    assert (done.returncode, found) == (0, []), done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_the_fuzzer_begins_with_is_in_order(name):
    target, seeds = TARGETS[name]
    for seed in seeds():
        target(seed)


def test_fuzzer_would_see_a_body_that_nobody_sanitised(monkeypatch):
    monkeypatch.setattr("fuzz.targets.sanitised_body", lambda article: article.body)
    with pytest.raises(AssertionError, match="script"):
        sanitise(b"<script>alert(1)</script>")


def test_fuzzer_would_see_a_secret_that_is_kept(monkeypatch):
    monkeypatch.setattr("feedpub.sources.front_matter._holds_secret", lambda _: False)
    last_line = seeds_of_records()[0].count(b"\n") - 1
    with pytest.raises(AssertionError, match="secret is kept"):
        read_records(bytes([0, last_line]) + seeds_of_records()[0][2:])
