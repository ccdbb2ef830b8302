"""Fixtures for tests in which a run meets with an accident."""

from collections.abc import Iterator

import pytest
from accidents import Server, Trials
from support import CONFIG


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return what starts runs without delay."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def trials(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Trials:
    """Return a site that was published, then edited."""
    return Trials(server, tmp_path_factory.mktemp("trials"))


@pytest.fixture(scope="module")
def precompressed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Trials:
    """Return one that has a compressed copy beside each file."""
    config = CONFIG + "precompress: true\n"
    return Trials(server, tmp_path_factory.mktemp("precompressed"), config)
