"""Exit status and message of the process for every way in which a command can end."""

import _thread
import io
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from eclgrmd.machine import machine_error

__all__ = ["Ending", "orderly_end"]

_FAILED = 1
"""Exit status of a failed command."""
_BY_SIGNAL = 128
"""Added to the number of the signal that ended the process: a shell's convention."""


@dataclass(slots=True)
class Ending:
    """The end of a command."""

    status: int = 0
    """Exit status."""


@contextmanager
def orderly_end(program: str = "eclgrmd") -> Iterator[Ending]:
    """Turn every end of a command into an exit status and, if it failed, a line for the user.

    After a signal, or when nobody reads the output, the status is 128 plus the signal's number.
    """
    end = Ending()
    _escape_unprintable()
    try:
        with _terminated_as_interrupted():
            try:
                yield end
            finally:
                sys.stdout.flush()
    except SystemExit as stop:
        end.status = stop.code if isinstance(stop.code, int) else _FAILED if stop.code else 0
    except KeyboardInterrupt:
        end.status = _BY_SIGNAL + signal.SIGINT
    except BrokenPipeError:
        end.status = _BY_SIGNAL + signal.SIGPIPE
    except MemoryError:
        end.status = _complain(program, "no memory left")
    except OSError as error:
        refusal = machine_error(error)
        end.status = _complain(program, _unexpected(error) if refusal is None else str(refusal))
    except Exception as error:  # noqa: BLE001 - users get a sentence; the traceback is in a file
        end.status = _complain(program, _unexpected(error))
    finally:
        _flush_or_detach(sys.stdout)
        _flush_or_detach(sys.stderr)


def _escape_unprintable() -> None:
    """Escape characters that the terminal's encoding lacks, as in file names of arbitrary bytes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Make SIGTERM unwind the stack, so that temporary folders are removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_BY_SIGNAL + number)

    before, hook = signal.signal(signal.SIGTERM, stop), sys.unraisablehook
    sys.unraisablehook = _resend_if_lost
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, before)


def _resend_if_lost(lost: "sys.UnraisableHookArgs") -> None:
    """Send a signal again whose exception was lost, as in a callback from LLVM."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        _thread.interrupt_main(signal.SIGINT)
    elif issubclass(lost.exc_type, SystemExit):
        _thread.interrupt_main(signal.SIGTERM)
    else:
        sys.__unraisablehook__(lost)


def _unexpected(error: Exception) -> str:
    """Write the traceback of an unexpected error to a file, and return a sentence that names it."""
    sentence = f"unexpected {type(error).__name__}: {error}"
    try:
        descriptor, name = tempfile.mkstemp(prefix="eclgrmd-", suffix=".traceback")
        os.close(descriptor)
        Path(name).write_text(traceback.format_exc(), encoding="utf-8", errors="backslashreplace")
    except OSError:
        return sentence
    return f"{sentence} (please report it with {name})"


def _complain(program: str, sentence: str) -> int:
    with suppress(OSError):
        sys.stderr.write(f"{program}: {sentence}\n")
    return _FAILED


def _flush_or_detach(stream: object) -> None:
    """Flush a stream; if that fails, detach it, so that Python does not fail on it at the exit."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError):
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, stream.fileno())
            os.close(devnull)
