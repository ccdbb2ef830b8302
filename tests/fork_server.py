"""A process that has feedpub loaded, and forks a run of it for each order.

An order is a line of JSON on stdin, its answer the process id of the run; the answer to the next
line is its exit status, once it has ended. So hundreds of runs can be killed in the time that a
dozen interpreters need to start, and each of them dies as a process of its own.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from support import CONFIG, Workspace, record

from feedpub.cli.main import main
from feedpub.destinations import directory
from feedpub.destinations.directory import Directory
from feedpub.destinations.ledger import NAME as LEDGER

_PR_SET_PTRACER = 0x59616D61
_ANYBODY = ctypes.c_ulong(-1)


class OneAfterTheOther:
    """Writes files in the one thread there is: a system call is then found again by its number."""

    def soon(self, write: Callable[..., None], *what: Any) -> None:
        write(*what)

    def finish(self) -> None:
        pass

    def close(self) -> None:
        pass


def _in_one_thread() -> None:
    directory.Writers = OneAfterTheOther


def _into_place() -> None:
    """Write files where readers find them, as a publisher that thinks of no accident does."""
    rename, stage = Directory._rename, Directory._stage

    def write_in_place(self: Directory, document: Any) -> Any:
        staged = stage(self, document)
        middle = len(document.data) // 2
        with Path(self._folder.at(document.path)).open("wb", buffering=0) as file:
            file.write(document.data[:middle])
            file.write(document.data[middle:])
        return staged

    def rename_nothing(self: Directory, staged: Any, *others: Any) -> None:
        rename(self, [file for file in staged if file.path == LEDGER], *others)

    Directory._stage, Directory._rename = write_in_place, rename_nothing


def _without_syncing() -> None:
    directory.write_durably = lambda location, data: Path(location).write_bytes(data) and None


CHANGES = {
    "one thread": _in_one_thread,
    "in place": _into_place,
    "not synced": _without_syncing,
}


def call(folder: str | Path, arguments: list[str]) -> int:
    """Run the command line in a folder; return the exit code."""
    os.chdir(folder)
    sys.argv = ["feedpub", *arguments]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()


def load_everything() -> None:
    """Build a small site, so that what a run imports is there before the first fork."""
    here, answers = Path.cwd(), os.dup(1)
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nowhere:
        site = Workspace(Path(folder), CONFIG + "precompress: true\n")
        site.write("a.md", record(body="A body."))
        os.dup2(nowhere.fileno(), 1)
        call(folder, ["--debug", "build"])
        os.chdir(here)
    os.dup2(answers, 1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def run(order: dict[str, Any]) -> int:
    """Do what is asked; if the run is to be `stopped` first, once it is sent SIGUSR1."""
    said = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.environ |= order["environment"]
    os.umask(order["umask"])
    for change in order["changes"]:
        CHANGES[change]()
    if order["largest_file"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"],) * 2)
    if order["stopped"]:
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANYBODY)
        signal.sigwait({signal.SIGUSR1})
    return call(order["folder"], order["arguments"])


def serve() -> None:
    """Answer orders until there are no more."""
    load_everything()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})  # kept until a run asks for it
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = run(json.loads(line))
            finally:
                os._exit(code)
        print(child, flush=True)
        sys.stdin.readline()  # until then its id is nobody else's
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
