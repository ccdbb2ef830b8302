"""Permissions, tested whoever runs the tests: root, whom nothing stops, becomes nobody."""

import importlib.metadata
import os
import pkgutil
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path

from support import CONFIG, call_feedpub

import feedpub

_NOBODY = 65534


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that other users can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for root, _, _ in os.walk(folder, onerror=_unlock):
            Path(root).chmod(0o755)
        for root, folders, _ in os.walk(folder):
            for name in folders:
                Path(root, name).chmod(0o755)
        shutil.rmtree(folder)


def _unlock(error: OSError) -> None:
    Path(str(error.filename)).chmod(0o755)


@cache
def _load_everything() -> None:
    """Load what a run loads when it needs it: from root's home, nobody could not."""
    for module in pkgutil.walk_packages(feedpub.__path__, "feedpub."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    importlib.metadata.version("feedpub")
    with open_folder() as folder:
        (folder / "articles").mkdir()
        (folder / "articles/a.md").write_text("no front matter", "ascii")
        (folder / "config.yaml").write_text(CONFIG, "ascii")
        for arguments in ([], ["--report", "report.json"]):
            call_feedpub("build", *arguments, cwd=folder)
        (folder / ".feedpub/state.sqlite3").write_bytes(b"no state")
        call_feedpub("build", cwd=folder)


@contextmanager
def nobody(folder: Path) -> Iterator[None]:
    """Own what is in a folder, without root's right to pass by permissions.

    All happens in the folder: into a private one, where the project may lie, nobody could go back.
    """
    if os.geteuid() != 0:
        yield
        return
    _load_everything()
    for root, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(root, name), _NOBODY, _NOBODY, follow_symlinks=False)
    with chdir(folder):
        os.seteuid(_NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
