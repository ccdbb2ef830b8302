"""Permissions, tested whoever runs the tests: root, whom nothing stops, becomes nobody."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def nobody(folder: Path) -> Iterator[None]:
    """Own what is in a folder, without root's right to pass by permissions."""
    if os.geteuid() != 0:
        yield
        return
    for root, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(root, name), _NOBODY, _NOBODY, follow_symlinks=False)
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
