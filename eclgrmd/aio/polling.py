"""The polling loop of the daemon's stages, with one policy for errors, retries and the stop.

A stage of the daemon is one coroutine, its step, which `poll` repeats until a stop is requested. An
error that a step raises has the same consequence in every stage:

FatalError, also inside an exception group
    Ends the daemon, which exits with that sentence.
TransientError
    A database, a broker or a disk is temporarily unavailable. The step is retried after the delay
    of the error, doubled each time up to the stage's longest pause.
Any other exception
    A defect in the code, which must not stop the other stages. The step is retried after 1 s,
    doubled each time up to 60 s, so that a lasting defect does not load the machine.
Cancellation
    Is obeyed, also where a library inside the step swallowed it.

The first failure is logged, a defect with its traceback. The same failure is then logged at most
once a minute, with the number of repetitions. One line reports the first success afterwards.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple, TypeVar

import structlog

from eclgrmd.aio.backoff import backoff_s
from eclgrmd.aio.cancellation import reraising_cancellation
from eclgrmd.errors import FatalError, TransientError

__all__ = ["FailurePolicy", "Hint", "Step", "is_fatal", "keep", "pause", "poll", "retry"]

T = TypeVar("T")

Step = Callable[[], Awaitable[float]]
"""Does what is due, and returns how long to wait for a hint before the next step, seconds; 0 if
there is more to do at once."""

LONGEST_PAUSE_S = 5.0
"""Longest pause between retries while a dependency is unavailable: short, so that work resumes soon
after its return; long enough that the stages do not overload a server while it starts."""
_FIRST_DEFECT_S = 1.0
"""First pause after a defect."""
_LONGEST_DEFECT_S = 60.0
"""Longest pause after a defect."""
_REPEATED_S = 60.0
"""Time for which the same failure is not logged again."""
_MOST_KINDS = 100
"""Number of different failures that are remembered per stage; the oldest are forgotten."""


class Hint:
    """Wakes stages that wait for new work in the database.

    A hint may come early, late or without new work. A stage must find the same work by polling
    alone.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.count = 0
        """Number of hints so far. Read it before looking for work, and pass it to `wait`, so that a
        hint in between is not lost."""

    def give(self) -> None:
        """Wake all waiting stages."""
        self.count += 1
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seen: int, limit_s: float) -> None:
        """Wait until `count` differs from `seen`, at most `limit_s` seconds."""
        if self.count != seen:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._event.wait()


class _Kind(NamedTuple):
    """Identifies failures that differ only in numbers."""

    error: type[Exception]
    """Class of the error."""
    reason: str
    """Text of the error, each number replaced by ``#``."""


class _Logged(NamedTuple):
    """The last log line about a kind of failure."""

    at_s: float
    """Time of the line on the monotonic clock, seconds."""
    unlogged: int
    """Failures of this kind since then."""


