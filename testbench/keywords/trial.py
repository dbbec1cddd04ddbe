"""Writes a file with the options of an example, reads it and compares."""

import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation

from .compare import differences, flags_of
from .forms import T0_MET_S, has_trigger
from .options import Options, plain, refusable
from .series import curve_files, event_files, history_files
from .spectra import spectrum_files
from .tables import File, write

__all__ = ["Complaint", "described", "judged", "read", "written"]

_WRITERS: dict[str, Callable[[Options], list[File]]] = {
    "events": event_files,
    "history": history_files,
    "curve": curve_files,
    "spectrum": spectrum_files,
}
_INCOMPLETE = {"null rows", "NaN times", "bad rows", "doubled", "bad channels", "twice"}
"""Options with missing parts, which must be flagged."""


class Complaint(AssertionError):  # noqa: N818 (property tests fail with it)
    """Raised when a file reads differently from the plain one, or is refused unclearly."""


def written(kind: str, options: Options, folder: Path) -> list[Path]:
    """Write the files of an example; with `twice` the first also under another name."""
    paths = [
        write(
            file,
            folder,
            place=options["place"],
            packing=options["packing"],
            extra=options["extra"],
            odd=options["odd card"],
        )
        for file in _WRITERS[kind](options)
    ]
    if options["twice"]:
        paths.append(folder / f"again_{paths[0].name}")
        shutil.copyfile(paths[0], paths[-1])
    return paths


def read(kind: str, options: Options) -> Observation:
    """Write the files of an example and read them as the program does.

    Raises
    ------
    InputError
        If they are refused.
    """
    with tempfile.TemporaryDirectory(prefix="eclgrmd-keywords-") as folder:
        paths = written(kind, options, Path(folder))
        trigger_time_s = None if has_trigger(options) else T0_MET_S
        return read_observation(paths, burst_id=BurstId("made-up"), trigger_time_s=trigger_time_s)


@cache
def _observed(kind: str, *options: tuple[str, object]) -> Observation:
    return read(kind, dict(options))


def judged(kind: str, options: Options) -> str:
    """Return `read`, or the sentence of a clear refusal.

    Raises
    ------
    Complaint
        If the result differs from that of the plain files, if something was left out without a
        flag, or if a refusal does not name its reason.
    """
    words, must_refuse = refusable(options)
    try:
        found = read(kind, options)
    except InputError as error:
        if any(word in str(error) for word in words):
            return str(error)
        raise Complaint(f"{described(kind, options)}: refused: {error}") from error
    except Exception as error:
        raise Complaint(f"{described(kind, options)}: {type(error).__name__}: {error}") from error
    if must_refuse:
        raise Complaint(f"{described(kind, options)}: read, although it must be refused")
    same = _observed(kind, *plain(kind, options).items())
    wrong = list(differences(same, found, options))
    flags = flags_of(found)
    if wrong and all(each.endswith("no response") for each in wrong):
        matching = [flag for flag in flags if any(word in flag for word in words)]
        if matching:
            return matching[0]
    if wrong:
        raise Complaint(f"{described(kind, options)}: {'; '.join(wrong)}")
    silent = _silent(kind, options, flags)
    if silent:
        raise Complaint(f"{described(kind, options)}: {silent} without a flag")
    return "read"


def described(kind: str, options: Options) -> str:
    """Return the kind and the options that differ from the plain file."""
    changed = {key: value for key, value in options.items() if value != plain(kind).get(key)}
    return f"{kind} with {changed}"


def _silent(kind: str, options: Options, flags: list[str]) -> str:
    """Return options that left something out without a flag."""
    left_out = [
        key
        for key in _INCOMPLETE & options.keys()
        if options[key] not in {"", False, "QUALITY"}
        and not (options[key] == "ERROR" and not options["errors"])
    ]
    unlike = _counted(options) in {"counts as rate", "rate as counts"}
    if unlike and not any("taken as" in flag for flag in flags):
        return "a unit that contradicts the name of its column"
    return ", ".join(left_out) if left_out and not flags else ""


def _counted(options: Options) -> str:
    """Return the form of the counts; nulls may need another one than requested."""
    bad = options.get("bad rows", options.get("bad channels", ""))
    return "" if str(bad).startswith("TNULL") else str(options.get("counts", ""))
