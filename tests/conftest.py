"""Fixtures shared by all tests."""

from pathlib import Path

import pytest
from support import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rule(*numbers): the feed rules that a test stands for")
