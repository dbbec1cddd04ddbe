"""Concurrent uploads are limited for each client, and slow ones end when others wait."""

from contextlib import ExitStack

import pytest

from eclgrmd.api.middleware.problems import TooMuchError
from eclgrmd.api.uploads import Uploads
from tests.support.paces import Known
from tests.support.settings import live


def fast() -> Known:
    return Known(10.0, 1e7)


def test_one_client_leaves_places_to_others() -> None:
    uploads = Uploads(live(rest={"max_uploads": 16}))
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(uploads.counted("a", fast()))
        with pytest.raises(TooMuchError, match="of this client"), uploads.counted("a", fast()):
            pass
        for _ in range(4):
            stack.enter_context(uploads.counted("b", fast()))
        with pytest.raises(TooMuchError), uploads.counted("c", fast()):
            pass
    with uploads.counted("a", fast()):
        pass


def test_the_slowest_gives_its_place_to_one_that_comes() -> None:
    uploads, slow = (
        Uploads(live(rest={"max_uploads": 4})),
        [Known(1.0, rate) for rate in (30.0, 1.0, 20.0, 1e6)],
    )
    with ExitStack() as stack:
        for number, pace in enumerate(slow):
            stack.enter_context(uploads.counted(f"client {number}", pace))
        for number in range(3):
            stack.enter_context(uploads.counted(f"new {number}", fast()))
        assert [each.given_up for each in slow] == [True, True, True, False]
        with pytest.raises(TooMuchError), uploads.counted("more", fast()):
            pass


def test_a_slow_client_loses_its_own_places_first() -> None:
    uploads, mine, others = Uploads(live(rest={"max_uploads": 4})), Known(1.0, 5.0), Known(1.0, 1.0)
    with ExitStack() as stack:
        stack.enter_context(uploads.counted("other", others))
        for pace in (mine, fast(), fast()):
            stack.enter_context(uploads.counted("me", pace))
        stack.enter_context(uploads.counted("me", fast()))
    assert mine.given_up
    assert not others.given_up


def test_an_upload_that_has_just_begun_is_given_its_time() -> None:
    uploads = Uploads(live(rest={"max_uploads": 1}))
    with (
        uploads.counted("a", Known(0.1, 0.0)),
        pytest.raises(TooMuchError),
        uploads.counted("b", fast()),
    ):
        pass
