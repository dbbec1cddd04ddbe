"""The errors of eclgrmd: the class of an error says how to react to it."""

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

_KEPT_AT_EACH_END = 5000
"""Characters. Both ends at 4 bytes per character fit into a TEXT column of 65,535 bytes."""
_LEFT_OUT = " ... "
"""Stands for the middle part of a shortened text."""


def brief(text: str) -> str:
    """Return a text, with its middle left out if it has more than 10,005 characters."""
    if len(text) <= 2 * _KEPT_AT_EACH_END + len(_LEFT_OUT):
        return text
    return f"{text[:_KEPT_AT_EACH_END]}{_LEFT_OUT}{text[-_KEPT_AT_EACH_END:]}"


class EclgrmdError(Exception):
    """Base of all errors that eclgrmd raises on purpose; its text is one clear sentence.

    The text is shortened when it is read: it may quote a message or a file of any length, and it
    is stored in the database and announced.
    """

    def __str__(self) -> str:
        """Return the text, shortened by `brief`."""
        return brief(super().__str__())


class FatalError(EclgrmdError):
    """The daemon cannot continue: report the reason and stop."""


class PermanentError(EclgrmdError):
    """A retry would fail again: record the reason and give up this one operation."""


class InputError(PermanentError):
    """An input is wrong: the text says what is wrong, where, and what would be right."""


class SurplusError(InputError):
    """A limit on what one sender or burst may send is exceeded: the input is dropped unrecorded."""


class TransientError(EclgrmdError):
    """A retry may succeed, for example when a database or a disk is available again.

    Parameters
    ----------
    message
        The reason, one sentence.
    delay_s
        Time to wait before the first retry, seconds.
    """

    def __init__(self, message: str, *, delay_s: float = 1.0) -> None:
        super().__init__(message)
        self.delay_s = delay_s
        """Time to wait before the first retry, seconds."""


class MachineError(TransientError):
    """A resource of the machine is missing, such as disk space; the file involved may be good."""
