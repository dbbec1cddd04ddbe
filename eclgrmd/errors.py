"""The errors of eclgrmd: the class says what to do about one."""

__all__ = ["EclgrmdError", "FatalError", "InputError", "PermanentError", "TransientError"]


class EclgrmdError(Exception):
    """Base of all errors that eclgrmd raises on purpose; its text is one clear sentence."""


class FatalError(EclgrmdError):
    """The daemon cannot go on: say why and stop."""


class PermanentError(EclgrmdError):
    """Trying again would fail again: record the reason and give up on this one thing."""


class InputError(PermanentError):
    """What somebody sent is wrong: the text says what, where, and what would be right."""


class TransientError(EclgrmdError):
    """Trying again later may succeed."""

    def __init__(self, message: str, *, delay_s: float = 1.0) -> None:
        super().__init__(message)
        self.delay_s = delay_s
