"""Where log lines go, and from which level on."""

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
    """The one thing here that changes while the daemon runs."""

    threshold = logging.INFO
    watchers: tuple[Watcher, ...] = ()


def set_up(
    level: str = "info",
    *,
    style: Style = "auto",
    journal: Callable[[Mapping[str, str]], bool] | None = None,
    stream: TextIO | None = None,
) -> None:
    """Send log lines of structlog, of `logging` and of `warnings` to one place.

    Parameters
    ----------
    level
        The lowest to be written: debug, info, warning, error or critical.
    style
        ``auto`` is readable lines on a terminal and JSON elsewhere.
    journal
        Takes records of the journal instead, and says whether it could; lines that it does not
        take go to ``stream``.
    stream
        Standard error if not given.

    Raises
    ------
    InputError
        There is no such level.
    """
    set_level(level)
    out = sys.stderr if stream is None else stream
    console = style == "console" or (style == "auto" and journal is None and out.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _enough,
            _name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            Repetitions(),
            *_ending(console=console, colors=out.isatty(), journal=journal),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        logger_factory=lambda *names: _Sink(out, *names),
        cache_logger_on_first_use=False,
    )
    _adopt_logging()


def set_level(level: str) -> None:
    """Write lines of ``level`` and above from now on; InputError if there is no such level."""
    if level not in _LEVELS:
        raise InputError(f"log level {level!r} is none of {', '.join(_LEVELS)}")
    _State.threshold = _LEVELS[level]


def watch(watcher: Watcher) -> Callable[[], None]:
    """Have ``watcher`` see every line that is written; call what is returned to end that."""
    _State.watchers += (watcher,)

    def end() -> None:
        _State.watchers = tuple(each for each in _State.watchers if each is not watcher)

    return end


def relay(fields: Mapping[str, Any]) -> None:
    """Write a line that a worker process has said."""
    rest = dict(fields)
    level, event = rest.pop("level", "info"), rest.pop("event", "")
    rest.pop("timestamp", None)
    structlog.get_logger("worker").log(_LEVELS.get(level, logging.INFO), event, **rest)


class _Sink:
    """Writes lines; structlog wants a method per level."""

    def __init__(self, stream: TextIO, name: str = "eclgrmd") -> None:
        self.name = name
        self._stream = stream

    def msg(self, line: str) -> None:
        # A full disk or a reader that has gone ends nothing but the line.
        with suppress(OSError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = log = msg


class _Bridge(logging.Handler):
    """Hands lines of the standard library's `logging` over to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(record.name)
        # Libraries may have levels between the usual ones.
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        logger.log(level, record.getMessage(), exc_info=record.exc_info or None)


def _adopt_logging() -> None:
    root = logging.getLogger()
    root.handlers = [_Bridge()]
    root.setLevel(logging.INFO)  # libraries say too much below
    logging.captureWarnings(capture=True)


def _enough(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    if _LEVELS.get(fields["level"], logging.INFO) < _State.threshold:
        raise structlog.DropEvent
    return fields


def _name(logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    fields.setdefault("logger", logger.name)
    return fields


def _show(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
    for watcher in _State.watchers:
        watcher(fields)
    return fields


def _ending(
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
