"""Every stage is a step that `poll` repeats, with one policy for errors, pauses, hints and stop."""

import ast
import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from eclgrmd.aio import polling
from eclgrmd.aio.polling import FailurePolicy, Hint, keep, poll, retry
from eclgrmd.bus import Delivery
from eclgrmd.bus.consumer import hand_over
from eclgrmd.errors import FatalError, InputError, TransientError
from tests.support.limits import LIMIT_S

FOR_EVER_S = 3600.0
PACKAGE = Path(polling.__file__).parent


class Script:
    """A step with a prescribed outcome for each call, which sets the stop at the last one."""

    def __init__(self, *turns: float | Exception) -> None:
        self.turns = list(turns)
        self.stop = asyncio.Event()
        self.steps = 0

    async def step(self) -> float:
        self.steps += 1
        turn = self.turns.pop(0)
        if not self.turns:
            self.stop.set()
        if isinstance(turn, Exception):
            raise turn
        return turn

    async def run(self, **options: Any) -> list[Any]:
        """Poll to the end; return what was logged."""
        with structlog.testing.capture_logs() as said:
            async with asyncio.timeout(LIMIT_S):
                await poll(self.step, stage="test", stop=self.stop, **options)
        return said


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses after failures, which take no time."""
    found: list[float] = []

    async def paused(_stop: asyncio.Event, limit_s: float) -> None:
        found.append(limit_s)

    monkeypatch.setattr(polling, "pause", paused)
    return found


async def test_a_step_that_has_more_to_do_is_repeated_at_once() -> None:
    script = Script(0.0, 0.0, 0.0)
    assert await script.run() == []
    assert script.steps == 3


async def test_a_transient_error_is_retried_with_growing_pauses(pauses: list[float]) -> None:
    away = [TransientError("the database is away", delay_s=0.5) for _ in range(6)]
    await Script(*away, 0.0, 0.0).run(longest_s=5.0)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


async def test_the_pauses_begin_anew_after_a_success(pauses: list[float]) -> None:
    def away() -> TransientError:
        return TransientError("NATS is away")

    await Script(away(), away(), 0.0, away(), 0.0, 0.0).run()
    assert pauses == [1.0, 2.0, 1.0]


async def test_a_transient_error_is_logged_once_and_so_is_the_recovery(pauses: list[float]) -> None:
    away = [TransientError(f"try {number}: the disk is away") for number in range(9)]
    said = await Script(*away, 0.0, 0.0).run()
    assert len(pauses) == 9
    assert [(line["event"], line["log_level"]) for line in said] == [
        ("stage failed, will retry", "warning"),
        ("stage recovered", "info"),
    ]
    assert said[0]["reason"] == "try 0: the disk is away"
    assert said[1]["failures"] == 9
    assert {line["stage"] for line in said} == {"test"}


async def test_each_kind_of_failure_is_logged(pauses: list[float]) -> None:
    kinds = [TransientError("database away"), TransientError("NATS away"), InputError("odd")]
    said = await Script(*kinds, *kinds, 0.0, 0.0).run()
    assert len(pauses) == 6
    assert [line["event"] for line in said] == [
        "stage failed, will retry",
        "stage failed, will retry",
        "stage failed unexpectedly, will retry",
        "stage recovered",
    ]


def test_a_lasting_failure_is_logged_again_after_a_minute_with_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 0.0
    monkeypatch.setattr("eclgrmd.aio.polling.time.monotonic", lambda: now_s)
    policy = FailurePolicy("test")
    with structlog.testing.capture_logs() as said:
        for _ in range(100):
            policy.pause_s(TransientError("away"))
            now_s += 1.0
    assert [line["repeated"] for line in said] == [0, 59]


async def test_a_defect_is_logged_with_its_traceback_and_ends_nothing(pauses: list[float]) -> None:
    defects = [ZeroDivisionError("x") for _ in range(8)]
    script = Script(*defects, 0.0, 0.0)
    said = await script.run()
    assert script.steps == 10
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert said[0]["log_level"] == "error"
    assert isinstance(said[0]["exc_info"], ZeroDivisionError)
    assert said[0]["reason"] == "ZeroDivisionError: x"


@pytest.mark.parametrize(
    "error",
    [
        FatalError("the database server refuses our login"),
        ExceptionGroup("tasks", [KeyError("x"), FatalError("the server refuses our login")]),
    ],
)
async def test_a_fatal_error_ends_the_stage_with_its_sentence(error: Exception) -> None:
    for run in (Script(error).run, lambda: keep(_raising(error), stage="x", stop=asyncio.Event())):
        with pytest.raises(type(error)) as caught:
            await run()
        assert caught.value is error


async def test_a_fatal_error_is_no_reason_to_take_a_message_again() -> None:
    async def handle(_delivery: Delivery) -> None:
        raise FatalError("the database server refuses our login")

    with pytest.raises(FatalError):
        await hand_over(handle, [Delivery("s", b"", {}, 1, 1, None)])  # type: ignore[arg-type]


async def test_a_stage_that_fails_outside_of_its_steps_begins_again(pauses: list[float]) -> None:
    script = Script(ZeroDivisionError(), ExceptionGroup("x", [KeyError("y")]), 0.0)

    async def run(_stop: asyncio.Event) -> None:
        await script.step()

    async with asyncio.timeout(LIMIT_S):
        await keep(run, stage="test", stop=asyncio.Event())
    assert script.steps == 3
    assert pauses == [1.0, 2.0]


async def test_an_attempt_is_repeated_until_it_succeeds() -> None:
    script = Script(TransientError("away", delay_s=0.001), KeyError("x"), 7.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(polling, "_FIRST_DEFECT_S", 0.001)
        async with asyncio.timeout(LIMIT_S):
            assert await retry(script.step, stage="test") == 7.0


@asynccontextmanager
async def running(stage: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        yield group.create_task(stage)


async def until(condition: Callable[[], bool]) -> None:
    while True:
        await asyncio.sleep(0.001)
        if condition():
            return


async def test_a_hint_ends_the_pause() -> None:
    hint, script = Hint(), Script(FOR_EVER_S, 0.0)
    async with running(poll(script.step, stage="test", stop=script.stop, hint=hint)):
        await until(lambda: script.steps == 1)
        hint.give()


async def test_a_hint_during_the_step_is_not_lost() -> None:
    hint, stop, steps = Hint(), asyncio.Event(), 0

    async def step() -> float:
        nonlocal steps
        steps += 1
        hint.give() if steps == 1 else stop.set()
        return FOR_EVER_S

    async with running(poll(step, stage="test", stop=stop, hint=hint)):
        pass
    assert steps == 2


async def test_hints_do_not_shorten_the_pause_after_a_failure() -> None:
    hint, script = Hint(), Script(TransientError("away", delay_s=4.0), 0.0)
    async with running(poll(script.step, stage="test", stop=script.stop, hint=hint)):
        await until(lambda: script.steps == 1)
        for _ in range(50):
            hint.give()
            await asyncio.sleep(0)
        assert script.steps == 1
        script.stop.set()


@pytest.mark.parametrize(
    "turn", [FOR_EVER_S, TransientError("away", delay_s=FOR_EVER_S), KeyError("x")]
)
@pytest.mark.parametrize("hinted", [True, False])
async def test_a_stop_ends_every_pause(turn: float | Exception, *, hinted: bool) -> None:
    script, hint = Script(turn, 0.0, 0.0), Hint() if hinted else None
    stage = poll(script.step, stage="t", stop=script.stop, hint=hint, longest_s=FOR_EVER_S)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(polling, "_FIRST_DEFECT_S", FOR_EVER_S)
        patch.setattr(polling, "_LONGEST_DEFECT_S", FOR_EVER_S)
        async with running(stage):
            await until(lambda: script.steps == 1)
            await asyncio.sleep(0.01)
            script.stop.set()
    assert script.steps == 1


async def test_a_stop_waits_for_the_step_that_is_under_way() -> None:
    stop, went_on, ended = asyncio.Event(), asyncio.Event(), False

    async def step() -> float:
        nonlocal ended
        await went_on.wait()
        ended = True
        return 0.0

    async with running(poll(step, stage="test", stop=stop)) as stage:
        await asyncio.sleep(0.01)
        stop.set()
        await asyncio.sleep(0.01)
        assert not stage.done()
        went_on.set()
    assert ended


async def test_a_stage_that_drains_goes_on_after_the_stop_while_there_is_something() -> None:
    script = Script(0.0, 0.0, 0.0, FOR_EVER_S)
    script.stop.set()
    await script.run(drain=True)
    assert script.steps == 4
    failing = Script(TransientError("away"), 0.0)
    failing.stop.set()
    await failing.run(drain=True)
    assert failing.steps == 1


async def test_a_stage_after_the_stop_takes_no_step() -> None:
    script = Script(0.0)
    script.stop.set()
    await script.run()
    assert script.steps == 0


async def test_a_cancellation_ends_the_stage_also_where_a_step_swallows_it() -> None:
    begun = asyncio.Event()

    async def step() -> float:
        try:
            begun.set()
            await asyncio.sleep(FOR_EVER_S)
        except asyncio.CancelledError:
            return 0.0
        return 0.0

    async with running(poll(step, stage="test", stop=asyncio.Event())) as stage:
        await begun.wait()
        stage.cancel()
    assert stage.cancelled()


def _raising(error: Exception) -> Callable[[asyncio.Event], Coroutine[Any, Any, None]]:
    async def run(_stop: asyncio.Event) -> None:
        raise error

    return run


def test_no_stage_has_a_loop_of_its_own() -> None:
    loops = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.While) and "stop.is_set" in ast.unparse(node.test)
    ]
    assert {loop.partition(":")[0] for loop in loops} == {"polling.py"}
