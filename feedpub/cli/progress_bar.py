"""A progress bar for a terminal (rich): what is being done, how much, and how long it takes."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class ProgressBar(AbstractContextManager["ProgressBar"]):
    """Shows the stages of a run one after the other, on stderr, and leaves nothing behind.

    rich is loaded when the first stage begins: a run with nothing to do has none.
    """

    def __init__(self) -> None:
        self._shown: tuple[Progress, TaskID] | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the bar away."""
        if self._shown:
            self._shown[0].stop()

    def begin(self, what: str, total: int) -> None:
        """Begin a stage of so many steps."""
        if self._shown:
            progress, task = self._shown
            progress.remove_task(task)
        else:
            progress = _started()
        self._shown = (progress, progress.add_task(what, total=total))

    def advance(self) -> None:
        """Take a step."""
        if self._shown:
            progress, task = self._shown
            progress.advance(task)


def _started() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    progress = Progress(
        "{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.start()
    return progress
