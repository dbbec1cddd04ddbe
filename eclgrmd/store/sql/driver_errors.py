"""Translation of the driver's errors into ours, which say whether to retry.

The numbers are those of MySQL's and MariaDB's error reference (server errors from 1000, client
errors from 2000).
"""

import re

import pymysql

from eclgrmd.errors import FatalError, PermanentError, TransientError

__all__ = ["DamagedError", "is_gone", "wrapped"]

_GONE = frozenset({1053, 1129, 1927, 2003, 2006, 2013, 2014, 2055})
"""The server or the connection is gone: another connection may work."""
_SHORT = frozenset(
    {1021, 1026, 1030, 1037, 1038, 1041, 1114, 1135, 1180, 1206, 1317, 1878, 1969, 3024}
)
"""The server lacks disk space, memory, threads or time, or somebody killed the statement."""
_PASSING = _GONE | _SHORT | {1040, 1062, 1203, 1205, 1213, 1290, 1836}
"""Errors that a retry can mend: the above, too many connections, collisions, a read-only server."""
_DAMAGED = frozenset(
    {1016, 1017, 1033, 1034, 1035, 1036, 1146, 1194, 1195, 1412, 1547, 1548, 1712, 1728, 1812, 1813}
    | {1814, 1815, 1877, 1932}
)
"""A table is missing or its files are corrupt."""
_ENGINE_ERROR = re.compile(r"[Gg]ot error (\d+)")
"""Number of the storage engine's error in the message of error 1030."""
_ENGINE_DAMAGED = frozenset({"126", "127", "130", "134", "141", "144", "145", "155", "180", "194"})
"""Errors of the storage engine for damaged tables (HA_ERR_* in MariaDB's my_base.h)."""
_REPAIR = "stop the daemon and bring the database back from a backup: eclgrmd restore DIR"
_DAMAGE_DELAY_S = 10.0
"""Pause before the next try: a person has to restore the table."""
_TRANSIENT_DELAY_S = 1.0
"""Pause before the next try after any other passing error."""
_REFUSED = frozenset({1044, 1045, 1698, 3159})
"""The login is wrong, or the server demands TLS."""
_COLLIDED = frozenset({1062, 1205, 1213})
"""Another transaction has just written the same key, or holds a lock that we need."""
_COLLISION_DELAY_S = 0.05
"""Pause after a deadlock or a lock timeout: the other transaction has most likely ended."""


class DamagedError(TransientError):
    """A table is missing or damaged, until somebody restores it."""


def _is_damage(code: int, text: str) -> bool:
    number = _ENGINE_ERROR.search(text)
    return code in _DAMAGED or (number is not None and number[1] in _ENGINE_DAMAGED)


def _damage(error: pymysql.err.Error) -> str:
    text = str(error.args[1] if len(error.args) > 1 else error)
    return f"the database is damaged ({text}): {_REPAIR}"


def is_gone(error: Exception) -> bool:
    """Return whether the server or the connection is gone."""
    code = error.args[0] if error.args else 0
    return isinstance(error, pymysql.err.InterfaceError | OSError) or code in _GONE


class wrapped:  # noqa: N801 - reads as a statement, like contextlib's own
    """Context manager that turns the driver's errors into ours."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TimeoutError):
            raise TransientError("database: no answer in time") from error
        if isinstance(error, pymysql.err.Error):
            code = error.args[0] if error.args else 0
            if code in _REFUSED:
                raise FatalError(f"the database server refuses our login: {error}") from error
            if _is_damage(code, str(error)):
                raise DamagedError(_damage(error), delay_s=_DAMAGE_DELAY_S) from error
            if isinstance(error, pymysql.err.DataError):
                raise PermanentError(f"the database cannot hold it: {error}") from error
            # pymysql raises InternalError for numbers below 1000: the operating system refused
            # the server a file or disk space.
            internal = isinstance(error, pymysql.err.InternalError | pymysql.err.InterfaceError)
            if internal or code in _PASSING:
                delay_s = _COLLISION_DELAY_S if code in _COLLIDED else _TRANSIENT_DELAY_S
                why = f": {error.__cause__}" if error.__cause__ else ""
                raise TransientError(f"database: {error}{why}", delay_s=delay_s) from error
        # aiomysql and asyncio report a closed connection as "... closed" or "Closed ...".
        if isinstance(error, OSError | RuntimeError) and "losed" in str(error):
            raise TransientError(f"database: {error}") from error
