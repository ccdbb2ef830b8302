"""Work in a process beside this one: its result arrives, or none, and nothing else does."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from children import none_left

from feedpub.beside import begin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


def nothing():
    pass


def beside(work, meanwhile):
    """Return what comes of some work, if it can be begun at all."""
    begun = begin(work)
    return begun.result(meanwhile) if begun else None


def pid():
    return str(os.getpid()).encode()


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Let this be a process of one thread, whatever helps to run the tests."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    with none_left():
        yield


def test_work_is_done_in_another_process():
    assert beside(pid, nothing) not in {None, pid()}


def test_something_else_is_done_in_this_process_meanwhile():
    reader, writer = os.pipe()  # the work waits for what is done meanwhile
    done = beside(lambda: os.read(reader, 9), lambda: os.write(writer, b"meanwhile"))
    os.close(reader)
    os.close(writer)
    assert done == b"meanwhile"


def test_a_large_result_arrives_whole():
    assert beside(lambda: b"\0\xff" * 1_000_000, lambda: time.sleep(0.1)) == b"\0\xff" * 1_000_000


def test_no_result_comes_of_work_that_fails(capfd):
    def fail():
        raise ValueError("never told")

    assert beside(fail, nothing) is None
    assert capfd.readouterr() == ("", "")


def test_no_result_comes_of_work_that_ends_the_process():
    assert beside(lambda: sys.exit(0), nothing) is None
    assert beside(lambda: os.kill(os.getpid(), signal.SIGKILL), nothing) is None


def test_the_other_process_does_nothing_at_its_end(tmp_path):
    """What was about to be written when it began is not written twice."""
    with (tmp_path / "file").open("w") as file:
        file.write("once")
        assert beside(pid, nothing)
    assert (tmp_path / "file").read_text() == "once"


def test_sigterm_ends_the_other_process_without_a_word(capfd):
    previous = signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"terminated"))
    try:
        assert beside(lambda: os.kill(os.getpid(), signal.SIGTERM) or pid(), nothing) is None
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert capfd.readouterr().out == ""


def test_an_error_meanwhile_ends_the_other_process_at_once():
    def fail():
        raise KeyError

    started = time.monotonic()
    with pytest.raises(KeyError):
        beside(lambda: time.sleep(60), fail)
    assert time.monotonic() - started < 30


def test_work_nobody_wants_any_more_ends_at_once():
    started = time.monotonic()
    begun = begin(lambda: time.sleep(60))
    begun.stop()
    begun.stop()
    assert time.monotonic() - started < 30


def test_a_result_is_handed_out_once():
    begun = begin(pid)
    assert begun.result(nothing)
    assert begun.result(nothing) is None


def test_nothing_is_left_open():
    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    beside(pid, nothing)
    beside(lambda: sys.exit(1), nothing)
    begin(pid).stop()
    assert descriptors() == before


def test_a_process_of_several_threads_is_not_copied(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert begin(pid) is None


def test_where_there_can_be_no_more_processes_there_is_no_result(monkeypatch):
    def refuse():
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refuse)
    assert begin(pid) is None


def test_where_ended_children_are_not_waited_for_there_is_no_result():
    previous = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert beside(pid, nothing) is None
    finally:
        signal.signal(signal.SIGCHLD, previous)


def test_an_error_meanwhile_is_told_where_ended_children_are_not_waited_for():
    def fail():
        time.sleep(0.2)
        raise KeyError

    previous = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with pytest.raises(KeyError):
            beside(pid, fail)
    finally:
        signal.signal(signal.SIGCHLD, previous)
