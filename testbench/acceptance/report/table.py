"""The acceptance table: test case, step, status."""

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum

from msgspec import Struct

from eclgrmd.aio.cancellation import reraising_cancellation

__all__ = ["CASES", "Status", "Step", "StepFailedError", "StepSkippedError", "Table", "require"]

CASES = {
    "FSC-2041": "Service is ready",
    "FSC-1585": "Availability",
    "FSC-1588": "Tasks from input to products",
    "FSC-1589": "Logs of the workers",
    "FSC-1590": "Start and stop of the REST interface",
}
"""The test cases of the founding document, in its order."""


class Status(StrEnum):
    """Result of a step."""

    PASS = "PASS"  # noqa: S105 (no password)
    FAIL = "FAIL"
    SKIP = "SKIP"


class Step(Struct, frozen=True):
    """A row of the table: one step and its result."""

    case: str
    """Test case, as in `CASES`."""
    name: str
    """Name of the step."""
    status: Status
    """How it ended."""
    detail: str
    """What was observed, or what was wrong."""
    seconds: float
    """Duration, seconds."""


class StepFailedError(Exception):
    """Raised by a step that found something wrong; the text says what."""


class StepSkippedError(Exception):
    """Raised by a step that is not possible here; the text says why."""


def require(condition: object, text: str) -> None:
    """Fail the step unless the condition holds.

    Raises
    ------
    StepFailedError
        With the text.
    """
    if not condition:
        raise StepFailedError(text)


class Table:
    """Collects the results of the steps that it runs."""

    def __init__(self, report: Callable[[Step], None] = lambda _step: None) -> None:
        self._report = report
        self._steps: list[Step] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in the order of the test cases."""
        order = list(CASES)
        return tuple(sorted(self._steps, key=lambda step: order.index(step.case)))

    @property
    def passed(self) -> bool:
        """True if there were steps and none failed."""
        return bool(self._steps) and all(s.status is not Status.FAIL for s in self._steps)

    async def step(self, case: str, name: str, check: Callable[[], Awaitable[str]]) -> bool:
        """Run a step and return whether it passed; an exception only fails this step."""
        began = time.monotonic()
        try:
            with reraising_cancellation():
                status, detail = Status.PASS, await check()
        except StepFailedError as error:
            status, detail = Status.FAIL, str(error)
        except StepSkippedError as error:
            status, detail = Status.SKIP, str(error)
        except Exception as error:  # noqa: BLE001 (an unexpected error fails the step, not the test)
            status, detail = Status.FAIL, f"{type(error).__name__}: {error}"
        step = Step(case, name, status, detail, time.monotonic() - began)
        self._steps.append(step)
        self._report(step)
        return status is Status.PASS
