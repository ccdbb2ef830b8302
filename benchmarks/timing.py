"""Run a command once: seconds of wall clock, and memory of the largest process and of all."""

import os
import re
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tools import Tool

_INTERVAL = 0.05
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Spent:
    """What a run took; memory in MB."""

    seconds: float
    largest: float
    together: float


def timed(tool: Tool, folder: Path, *, watched: bool = False) -> Spent:
    """Run a tool in a prepared folder; `watched`, it is told what its processes use together."""
    started = time.perf_counter()
    process = subprocess.Popen(
        tool.command,
        cwd=folder,
        env={**os.environ, **tool.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # some tell there what went wrong, some here
    )
    family = Family(process.pid) if watched else None
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    spent = time.perf_counter() - started
    if family:
        family.stop()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{tool.name} failed: {said.decode()[-500:]}")
    # The kernel's figure covers the process and, each by itself, those it waited for.
    largest = usage.ru_maxrss / 1024
    return Spent(spent, largest, max(largest, family.peak if family else 0))


class Family:
    """Watches what a process and its descendants use together, once there are any of those.

    Shared pages count once (PSS). A process alone is left in peace: reading its PSS would slow it
    down, and the kernel keeps its peak anyway.
    """

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_INTERVAL):
            members = descendants(self._pid)
            if members:
                self.peak = max(self.peak, sum(map(_pss, [self._pid, *members])))


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those they started."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, _text(path).split()):
            found += [child, *descendants(child)]
    return found


def _pss(pid: int) -> float:
    match = _PSS.search(_text(Path(f"/proc/{pid}/smaps_rollup")))
    return int(match[1]) / 1024 if match else 0.0


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except OSError:  # it has just ended
        return ""
