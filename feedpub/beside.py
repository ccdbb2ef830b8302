"""A piece of work in a process beside this one, which meanwhile does something else."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn


def beside(work: Callable[[], bytes], meanwhile: Callable[[], object]) -> bytes | None:
    """Return what some work makes in a process of its own, while something is done here.

    None if nothing came of it, for whatever reason: who then does the work here meets that. The
    process is a copy of this one: `work` must use no database, file or lock that is open. It ends
    without a word.
    """
    started = _start(work) if _may_fork() else None
    if started is None:
        meanwhile()
        return None
    child, reader = started
    with open(reader, "rb") as results:  # noqa: PTH123 - a pipe
        try:
            meanwhile()
            made = results.read()
        except BaseException:
            with suppress(ProcessLookupError):  # it ended, and nobody waits for the ended
                os.kill(child, signal.SIGKILL)
            raise
        finally:
            succeeded = _ended_well(child)
    return made if succeeded else None


def _start(work: Callable[[], bytes]) -> tuple[int, int] | None:
    """Return a process that works, and where its result comes; None if there can be no more."""
    reader, writer = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(reader)
        return None
    else:
        if child == 0:
            os.close(reader)
            _work_and_end(work, writer)
        return child, reader
    finally:
        os.close(writer)


def _may_fork() -> bool:
    """Tell whether a copy of this process can do something: threads are not copied with it."""
    return sys.platform == "linux" and threading.active_count() == 1


def _work_and_end(work: Callable[[], bytes], writer: int) -> NoReturn:
    """Do the work and end at once: what the end of a process does is not for a copy to do."""
    code = 1
    with suppress(BaseException):
        # Our own handler speaks for the run, and would do so twice.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with open(writer, "wb") as results:
            results.write(work())
        code = 0
    os._exit(code)


def _ended_well(child: int) -> bool:
    try:
        return os.waitpid(child, 0)[1] == 0
    except ChildProcessError:  # who ignores SIGCHLD is not told
        return False
