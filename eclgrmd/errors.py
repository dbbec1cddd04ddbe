"""The errors of eclgrmd: the class says what to do about one."""

__all__ = [
    "EclgrmdError",
    "FatalError",
    "InputError",
    "MachineError",
    "PermanentError",
    "SurplusError",
    "TransientError",
    "brief",
]

_END = 5000
"""Characters: both ends fit into a column of 65,535 bytes in any alphabet, with room left."""
_LEFT_OUT = " ... "


def brief(text: str) -> str:
    """Shorten a text in its middle to 10,005 characters."""
    if len(text) <= 2 * _END + len(_LEFT_OUT):
        return text
    return f"{text[:_END]}{_LEFT_OUT}{text[-_END:]}"


class EclgrmdError(Exception):
    """Base of all errors that eclgrmd raises on purpose; its text is one clear sentence.

    What it repeats of a message or a file may be of any length, and is shortened: reasons are
    stored and announced.
    """

    def __str__(self) -> str:
        """Give the text."""
        return brief(super().__str__())


class FatalError(EclgrmdError):
    """The daemon cannot go on: say why and stop."""


class PermanentError(EclgrmdError):
    """Trying again would fail again: record the reason and give up on this one thing."""


class InputError(PermanentError):
    """What somebody sent is wrong: the text says what, where, and what would be right."""


class SurplusError(InputError):
    """More came of one thing than is taken: nothing is kept of it, and no row tells of it."""


class TransientError(EclgrmdError):
    """Trying again later may succeed."""

    def __init__(self, message: str, *, delay_s: float = 1.0) -> None:
        super().__init__(message)
        self.delay_s = delay_s


class MachineError(TransientError):
    """The machine lacks something: says nothing about the file that was read or written."""
