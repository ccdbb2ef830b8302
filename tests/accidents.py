"""Accidents that happen to runs: killed at any moment, failing system calls, full disks.

A trial starts from a site that was published and then edited. An accident happens to the run that
would publish the edit. Whatever it was, every published file must be the old or the new one, and
the next run must leave, byte for byte, what a run without any accident leaves.
"""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from support import CONFIG, NOW, PROJECT, Workspace, record

TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{16}\.tmp")
LONG_AGO = 1_700_000_000
_CHANGING = (
    "write", "writev", "pwrite64", "pwritev", "openat", "creat", "rename", "renameat", "renameat2",
    "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir",
    "truncate", "ftruncate", "fallocate", "fsync", "fdatasync", "chmod", "fchmod", "fchmodat",
    "copy_file_range", "sendfile",
)  # fmt: skip
TRACED = ",".join(f"?{name}" for name in _CHANGING)  # the ? is for names that a machine lacks
_CALL = re.compile(r"(?:(\d+) +)?(\w+)\((.*)")

Tree = dict[str, bytes]


class Ended(NamedTuple):
    """How a run ended: its exit code (of one that was killed -9), and all it said."""

    code: int
    said: str


class Call(NamedTuple):
    """A system call that changes a site: the `number`th of its name in its thread."""

    name: str
    number: int
    text: str


class Run:
    """A run that has begun."""

    def __init__(self, server: "Server", pid: int, said: Path) -> None:
        self._server = server
        self._said = said
        self.pid = pid

    def wait(self) -> Ended:
        code = int(self._server.answer("wait"))
        return Ended(code, self._said.read_text("utf-8", "replace"))


