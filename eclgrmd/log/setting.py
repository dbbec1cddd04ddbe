"""Set-up of the log: level, format and destination."""

import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from eclgrmd.errors import InputError

from .processors import Repetitions, journal_fields, redact

__all__ = ["relay", "set_level", "set_up", "watch"]

Style = Literal["auto", "console", "json"]
Watcher = Callable[[Mapping[str, Any]], None]

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}


class _State:
    """The settings of the log that can change while the daemon runs."""

    threshold = logging.INFO
    watchers: tuple[Watcher, ...] = ()


def set_up(
    level: str = "info",
    *,
    style: Style = "auto",
    journal: Callable[[Mapping[str, str]], bool] | None = None,
    stream: TextIO | None = None,
) -> None:
    """Send the log lines of structlog, `logging` and `warnings` to one destination.

    Parameters
    ----------
    level
        The lowest level that is written: debug, info, warning, error or critical.
    style
        ``auto``: readable lines on a terminal, JSON elsewhere.
    journal
        Sends a record to the journal and returns whether that succeeded; lines that could not be
        sent go to ``stream``. None: all lines go to ``stream``.
    stream
        None: standard error.

    Raises
    ------
    InputError
        If there is no such level.
    """
    set_level(level)
    out = sys.stderr if stream is None else stream
    console = style == "console" or (style == "auto" and journal is None and out.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _drop_below_threshold,
            _add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            Repetitions(),
            *_output(console=console, colors=out.isatty(), journal=journal),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        logger_factory=lambda *names: _Sink(out, *names),
        cache_logger_on_first_use=False,
    )
    _adopt_logging()


def set_level(level: str) -> None:
    """Write only lines of this level and above; raise InputError for an unknown level."""
    if level not in _LEVELS:
        raise InputError(f"log level {level!r}: must be one of {', '.join(_LEVELS)}")
    _State.threshold = _LEVELS[level]


def watch(watcher: Watcher) -> Callable[[], None]:
    """Call ``watcher`` with the fields of every written line; return a function that ends that."""
    _State.watchers += (watcher,)

    def end() -> None:
        _State.watchers = tuple(other for other in _State.watchers if other is not watcher)

    return end


def relay(fields: Mapping[str, Any]) -> None:
    """Write a log line that was received from a worker process."""
    rest = dict(fields)
    level, event = rest.pop("level", "info"), rest.pop("event", "")
    rest.pop("timestamp", None)
    structlog.get_logger("worker").log(_LEVELS.get(level, logging.INFO), event, **rest)


class _Sink:
    """Writes lines to a stream; structlog needs one method per level."""

    def __init__(self, stream: TextIO, name: str = "eclgrmd") -> None:
        self.name = name
        self._stream = stream

    def msg(self, line: str) -> None:
        # A full disk or a closed pipe loses the line, but must not end the daemon.
        with suppress(OSError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = log = msg


class _Bridge(logging.Handler):
    """Forwards lines of the standard library's `logging` to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(record.name)
        # Libraries may define levels between the usual ones: round down.
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        logger.log(level, record.getMessage(), exc_info=record.exc_info or None)


def _adopt_logging() -> None:
    root = logging.getLogger()
    root.handlers = [_Bridge()]
    root.setLevel(logging.INFO)  # debug lines of libraries would flood the log
    logging.captureWarnings(capture=True)


def _drop_below_threshold(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    if _LEVELS.get(fields["level"], logging.INFO) < _State.threshold:
        raise structlog.DropEvent
    return fields


def _add_logger_name(logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    fields.setdefault("logger", logger.name)
    return fields


def _show(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    for watcher in _State.watchers:
        watcher(fields)
    return fields


def _output(
    *, console: bool, colors: bool, journal: Callable[[Mapping[str, str]], bool] | None
) -> list[Processor]:
    if console:
        return [_show, structlog.dev.ConsoleRenderer(colors=colors)]
    as_json = structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    if journal is None:
        return [_show, as_json]
    take = journal

    def send(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
        if take(journal_fields(fields)):
            raise structlog.DropEvent
        return fields

    return [_show, send, as_json]
