"""Fixtures shared by all tests."""

from pathlib import Path

import pytest
from support import Workspace


@pytest.fixture
def long(pytestconfig: pytest.Config) -> bool:
    """Whether there is time for as much as a night allows: `make test-long`."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rule(*numbers): the feed rules that a test stands for")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="repeat races and accidents as often as a night allows"
    )
