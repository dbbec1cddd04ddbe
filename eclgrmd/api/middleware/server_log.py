"""The log of aiohttp's server: what a stranger sends is no error of ours."""

import logging
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

__all__ = ["ServerLog"]


class ServerLog(logging.LoggerAdapter[logging.Logger]):
    """Passes lines on to a logger; requests that are not HTTP are told at the level debug.

    Otherwise anybody could fill the log with errors and tracebacks.
    """

    def exception(self, msg: object, *args: object, exc_info: Any = True, **options: Any) -> None:
        """Log an error with its traceback."""
        if isinstance(exc_info, HttpProcessingError):
            self.debug("request that is not HTTP: %s", exc_info)
        else:
            super().exception(msg, *args, exc_info=exc_info, **options)
