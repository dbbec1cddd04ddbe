"""Fails a test in which code of eclgrmd blocks the event loop, also where the error is caught."""

import traceback
from collections.abc import Iterator

import blockbuster.blockbuster as detector
import pytest
from blockbuster import BlockBuster, BlockingError

__all__ = ["PERMITTED", "event_loop_is_free"]

PERMITTED: dict[tuple[str, str], str] = {}
"""By the end of a file's name and a function: why it may block the loop."""


class _NotedError(BlockingError):
    """Is noted as well as raised: some code goes on after any error."""

    def __init__(self, function: str) -> None:
        super().__init__(function)
        frames = [each for each in traceback.extract_stack() if "/eclgrmd/" in each.filename]
        where = [f"{each.filename}:{each.lineno} in {each.name}" for each in frames]
        _noted.append(f"{function} called by the event loop\n    " + "\n    ".join(where))


@pytest.fixture(scope="session", autouse=True)
def blocking_calls_are_noted() -> Iterator[None]:
    """Have every blocking call noticed that code of eclgrmd makes while a loop runs."""
    finder = BlockBuster("eclgrmd")
    for function in finder.functions.values():
        for filename, name in PERMITTED:
            function.can_block_in(filename, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detector, "BlockingError", _NotedError)
        finder.activate()
        yield
        finder.deactivate()


@pytest.fixture(autouse=True)
def event_loop_is_free(blocking_calls_are_noted: None) -> Iterator[None]:
    """Fail the test if a blocking call was noted in it."""
    _noted.clear()
    yield
    if _noted:
        pytest.fail("the event loop was blocked:\n" + "\n".join(_noted), pytrace=False)


_noted: list[str] = []
