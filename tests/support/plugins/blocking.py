"""Fails a test in which code of eclgrmd blocks the event loop.

blockbuster knows the calls that block; here they are noted and allowed, so that a test goes on as
it would without and fails at its end, also where an error would have been caught.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from blockbuster import BlockBuster, BlockBusterFunction

import eclgrmd
from tests.support.checkout import CHECKOUT

__all__ = ["PERMITTED", "blocking_calls_are_noted", "event_loop_is_free"]

PACKAGE = f"{Path(eclgrmd.__file__).parent}/"
TESTS = f"{CHECKOUT / 'tests'}/"
PERMITTED = {
    (
        "eclgrmd/embedded/processes.py",
        "find_program",
    ): "looks into folders at a server's start",
    ("eclgrmd/embedded/mariadb.py", "_initialise"): "looks for one folder at the server's start",
    ("eclgrmd/store/sql/migrate.py", "migrations"): "reads our own files before anything is served",
    ("eclgrmd/settings/load.py", "read_secret"): "reads one line at the start and after a reload",
    ("eclgrmd/bus/session.py", "_credentials"): "looks for one file at each connection",
    ("eclgrmd/ingest/mdb.py", "fetch"): "has the loop of the command `fetch` to itself",
    ("structlog/_base.py", "_process_event"): "shows a traceback with its lines, for defects only",
    (
        "asyncio/base_events.py",
        "default_exception_handler",
    ): "reports what a library has left behind, once",
}
"""By the end of a file's name and a function in it: why it may block the loop."""


@pytest.fixture(scope="session", autouse=True)
def blocking_calls_are_noted() -> Iterator[None]:
    """Note every blocking call that code of eclgrmd makes while a loop runs."""
    finder = BlockBuster()
    for function in finder.functions.values():
        function.can_block_predicate = _noting(function)
    finder.activate()
    yield
    finder.deactivate()


@pytest.fixture(autouse=True)
def event_loop_is_free(blocking_calls_are_noted: None) -> Iterator[None]:
    """Fail the test if a blocking call was noted in it."""
    _noted.clear()
    yield
    if _noted:
        pytest.fail("the event loop was blocked by\n" + "\n".join(_noted), pytrace=False)


_noted: list[str] = []


def _noting(function: BlockBusterFunction) -> Callable[..., bool]:
    does_not_block = function.can_block_predicate
    permitted = [*function.can_block_functions, *((at, {name}) for at, name in PERMITTED)]

    def note(*arguments: object, **options: object) -> bool:
        if not does_not_block(*arguments, **options):
            frames = [each.frame for each in inspect.stack(context=0)[2:]]
            if _is_ours(frames) and not any(_is_among(frame, permitted) for frame in frames):
                _noted.append(_told(function, frames))
        return True

    return note


def _is_ours(frames: list[FrameType]) -> bool:
    """Return whether a coroutine or callback of eclgrmd made a call, and no code of a test."""
    ours = [frame for frame in frames if _is_below(frame, PACKAGE)]
    calling = next((frame for frame in frames if _is_below(frame, PACKAGE, TESTS)), None)
    if not ours or calling is not ours[0]:
        return False
    # A test that calls a function which is meant for a thread blocks a loop of its own.
    asynchronous = any(frame.f_code.co_flags & inspect.CO_COROUTINE for frame in ours)
    by_asyncio = ours[-1].f_back is not None and "/asyncio/" in ours[-1].f_back.f_code.co_filename
    return asynchronous or by_asyncio


def _is_below(frame: FrameType, *folders: str) -> bool:
    return frame.f_code.co_filename.startswith(folders)


def _is_among(frame: FrameType, functions: Iterable[tuple[str, Iterable[str]]]) -> bool:
    code = frame.f_code
    return any(code.co_filename.endswith(at) and code.co_name in names for at, names in functions)


def _told(function: BlockBusterFunction, frames: list[FrameType]) -> str:
    shown = [
        f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
        for frame in frames[:12]
    ]
    return "\n    called by ".join([function.full_name, *shown])
