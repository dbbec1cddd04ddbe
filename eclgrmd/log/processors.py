"""Steps that a log line goes through before it is written."""

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
    """Hide what is named like a secret, and logins in addresses."""
    return {key: _hide(key, value) for key, value in fields.items()}


def _hide(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {inner: _hide(str(inner), each) for inner, each in value.items()}
    if _SECRET.search(key) and isinstance(value, (str, bytes)):
        return _HIDDEN
    return _LOGIN.sub(_HIDDEN + "@", value) if isinstance(value, str) else value


class Repetitions:
    """Drops warnings and errors that say the same again and again.

    Of one sentence with one burst and task, ``burst`` lines pass in each ``period_s`` seconds; the
    first of the next period says how many were dropped.
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
        """Pass ``fields`` or drop them."""
        if fields.get("level") not in {"warning", "error", "critical"}:
            return fields
        self._renew()
        what = (fields["event"], fields.get("burst_id"), fields.get("task_id"))
        count = self._counts[what] = self._counts.get(what, 0) + 1
        if count > self._burst:
            raise structlog.DropEvent
        dropped = self._dropped.pop(what, 0)
        if dropped:
            fields["dropped"] = dropped
        return fields

    def _renew(self) -> None:
        now = self._clock()
        if now - self._begin < self._period_s:
            return
        self._begin = now
        counts = self._counts.items()
        self._dropped = {what: n - self._burst for what, n in counts if n > self._burst}
        self._counts = {}


def journal_fields(fields: Mapping[str, Any]) -> dict[str, str]:
    """Turn a log line into a record of the journal, which has its own clock."""
    record = {"SYSLOG_IDENTIFIER": "eclgrmd", "PRIORITY": _PRIORITIES.get(fields["level"], "6")}
    for key, value in fields.items():
        if key not in {"level", "timestamp"}:
            record[_OWN.get(key) or _journal_name(key)] = str(value)
    return record


def _journal_name(key: str) -> str:
    name = _NOT_A_NAME.sub("_", key.upper()).lstrip("_0123456789")
    return (name or "FIELD")[:64]
