"""The log of a task: JSON lines that can be read while the task runs."""

import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from eclgrmd.errors import EclgrmdError, PermanentError
from eclgrmd.machine import machine_error
from eclgrmd.model.pipeline import Stage

__all__ = ["LOG_NAME", "TaskLog", "logged_failures"]

LOG_NAME = "task.log"
"""Name of the log among the products."""
Value = str | int | float | bool | None | list[str]


class TaskLog:
    """Writes the log of a task, unbuffered, one JSON object per line.

    Parameters
    ----------
    path
        File to write; an existing one is overwritten.
    burst_id, task_id
        Fields of every line.
    report
        Called with each stage as it begins.
    say
        Called with every line.
    """

    def __init__(
        self,
        path: Path,
        *,
        burst_id: str,
        task_id: str,
        report: Callable[[Stage], None],
        say: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._file = path.open("wb", buffering=0)
        self._identity = {"burst_id": burst_id, "task_id": task_id}
        self._report = report
        self._say = say
        self._began = time.monotonic()
        self._stage: Stage | None = None
        self._stage_began = self._began

    def __enter__(self) -> Self:
        """Return the log itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the log began."""
        return time.monotonic() - self._began

    def info(self, event: str, **fields: Value) -> None:
        """Write a line of level info."""
        self._write("info", event, fields)

    def warning(self, event: str, **fields: Value) -> None:
        """Write a line of level warning."""
        self._write("warning", event, fields)

    def failed(self, reason: str, **fields: Value) -> None:
        """Write that the task failed, and why."""
        self._write("error", "task failed", {"reason": reason, **fields})

    def begin(self, stage: Stage) -> None:
        """End the present stage and begin the next one, which the following lines name."""
        self._end_stage()
        self._stage = stage
        self._report(stage)

    def done(self, **fields: Value) -> None:
        """Write that the task is done."""
        self._end_stage()
        self._write("info", "task done", fields)

    def _end_stage(self) -> None:
        if self._stage is not None:
            took = time.monotonic() - self._stage_began
            self._write("info", "stage done", {"stage_s": round(took, 6)})
        self._stage, self._stage_began = None, time.monotonic()

    def _write(self, level: str, event: str, fields: dict[str, Value]) -> None:
        line = {
            "timestamp": datetime.now(UTC)
            .isoformat(timespec="microseconds")
            .replace("+00:00", "Z"),
            "level": level,
            "event": event,
            **self._identity,
            "stage": self._stage,
            "elapsed_s": round(self.elapsed_s, 6),
            **fields,
        }
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._say(line)


@contextmanager
def logged_failures(log: TaskLog, what: str) -> Iterator[None]:
    """Log warnings and the reason of a failure; raise unexpected errors as `PermanentError`.

    Parameters
    ----------
    what
        What failed then, for people: the analysis.
    """
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_args, **_rest: log.warning(
            "warning", text=str(message)
        )
        try:
            yield
        except EclgrmdError as error:
            log.failed(str(error))
            raise
        except Exception as error:
            if isinstance(error, OSError) and machine_error(error) is not None:
                raise
            reason = f"{what} failed: {type(error).__name__}: {error}"
            log.failed(reason, trace=traceback.format_exc())
            raise PermanentError(reason) from error
