"""Chooses form and level, and keeps secrets out."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from .journal import Journal, stderr_is_journal

__all__ = ["configure_logging", "set_level"]

Form = Literal["auto", "console", "json", "journal"]
_SECRET = ("password", "token", "credential", "secret", "authorization")
_PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "exception": 3, "critical": 2}


def configure_logging(level: str, form: Form) -> None:
    """Set the log up, for our lines and those of the libraries (warnings and worse)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("eclgrmd").setLevel(logging.NOTSET)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.StackInfoRenderer(),
            _without_secrets,
            *_output(_chosen(form)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def set_level(level: str) -> None:
    """Change the level while running."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))


def _chosen(form: Form) -> Form:
    if form != "auto":
        return form
    if stderr_is_journal():
        return "journal"
    return "console" if sys.stderr.isatty() else "json"


def _output(form: Form) -> list[structlog.typing.Processor]:
    if form == "console":
        return [structlog.dev.ConsoleRenderer()]
    if form == "journal":
        return [structlog.processors.format_exc_info, _ToJournal()]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]


def _without_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key in event:
        if any(word in key.lower() for word in _SECRET):
            event[key] = "***"
    return event


class _ToJournal:
    """The last step of a line on its way to the journal."""

    def __init__(self) -> None:
        self._journal = Journal()

    def __call__(
        self, _logger: object, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        fields = dict(event)
        sentence = fields.pop("event", "")
        self._journal.send(
            {
                "MESSAGE": sentence,
                "PRIORITY": _PRIORITY.get(str(fields.pop("level", "info")), 6),
                "SYSLOG_IDENTIFIER": "eclgrmd",
                **fields,
            }
        )
        raise structlog.DropEvent