class Server:
    """Starts runs, one after the other, without starting an interpreter for each."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "said"
        self._process = subprocess.Popen(
            [sys.executable, PROJECT / "tests/fork_server.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{PROJECT / 'tests'}{os.pathsep}{PROJECT}"},
        )
        assert self.answer() == "ready"

    def answer(self, question: str = "") -> str:
        assert self._process.stdin
        assert self._process.stdout
        if question:
            self._process.stdin.write(f"{question}\n")
            self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def start(
        self,
        folder: Path,
        *arguments: str,
        changes: Sequence[str] = (),
        stopped: bool = False,
        largest_file: int | None = None,
        umask: int = 0o022,
        environment: dict[str, str] | None = None,
    ) -> Run:
        said = self._said
        order = {
            "folder": str(folder),
            "arguments": arguments,
            "said": str(said),
            "changes": changes,
            "stopped": stopped,
            "largest_file": largest_file,
            "umask": umask,
            "environment": {
                "SOURCE_DATE_EPOCH": str(int(NOW.timestamp())),
                **(environment or {}),
            },
        }
        return Run(self, int(self.answer(json.dumps(order))), said)

    def build(self, folder: Path, *options: str, **how: object) -> Ended:
        return self.start(folder, "build", *options, **how).wait()  # type: ignore[arg-type]

    def close(self) -> None:
        self._process.communicate()


def tree(folder: Path) -> Tree:
    """Return what lies in a folder, by path; links as what they are."""
    return {
        str(path.relative_to(folder)): b"-> " + os.fsencode(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def is_temporary(path: str) -> bool:
    return bool(TEMPORARY.fullmatch(Path(path).name))


def ids(files: Tree) -> set[str]:
    """Return the ids of all entries of all feeds."""
    feeds = (json.loads(data) for path, data in files.items() if path.endswith("/feed.json"))
    return {item["id"] for feed in feeds for item in feed["items"]}


def edited_site(folder: Path, config: str = CONFIG, records: int = 6) -> Workspace:
    """Make a site whose records have not changed for long."""
    folder.mkdir()
    site = Workspace(folder, config)
    for number in range(records):
        topics = "[Libraries, Repair]" if number % 2 else "[Libraries]"
        text = record(title=f"Title {number}", webUrl=f"/{number}", topics=topics)
        site.write(f"{number}.md", text)
    site.write("last.md", record(title="The last of its topic", webUrl="/last", topics="[Going]"))
    age(site)
    return site


def age(site: Workspace) -> None:
    for location in (site.folder / "articles").iterdir():
        os.utime(location, (LONG_AGO, LONG_AGO))


def edit(site: Workspace) -> None:
    """Change a record, add one with a topic of its own, take the last one of a topic away."""
    site.write("0.md", record(title="Edited", webUrl="/0", topics="[Libraries, Fresh]"))
    site.write("new.md", record(title="New", webUrl="/new", topics="[Libraries, Fresh]"))
    (site.folder / "articles/last.md").unlink()


class Trials:
    """One edited site, to which an accident happens again and again."""

    def __init__(self, server: Server, home: Path, config: str = CONFIG) -> None:
        self.server = server
        self.site = edited_site(home / "site", config)
        self.folder = self.site.folder
        self.output = self.folder / "feeds"
        self._before = home / "before"
        assert self.build().code == 0
        self.old = tree(self.output)
        edit(self.site)
        age(self.site)
        shutil.copytree(self.folder, self._before, symlinks=True)
        assert self.build().code == 0
        self.new = tree(self.output)

    def build(self, **how: object) -> Ended:
        return self.server.build(self.folder, "--prune", **how)

    def start(self, **how: object) -> Run:
        return self.server.start(self.folder, "build", "--prune", **how)  # type: ignore[arg-type]

    def restore(self) -> None:
        """Bring back the site as it was before the run: published, then edited."""
        shutil.rmtree(self.folder)
        shutil.copytree(self._before, self.folder, symlinks=True)

    def torn(self) -> list[str]:
        """Return what readers may not find: neither old nor new files, lost entries."""
        now = {p: d for p, d in tree(self.output).items() if not is_temporary(p)}
        wrong = [path for path in {*now, *self.old, *self.new} if not self._is_whole(path, now)]
        if wrong:
            return [f"torn: {path}" for path in sorted(wrong)]
        return [f"lost: {id_}" for id_ in (ids(self.old) & ids(self.new)) - ids(now)]

    def _is_whole(self, path: str, now: Tree) -> bool:
        if path == ".feedpub":
            return all(f"  {file}\n".encode() in now[path] for file in now if file != path)
        data = now.get(path)
        if path.endswith(".gz"):  # taken away while its file is replaced
            return data is None or gzip.decompress(data) == now.get(path.removesuffix(".gz"))
        return data in (self.old.get(path), self.new.get(path))

    def amiss_after_the_next_run(self) -> list[str]:
        """Return what the next run leaves that a run without an accident does not."""
        ended, now = self.build(), tree(self.output)
        amiss = [path for path in {*now, *self.new} if now.get(path) != self.new.get(path)]
        amiss += [name for name in tree(self.folder / ".feedpub") if is_temporary(name)]
        if (ended.code, "Traceback" in ended.said) != (0, False):
            amiss.append(f"{ended.code}: {ended.said}")
        return sorted(amiss) + self._noticed_again()

    def _noticed_again(self) -> list[str]:
        again = self.build()
        return [] if " 0 written" in again.said else [again.said]

    def violations(self) -> list[str]:
        """Return all that an accident did which it must not do."""
        return self.torn() + self.amiss_after_the_next_run()

    def calls(self) -> list[Call]:
        """Return the system calls of a run that change something in the site."""
        self.restore()
        return changing_calls(self.traced("trace=" + TRACED), self.folder)

    def traced(self, *expressions: str, changes: Sequence[str] = ("one thread",)) -> str:
        """Let strace look at a run, and meddle with it as it is told to; return what it saw."""
        return self.meddled(*expressions, changes=changes)[1]

    def meddled(
        self, *expressions: str, changes: Sequence[str] = ("one thread",)
    ) -> tuple[Ended, str]:
        """Do the same, and return how the run ended, too."""
        log = self.folder.with_name("trace")
        run = self.start(changes=changes, stopped=True)
        tracer = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "0", "-o", log, "-p", str(run.pid)]
            + [word for expression in expressions for word in ("-e", expression)],
            stderr=subprocess.PIPE,
            text=True,
        )
        with tracer:
            assert tracer.stderr
            said = tracer.stderr.readline()
            assert "attached" in said, said
            os.kill(run.pid, signal.SIGUSR1)
            ended = run.wait()
            tracer.communicate()
        return ended, log.read_text("utf-8", "replace")


def changing_calls(log: str, folder: Path) -> list[Call]:
    """Return the calls in a trace that change something in a folder.

    They are numbered by name in each thread, as strace counts.
    """
    count: Counter[tuple[str, str]] = Counter()
    calls = []
    for line in log.splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        thread, name, text = match.groups()
        count[thread, name] += 1
        changes = name not in {"openat", "open"} or "O_CREAT" in text or "O_TRUNC" in text
        if changes and f"{folder}/" in text:
            calls.append(Call(name, count[thread, name], text))
    return calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What many trials found; `hits` are those in which the accident did happen."""

    hits: int
    violations: tuple[str, ...]


def kill_at_calls(trials: Trials, calls: Sequence[Call], *changes: str) -> Found:
    """Kill a run as it makes each of some system calls."""
    hits, violations = 0, []
    for call in calls:
        trials.restore()
        ended, _ = trials.meddled(
            f"trace={call.name}",
            f"inject={call.name}:signal=SIGKILL:when={call.number}",
            changes=("one thread", *changes),
        )
        hits += ended.code == -signal.SIGKILL
        violations += trials.violations()
    return Found(hits=hits, violations=tuple(violations))


def can_trace() -> bool:
    """Tell whether strace is here and may look at other processes."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True, check=False)
    return tried.returncode == 0


needs_strace = pytest.mark.skipif(
    not can_trace(), reason="strace is not installed, or may not look at other processes"
)
