"""Processors of log lines: hide secrets, drop repetitions, make records for the journal."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

__all__ = ["Repetitions", "journal_fields", "redact"]

_SECRET = re.compile("password|passwd|token|secret|credential|authorization", re.IGNORECASE)
_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")
_HIDDEN = "[redacted]"
_PRIORITIES = {"debug": "7", "info": "6", "warning": "4", "error": "3", "critical": "2"}
_OWN = {"event": "MESSAGE", "exception": "TRACEBACK"}
_NOT_A_NAME = re.compile(r"[^A-Z0-9_]")


def redact(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    """Replace values of fields named like secrets, and logins in addresses, by ``[redacted]``."""
    return {key: _hide(key, value) for key, value in fields.items()}


def _hide(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {inner: _hide(str(inner), each) for inner, each in value.items()}
    if _SECRET.search(key) and isinstance(value, (str, bytes)):
        return _HIDDEN
    return _LOGIN.sub(_HIDDEN + "@", value) if isinstance(value, str) else value


class Repetitions:
    """Drops repeated warnings and errors.

    Lines are the same if their sentence, burst and task are. The first one of the next period has
    the number of dropped lines in its field ``dropped``.

    Parameters
    ----------
    burst
        Number of same lines that are written in each period.
    period_s
        Length of a period, seconds.
    clock
        Returns the time in seconds.
    """

    def __init__(
        self,
        burst: int = 10,
        period_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        self._period_s = period_s
        self._clock = clock
        self._begin = clock()
        self._counts: dict[tuple[object, ...], int] = {}
        self._dropped: dict[tuple[object, ...], int] = {}

    def __call__(self, _logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
        """Return the fields of a line to be written, or raise DropEvent."""
        if fields.get("level") not in {"warning", "error", "critical"}:
            return fields
        self._renew()
        key = (fields["event"], fields.get("burst_id"), fields.get("task_id"))
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count > self._burst:
            raise structlog.DropEvent
        dropped = self._dropped.pop(key, 0)
        if dropped:
            fields["dropped"] = dropped
        return fields

    def _renew(self) -> None:
        now = self._clock()
        if now - self._begin < self._period_s:
            return
        self._begin = now
        counts = self._counts.items()
        self._dropped = {key: n - self._burst for key, n in counts if n > self._burst}
        self._counts = {}


def journal_fields(fields: Mapping[str, Any]) -> dict[str, str]:
    """Convert a log line to a record of the journal, which adds its own time."""
    record = {"SYSLOG_IDENTIFIER": "eclgrmd", "PRIORITY": _PRIORITIES.get(fields["level"], "6")}
    for key, value in fields.items():
        if key not in {"level", "timestamp"}:
            record[_OWN.get(key) or _journal_name(key)] = str(value)
    return record


def _journal_name(key: str) -> str:
    name = _NOT_A_NAME.sub("_", key.upper()).lstrip("_0123456789")
    return (name or "FIELD")[:64]
