"""Isolation of failures: if one quantity cannot be computed, the others still are."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from eclgrmd.model.flags import Flag, FlagCode

__all__ = ["FailureRecorder"]

Arguments = ParamSpec("Arguments")
Found = TypeVar("Found")


class FailureRecorder:
    """Calls functions and records failures as flags."""

    def __init__(self) -> None:
        self.flags: list[Flag] = []

    def __call__(
        self,
        what: str,
        otherwise: Found,
        function: Callable[Arguments, Found],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Found:
        """Return the result of a function; if it fails, flag `what` and return `otherwise`.

        Parameters
        ----------
        what
            Name of the quantity in the flag.
        otherwise
            Result in case of a failure.
        function, args, kwargs
            The function and its arguments.
        """
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - unforeseen data must not cost the duration
            self.flags.append(Flag(FlagCode.FAILED, subject=what, detail=str(error)))
            return otherwise