class FailurePolicy:
    """Applies the error policy of this module to one stage, and limits its log lines.

    Parameters
    ----------
    stage
        Name in the log.
    longest_s
        Longest pause after a `TransientError`, seconds.
    """

    def __init__(self, stage: str, longest_s: float = LONGEST_PAUSE_S) -> None:
        self._stage = stage
        self._longest_s = longest_s
        self._failures = 0
        self._logged: dict[_Kind, _Logged] = {}
        self._log = structlog.get_logger("stage")

    def pause_s(self, error: Exception) -> float:
        """Record a failure; return how long to wait before the step is retried, seconds.

        Raises
        ------
        FatalError
            The error itself, or the group that holds one, if the daemon must end.
        """
        if is_fatal(error):
            raise error
        self._log_failure(error)
        failures, self._failures = self._failures, self._failures + 1
        if isinstance(error, TransientError):
            return backoff_s(error.delay_s, failures, self._longest_s)
        return backoff_s(_FIRST_DEFECT_S, failures, _LONGEST_DEFECT_S)

    def succeeded(self) -> None:
        """Record a success: the next failure starts with the shortest pause again."""
        if self._failures:
            self._log.info("stage recovered", stage=self._stage, failures=self._failures)
        self._failures = 0

    def _log_failure(self, error: Exception) -> None:
        """Log a failure, unless the same one was logged within the last minute."""
        kind, now_s = _Kind(type(error), re.sub(r"\d+", "#", str(error))), time.monotonic()
        before = self._logged.get(kind)
        if before is not None and now_s - before.at_s < _REPEATED_S:
            self._logged[kind] = before._replace(unlogged=before.unlogged + 1)
            return
        repeated = before.unlogged if before is not None else 0
        if isinstance(error, TransientError):
            self._log.warning(
                "stage failed, will retry", stage=self._stage, reason=str(error), repeated=repeated
            )
        else:
            self._log.error(
                "stage failed unexpectedly, will retry",
                stage=self._stage,
                reason=f"{type(error).__name__}: {error}",
                repeated=repeated,
                exc_info=error,
            )
        self._logged.pop(kind, None)  # keeps the order by time of the last log line
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
    """Repeat a step until a stop is requested, which ends every pause at once.

    Parameters
    ----------
    step
        The coroutine to repeat. A stop does not interrupt it.
    stage
        Name in the log.
    stop
        Set to request the end of the stage.
    hint
        Ends the pause between two steps, but not the pause after a failure.
    longest_s
        Longest pause after a `TransientError`, seconds.
    drain
        True: after the stop, repeat the step until it has nothing more to do, or fails.

    Raises
    ------
    FatalError
        If a step raised one: the daemon must end.
    """
    hint = Hint() if hint is None else hint
    fatal: Exception | None = None
    async with asyncio.TaskGroup() as group:
        waking = group.create_task(_wake(stop, hint), name=f"stop {stage}")
        try:
            await _repeat(step, FailurePolicy(stage, longest_s), stop, hint, drain=drain)
        except Exception as error:  # noqa: BLE001 - raised again below, outside of the group
            fatal = error
        finally:
            waking.cancel()
    if fatal is not None:
        raise fatal


async def keep(
    run: Callable[[asyncio.Event], Awaitable[None]], *, stage: str, stop: asyncio.Event
) -> None:
    """Run a stage until it ends, and restart it when it fails outside of its steps.

    Raises
    ------
    FatalError, ExceptionGroup
        If the daemon must end.
    """
    policy = FailurePolicy(stage)
    while not stop.is_set():
        try:
            return await run(stop)
        except Exception as error:  # noqa: BLE001 - the policy decides, and raises what is fatal
            await pause(stop, policy.pause_s(error))
    return None


async def retry(
    attempt: Callable[[], Awaitable[T]], *, stage: str, longest_s: float = LONGEST_PAUSE_S
) -> T:
    """Repeat an attempt until it succeeds, and return its result.

    Raises
    ------
    FatalError
        If the daemon must end.
    """
    policy = FailurePolicy(stage, longest_s)
    while True:
        try:
            with reraising_cancellation():
                result = await attempt()
        except Exception as error:  # noqa: BLE001 - the policy decides, and raises what is fatal
            await asyncio.sleep(policy.pause_s(error))
        else:
            policy.succeeded()
            return result


async def pause(stop: asyncio.Event, limit_s: float) -> None:
    """Wait for ``limit_s`` seconds, or until a stop is requested."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await stop.wait()


def is_fatal(error: BaseException) -> bool:
    """Return whether an error, or one inside an exception group, must end the daemon."""
    if isinstance(error, BaseExceptionGroup):
        return error.subgroup(FatalError) is not None
    return isinstance(error, FatalError)


async def _wake(stop: asyncio.Event, hint: Hint) -> None:
    await stop.wait()
    hint.give()


async def _repeat(
    step: Step, policy: FailurePolicy, stop: asyncio.Event, hint: Hint, *, drain: bool
) -> None:
    while drain or not stop.is_set():
        last, seen = stop.is_set(), hint.count
        try:
            with reraising_cancellation():
                pause_s = await step()
        except Exception as error:  # noqa: BLE001 - the policy decides, and raises what is fatal
            failed_s = policy.pause_s(error)
            if last:
                return
            await pause(stop, failed_s)
            continue
        policy.succeeded()
        if pause_s > 0.0:
            if last:
                return
            await hint.wait(seen, pause_s)
        else:
            await asyncio.sleep(0)  # lets other tasks run, even if the step never waits
