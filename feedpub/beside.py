"""A piece of work in a process beside this one, which meanwhile does something else."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn


class Beside:
    """Some work that is done in a process of its own, while other things are done in this one."""

    def __init__(self, child: int, reader: int) -> None:
        self._child, self._reader = child, reader

    def result(self, meanwhile: Callable[[], object]) -> bytes | None:
        """Return what the work made, once something else is done here.

        None if nothing came of it, for whatever reason: who then does the work here meets that.
        It is handed out once.
        """
        if self._reader < 0:
            return None
        try:
            meanwhile()
            with open(self._reader, "rb", closefd=False) as results:
                made = results.read()
        except BaseException:
            self.stop()
            raise
        return made if self._ended_well() else None

    def stop(self) -> None:
        """Let the work be, if it is still under way."""
        if self._reader >= 0:
            with suppress(ProcessLookupError):  # it ended, and nobody waits for the ended
                os.kill(self._child, signal.SIGKILL)
            self._ended_well()

    def _ended_well(self) -> bool:
        os.close(self._reader)
        self._reader = -1
        try:
            return os.waitpid(self._child, 0)[1] == 0
        except ChildProcessError:  # who ignores SIGCHLD is not told
            return False


def begin(work: Callable[[], bytes]) -> Beside | None:
    """Begin some work in a process of its own; None if there can be none.

    The process is a copy of this one: `work` must use no database, file or lock that is open. It
    ends without a word.
    """
    if not _may_fork():
        return None
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
        return Beside(child, reader)
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
