"""Fixtures shared by all tests."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support import Workspace

# How long an example takes says more of the machine than of the code.
settings.register_profile(
    "untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")


@pytest.fixture
def long(pytestconfig: pytest.Config) -> bool:
    """Whether there is time for as much as a night allows: `make test-long`."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rule(*numbers): the feed rules that a test stands for")
    # Programs under test must hear of Ctrl+C; in a job in the background they would not.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="repeat races and accidents as often as a night allows"
    )
