"""Streams of events are limited for each client."""

from contextlib import ExitStack

import pytest

from eclgrmd.api.middleware.connections import most_connections
from eclgrmd.api.middleware.problems import TooMuchError
from eclgrmd.api.streams import Streams
from eclgrmd.errors import TransientError
from tests.support.settings import live


def test_one_client_has_its_number_and_others_have_theirs() -> None:
    streams = Streams(live(rest={"client_streams": 2}))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(streams.counted("a"))
        with pytest.raises(TooMuchError, match=r"2 times.*rest\.client_streams"):
            stack.enter_context(streams.counted("a"))
        stack.enter_context(streams.counted("b"))
    with streams.counted("a"):
        assert dict(streams._open) == {"a": 1}


def test_all_clients_together_leave_connections_for_requests() -> None:
    streams = Streams(live(rest={"client_streams": 10_000}))
    with ExitStack() as stack:
        for _ in range(round(0.6 * most_connections())):
            stack.enter_context(streams.counted("a"))
        with pytest.raises(TransientError, match="clients follow the events"):
            stack.enter_context(streams.counted("b"))
