"""Fixtures shared by all tests."""

from pathlib import Path

import pytest
from support import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)
