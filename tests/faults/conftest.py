"""Fixtures for tests in which a run meets with an accident."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from accidents import Server, Trials
from support import CONFIG


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return what starts runs without delay."""
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Return a folder in memory, where there is one: there syncing a file takes no time."""
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    with tempfile.TemporaryDirectory(dir=memory if usable else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def trials(server: Server, home: Path) -> Trials:
    """Return a site that was published, then edited."""
    (home / "plain").mkdir()
    return Trials(server, home / "plain")


@pytest.fixture(scope="module")
def precompressed(server: Server, home: Path) -> Trials:
    """Return one that has a compressed copy beside each file."""
    (home / "precompressed").mkdir()
    return Trials(server, home / "precompressed", CONFIG + "precompress: true\n")
