"""An earlier run in a folder of products, and the requests that repeat it."""

import errno
import glob
import hashlib
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import Layer, patched, resolve
from eclgrmd.model.names import FileKind
from eclgrmd.model.pipeline import STEPS_NAME, PipelineFile, PipelineRequest
from eclgrmd.model.result import Input, Result
from eclgrmd.model.result.reading import read_result

from .names import check_file_name
from .task_log import LOG_NAME

__all__ = [
    "EarlierRun",
    "read_earlier_run",
    "repeated_request",
    "replay_request",
    "rerun_request",
]


class _LogLine(Struct, frozen=True):
    event: str = ""
    sha256: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A folder of products with its decoded result."""

    folder: Path
    """Folder of the products."""
    result: Result
    """Content of `result.json`."""


def read_earlier_run(product: Path) -> EarlierRun:
    """Read the run that a product belongs to.

    Parameters
    ----------
    product
        A folder of products, or any file in it.

    Raises
    ------
    InputError
        If there is no valid result.json, if it lacks the key `process`, or if an input in it has
        an invalid name or kind.
    """
    folder = product if product.is_dir() else product.parent
    path = folder / "result.json"
    if not product.exists():
        raise InputError(f"{product}: no such file")
    try:
        content = _content(path)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}: it is needed to know how the products were made"
        ) from error
    result = read_result(content, what=str(path))
    if not result.process.created_utc:
        raise InputError(f"{path}: does not say how it was made (key `process` is empty)")
    for i, each in enumerate(result.inputs):
        check_file_name(each.name)
        if each.kind not in list(FileKind):
            raise InputError(
                f"{path}: /inputs/{i}/kind is {each.kind!r}: must be one of {', '.join(FileKind)}"
            )
    return EarlierRun(folder, result)


def replay_request(run: EarlierRun, output: Path, data: Sequence[Path] = ()) -> PipelineRequest:
    """Return a request that repeats a run.

    Parameters
    ----------
    run
        The earlier run.
    output
        Folder for the products.
    data
        Files, or folders with files, that may be the inputs. Otherwise these are looked for where
        the run had them, and in the folder of the products.

    Raises
    ------
    InputError
        If an input is not found with its recorded checksum.
    """
    return repeated_request(run.result, tuple(_all_found(run, data)), str(output))


def repeated_request(
    result: Result, files: tuple[PipelineFile, ...], output: str
) -> PipelineRequest:
    """Return the request that a result was made for, with the present paths of its files."""
    process = result.process
    return PipelineRequest(
        task_id=process.task_id,
        burst_id=result.burst.id,
        files=files,
        output=output,
        analysis=process.analysis,
        configuration=result.configuration,
        sources=process.sources,
        rerun_of=process.rerun_of,
        created_utc=process.created_utc,
        obs_id=process.obs_id,
        program=process.program,
        dstream=process.dstream,
        proc_ver=process.proc_ver,
        trigger_utc=process.trigger_utc,
        flags=process.flags,
    )


def rerun_request(
    run: EarlierRun, changes: Mapping[str, Any], output: Path, data: Sequence[Path] = ()
) -> PipelineRequest:
    """Return a request that repeats a run with changed keys and reuses untouched steps.

    Parameters
    ----------
    run
        The earlier run.
    changes
        Keys of the configuration; null restores the built-in value.
    output, data
        As for `replay_request`.

    Raises
    ------
    InputError
        If an input is not found, or if the changes make the configuration invalid.
    """
    before = msgspec.json.decode(msgspec.json.encode(run.result.configuration))
    wanted = resolve(
        Layer("earlier run", patched(before, changes)), Layer("changes", patched({}, changes))
    )
    return replace(
        replay_request(run, output, data),
        task_id=f"{run.result.process.task_id}.r{wanted.sha256[:12]}",
        configuration=wanted.configuration,
        sources=wanted.sources,
        rerun_of=run.result.process.task_id,
        earlier=str(run.folder / STEPS_NAME),
        created_utc="",
        proc_ver=run.result.process.proc_ver + 1,
    )


def _all_found(run: EarlierRun, data: Sequence[Path]) -> Iterator[PipelineFile]:
    logged = _logged(run.folder)
    for each in run.result.inputs:
        yield _found(each, _candidates(run.folder, each, data, logged.get(each.sha256, ())))


def _found(wanted: Input, candidates: Iterable[Path]) -> PipelineFile:
    for path in candidates:
        if _is_file(path) and _sha256(path) == wanted.sha256:
            return PipelineFile(str(path), wanted.name, wanted.sha256, FileKind(wanted.kind))
    raise InputError(
        f"{wanted.name}: no file with sha256 {wanted.sha256} was found: name its folder with --data"
    )


def _candidates(
    folder: Path, wanted: Input, data: Sequence[Path], logged: Sequence[Path]
) -> Iterator[Path]:
    for each in data:
        yield from sorted(each.rglob(glob.escape(wanted.name))) if each.is_dir() else (each,)
    yield from logged
    yield folder / wanted.name
    yield from sorted(path for each in data if each.is_dir() for path in each.rglob("*"))


def _logged(folder: Path) -> dict[str, list[Path]]:
    """Return the paths of inputs that the task's log names, by checksum; skip other lines."""
    found: dict[str, list[Path]] = {}
    try:
        lines = _content(folder / LOG_NAME).splitlines()
    except OSError:
        return found
    for line in lines:
        with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
            decoded = msgspec.json.decode(line, type=_LogLine)
            if decoded.event == "input" and decoded.path:
                found.setdefault(decoded.sha256, []).append(Path(decoded.path))
    return found


def _content(path: Path) -> bytes:
    """Return the content of a file that comes from somebody else.

    Raises
    ------
    OSError
        If it is missing, or if it is no regular file: reading a pipe could block for ever.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return path.read_bytes()


def _is_file(path: Path) -> bool:
    """Return whether a path, which comes from somebody else, leads to a file."""
    try:
        return path.is_file()
    except OSError:
        return False


@cache
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
