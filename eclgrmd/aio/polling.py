"""Stages that run for ever: a step, what wakes it, its pauses, its errors and its stop.

A stage of the daemon is one coroutine, its step, that `poll` repeats until the stop. What a step
raises has the same consequence in every stage:

FatalError, also inside an exception group
    Ends the daemon, which exits with that sentence.
TransientError
    A passing trouble: a database, a broker or a disk is away. The step is tried again after the
    pause that the error asks for, doubled each time up to the stage's longest pause.
Any other exception
    A defect, which must not stop the other stages. The step is tried again after 1 s, doubled each
    time up to 60 s, so that a lasting defect is in the log and not in the load.
Cancellation
    Is obeyed, also where a library inside the step has swallowed it.

A trouble is logged when it first comes, a defect with its traceback. The same one is then logged
at most once a minute, with the number of times it came. One line tells of the first step that
succeeds again.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple, TypeVar

import structlog

from eclgrmd.aio.cancellation import heeding_cancellation
from eclgrmd.aio.pauses import doubled
from eclgrmd.errors import FatalError, TransientError

__all__ = ["Hint", "Step", "Troubles", "is_fatal", "keep", "pause", "poll", "retry"]

T = TypeVar("T")

Step = Callable[[], Awaitable[float]]
"""Does what is due. Returns how long to wait for a hint before the next step, seconds; 0 where
there is more to do at once."""

LONGEST_PAUSE_S = 5.0
"""Between two tries while a dependency is away: short, so that nobody waits long after its return;
long enough that a server on its way up is not asked by every stage all the time."""
_FIRST_DEFECT_S = 1.0
_LONGEST_DEFECT_S = 60.0
_REPEATED_S = 60.0
"""How long the same trouble is not logged again."""
_MOST_KINDS = 100
"""Most kinds of trouble that are remembered for one stage."""


class Hint:
    """Wakes stages: looking at the tables again is worth it.

    A hint may come early, late or for nothing, so polling must find the same without it.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.count = 0
        """How often the hint was given: remember it before you look, and wait beyond it."""

    def give(self) -> None:
        """Wake all who wait."""
        self.count += 1
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seen: int, limit_s: float) -> None:
        """Wait until the hint was given more than `seen` times, or the limit has passed."""
        if self.count != seen:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._event.wait()


class _Kind(NamedTuple):
    """Troubles that differ in nothing but numbers."""

    error: type[Exception]
    reason: str


class _Logged(NamedTuple):
    """When a trouble was logged last, and what came since."""

    at_s: float
    unlogged: int


class Troubles:
    """Applies the error policy to the failures of one stage, and logs them in moderation.

    Parameters
    ----------
    stage
        Name in the log.
    longest_s
        Longest pause while a trouble passes, seconds.
    """

    def __init__(self, stage: str, longest_s: float = LONGEST_PAUSE_S) -> None:
        self._stage = stage
        self._longest_s = longest_s
        self._failures = 0
        self._logged: dict[_Kind, _Logged] = {}
        self._log = structlog.get_logger("stage")

    def pause_s(self, error: Exception) -> float:
        """Return how long to wait before the step is tried again, seconds.

        Raises
        ------
        FatalError
            The error itself, or the group that holds one, when the daemon must end.
        """
        if is_fatal(error):
            raise error
        self._tell(error)
        failures, self._failures = self._failures, self._failures + 1
        if isinstance(error, TransientError):
            return doubled(error.delay_s, failures, self._longest_s)
        return doubled(_FIRST_DEFECT_S, failures, _LONGEST_DEFECT_S)

    def over(self) -> None:
        """Take note of a success."""
        if self._failures:
            self._log.info("stage goes on", stage=self._stage, failures=self._failures)
        self._failures = 0

    def _tell(self, error: Exception) -> None:
        """Log a trouble, unless the same one was logged within the last minute."""
        kind, now_s = _Kind(type(error), re.sub(r"\d+", "#", str(error))), time.monotonic()
        before = self._logged.get(kind)
        if before is not None and now_s - before.at_s < _REPEATED_S:
            self._logged[kind] = before._replace(unlogged=before.unlogged + 1)
            return
        repeated = before.unlogged if before is not None else 0
        if isinstance(error, TransientError):
            self._log.warning(
                "stage waits", stage=self._stage, reason=str(error), repeated=repeated
            )
        else:
            self._log.error(
                "stage failed unexpectedly and tries again",
                stage=self._stage,
                reason=f"{type(error).__name__}: {error}",
                repeated=repeated,
                exc_info=error,
            )
        self._logged.pop(kind, None)  # the youngest stand last
        self._logged[kind] = _Logged(now_s, 0)
        if len(self._logged) > _MOST_KINDS:
            del self._logged[next(iter(self._logged))]


