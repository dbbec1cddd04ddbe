"""One quantity that cannot be computed must not cost the others."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["Attempts"]

LoadedSettings = ParamSpec("LoadedSettings")
Found = TypeVar("Found")


class Attempts:
    """Calls functions, and notes in flags which of them failed."""

    def __init__(self) -> None:
        self.flags: list[str] = []

    def __call__(
        self,
        what: str,
        otherwise: Found,
        function: Callable[LoadedSettings, Found],
        *args: LoadedSettings.args,
        **kwargs: LoadedSettings.kwargs,
    ) -> Found:
        """Compute something; where that fails, flag `what` with the error and give `otherwise`."""
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - data nobody thought of; a duration is not lost
            self.flags.append(f"no {what}: {error}")
            return otherwise
