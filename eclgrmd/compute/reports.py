"""Errors of a worker as data, and back: only classes of a fixed list are made again."""

import builtins
import traceback

from eclgrmd import errors

from .frames import Failed, Scalar, scalar, utf8_text

__all__ = ["rebuilt", "report"]

_UNFIT = {"StopIteration", "StopAsyncIteration"}
"""Errors that a future refuses."""
_KNOWN: dict[str, type[Exception]] = {
    **{
        name: value
        for name, value in vars(builtins).items()
        if isinstance(value, type) and issubclass(value, Exception) and name not in _UNFIT
    },
    # No FatalError: a worker cannot end the daemon.
    **{
        cls.__name__: cls
        for cls in (
            errors.InputError,
            errors.MachineError,
            errors.PermanentError,
            errors.SurplusError,
            errors.TransientError,
        )
    },
}
"""Classes by their names."""


def report(error: Exception) -> Failed:
    """Return the frame that describes an error."""
    cls = type(error)
    name = cls.__name__ if _KNOWN.get(cls.__name__) is cls else ""
    return Failed(
        utf8_text(f"{cls.__module__}.{cls.__qualname__}: {error}"),
        utf8_text("".join(traceback.format_exception(error))),
        name,
        _arguments(error) if name else (),
        error.delay_s if isinstance(error, errors.TransientError) else None,
    )


def rebuilt(failed: Failed) -> Exception | None:
    """Return the error that a frame describes; None if its class or its arguments are unknown."""
    cls = _KNOWN.get(failed.name)
    if cls is None:
        return None
    try:
        error = cls(*failed.args)
    except Exception:  # noqa: BLE001 - classes check their arguments in different ways
        return None
    if isinstance(error, errors.TransientError) and failed.delay_s is not None:
        error.delay_s = failed.delay_s
    return error


def _arguments(error: Exception) -> tuple[Scalar, ...]:
    """Return the arguments of an error; its text instead if they are not simple."""
    args = error.args
    if isinstance(error, OSError) and isinstance(error.filename, str):
        args = (error.errno, error.strerror, error.filename)
    simple = tuple(map(scalar, args))
    return simple if simple == args else (utf8_text(str(error)),)
