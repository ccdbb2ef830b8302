"""The seal of a state that is larger than what one thread reads at a time."""

import pytest

from feedpub.safekeeping import is_broken, seal

MIB = 1 << 20
WHOLE = b"a" * MIB + b"b" * MIB + b"c" * MIB + b"d" * 100


@pytest.fixture
def state(tmp_path):
    location = tmp_path / "state.sqlite3"
    location.write_bytes(WHOLE)
    seal(location)
    return location


def test_sealed_state_is_whole(state):
    assert not is_broken(state)


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(WHOLE[:-1], id="shorter"),
        pytest.param(WHOLE + b"\0", id="longer"),
        pytest.param(
            WHOLE[MIB : 2 * MIB] + WHOLE[:MIB] + WHOLE[2 * MIB :], id="neighbours swapped"
        ),
        pytest.param(WHOLE[2 * MIB : 3 * MIB] + WHOLE[MIB:], id="piece twice"),
        pytest.param(WHOLE[: 3 * MIB - 1] + b"C" + WHOLE[3 * MIB :], id="last byte of a piece"),
        pytest.param(b"", id="empty"),
    ],
)
def test_state_that_is_not_as_it_was_sealed_is_broken(state, damaged):
    state.write_bytes(damaged)
    assert is_broken(state)
