"""A thread that waits for a call may be interrupted at any moment."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator
from itertools import count
from types import FrameType
from typing import Any

import pytest

from eclgrmd.client.waiting import WaitingCall
from tests.support.limits import LIMIT_S


class Interrupting:
    """Raises KeyboardInterrupt before one instruction of what this thread runs, counted from 1."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in another thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(LIMIT_S)
    loop.close()


@pytest.fixture
def signal_interrupts() -> Iterator[int]:
    """The id of this thread, which SIGUSR1 interrupts; workers of xdist ignore SIGINT."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield threading.get_ident()
    signal.signal(signal.SIGUSR1, before)


async def answer() -> int:
    return 42


def is_interrupted(number: int, loop: asyncio.AbstractEventLoop) -> bool:
    """Interrupt a call before an instruction; return False if it has fewer."""
    coroutine = answer()
    call, before = WaitingCall(coroutine, loop), sys.gettrace()
    try:
        sys.settrace(Interrupting(number))
        result = call.result()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(LIMIT_S)
        coroutine.close()
    assert result == 42
    return False


def test_an_interrupt_at_any_instruction_leaves_the_loop_free(
    loop: asyncio.AbstractEventLoop,
) -> None:
    interrupts = next(number for number in count(1) if not is_interrupted(number, loop)) - 1
    assert interrupts > 20, "each instruction of the call is tried"


def test_an_interrupt_cancels_the_call(
    loop: asyncio.AbstractEventLoop, signal_interrupts: int
) -> None:
    cancelled = threading.Event()

    async def wait() -> None:
        signal.pthread_kill(signal_interrupts, signal.SIGUSR1)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(KeyboardInterrupt):
        WaitingCall(wait(), loop).result()
    assert cancelled.wait(LIMIT_S)
