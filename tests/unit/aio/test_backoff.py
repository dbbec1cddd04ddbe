"""Pauses grow up to a limit."""

import pytest

from eclgrmd.aio.backoff import backoff_s


@pytest.mark.parametrize(
    ("times", "pause_s"), [(0, 2.0), (1, 4.0), (4, 32.0), (5, 60.0), (100_000, 60.0)]
)
def test_a_pause_doubles_to_the_longest(times: int, pause_s: float) -> None:
    assert backoff_s(2.0, times, 60.0) == pause_s