async def poll(
    step: Step,
    *,
    stage: str,
    stop: asyncio.Event,
    hint: Hint | None = None,
    longest_s: float = LONGEST_PAUSE_S,
    drain: bool = False,
) -> None:
    """Repeat a step until the stop, which ends every pause at once.

    Parameters
    ----------
    step
        What is repeated. A stop does not interrupt it.
    stage
        Name in the log.
    stop
        Set when the stage is to end.
    hint
        Ends the pause between two steps, though not the pause after a failure.
    longest_s
        Longest pause while a trouble passes, seconds.
    drain
        True: after the stop the step is repeated until it has nothing more to do, or fails.

    Raises
    ------
    FatalError
        When a step raised one: the daemon must end.
    """
    hint = Hint() if hint is None else hint
    fatal: Exception | None = None
    async with asyncio.TaskGroup() as group:
        waking = group.create_task(_wake(stop, hint), name=f"stop {stage}")
        try:
            await _repeat(step, Troubles(stage, longest_s), stop, hint, drain=drain)
        except Exception as error:  # noqa: BLE001 - raised again below, outside of the group
            fatal = error
        finally:
            waking.cancel()
    if fatal is not None:
        raise fatal


async def keep(
    run: Callable[[asyncio.Event], Awaitable[None]], *, stage: str, stop: asyncio.Event
) -> None:
    """Run a stage until it ends; begin it again where it fails outside of its steps.

    Raises
    ------
    FatalError, ExceptionGroup
        When the daemon must end.
    """
    troubles = Troubles(stage)
    while not stop.is_set():
        try:
            return await run(stop)
        except Exception as error:  # noqa: BLE001 - the policy decides, and raises what is fatal
            await pause(stop, troubles.pause_s(error))
    return None


async def retry(
    attempt: Callable[[], Awaitable[T]], *, stage: str, longest_s: float = LONGEST_PAUSE_S
) -> T:
    """Repeat an attempt until it succeeds or is cancelled.

    Raises
    ------
    FatalError
        When the daemon must end.
    """
    troubles = Troubles(stage, longest_s)
    while True:
        try:
            with heeding_cancellation():
                result = await attempt()
        except Exception as error:  # noqa: BLE001 - the policy decides, and raises what is fatal
            await asyncio.sleep(troubles.pause_s(error))
        else:
            troubles.over()
            return result


async def pause(stop: asyncio.Event, limit_s: float) -> None:
    """Wait for some seconds, or until the stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await stop.wait()


def is_fatal(error: BaseException) -> bool:
    """Return whether an error, or one in a group of them, says that the daemon cannot go on."""
    if isinstance(error, BaseExceptionGroup):
        return error.subgroup(FatalError) is not None
    return isinstance(error, FatalError)


async def _wake(stop: asyncio.Event, hint: Hint) -> None:
    await stop.wait()
    hint.give()


async def _repeat(
    step: Step, troubles: Troubles, stop: asyncio.Event, hint: Hint, *, drain: bool
) -> None:
    while drain or not stop.is_set():
        last, seen = stop.is_set(), hint.count
        try:
            with heeding_cancellation():
                pause_s = await step()
        except Exception as error:  # noqa: BLE001 - the policy decides, and raises what is fatal
            failed_s = troubles.pause_s(error)
            if last:
                return
            await pause(stop, failed_s)
            continue
        troubles.over()
        if pause_s > 0.0:
            if last:
                return
            await hint.wait(seen, pause_s)
        else:
            await asyncio.sleep(0)  # a step that waits for nothing must not keep others from theirs
