"""How the process ends: a closed pipe, a signal or a full disk is no crash."""

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
_BY_SIGNAL = 128


@dataclass(slots=True)
class Ending:
    """The exit status of the process."""

    status: int = 0


@contextmanager
def orderly_end() -> Iterator[Ending]:
    """Turn every way in which a command may end into an exit status, and a sentence if it failed.

    A signal, or a pipe that nobody reads, gives 128 and the signal's number, as a shell does.
    """
    end = Ending()
    _print_anything()
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
        end.status = _complain("no memory left")
    except OSError as error:
        trouble = machine_error(error)
        end.status = _complain(_unexpected(error) if trouble is None else str(trouble))
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence, and where the rest is
        end.status = _complain(_unexpected(error))
    finally:
        _let_go(sys.stdout)
        _let_go(sys.stderr)


def _print_anything() -> None:
    """Escape what the terminal's encoding does not have, such as names of files of any bytes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM unwind the stack, so that temporary folders are removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(_BY_SIGNAL + number)

    before, hook = signal.signal(signal.SIGTERM, stop), sys.unraisablehook
    sys.unraisablehook = _again_if_lost
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, before)


def _again_if_lost(lost: "sys.UnraisableHookArgs") -> None:
    """Send a signal again whose exception was lost where none can pass, as in LLVM's callbacks."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        _thread.interrupt_main(signal.SIGINT)
    elif issubclass(lost.exc_type, SystemExit):
        _thread.interrupt_main(signal.SIGTERM)
    else:
        sys.__unraisablehook__(lost)


def _unexpected(error: Exception) -> str:
    """Keep the traceback of a fault of our own in a file."""
    what = f"unexpected {type(error).__name__}: {error}"
    try:
        descriptor, name = tempfile.mkstemp(prefix="eclgrmd-", suffix=".traceback")
        os.close(descriptor)
        Path(name).write_text(traceback.format_exc(), encoding="utf-8", errors="backslashreplace")
    except OSError:
        return what
    return f"{what} (please report it with {name})"


def _complain(sentence: str) -> int:
    with suppress(OSError):
        sys.stderr.write(f"eclgrmd: {sentence}\n")
    return _FAILED


def _let_go(stream: object) -> None:
    """Flush a stream; what it cannot write must not be tried again when the process ends."""
    if not isinstance(stream, io.TextIOWrapper):
        return
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError):
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, stream.fileno())
            os.close(devnull)
