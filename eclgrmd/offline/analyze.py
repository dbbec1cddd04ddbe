"""`eclgrmd.analyze` and `eclgrmd.load`: a burst from its data files, or from earlier products."""

import os
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.pipeline.earlier_run import read_earlier_run

from .burst import Burst
from .changes import nested_changes
from .configuration import resolved
from .inputs import find_files
from .making import FilePath, made
from .request import analysis_named, request_for

__all__ = ["analyze", "load"]


def analyze(
    files: FilePath | Iterable[FilePath],
    *,
    output: FilePath | None = None,
    burst_id: str = "",
    analysis: str = "burst",
    config: FilePath | None = None,
    settings: FilePath | None = None,
    **changes: Any,
) -> Burst:
    """Analyse the data files of a burst: durations, spectra and everything beside them.

    This is what `eclgrmd analyze` does, with the same results.

    Parameters
    ----------
    files
        Files, or folders with files; they are recognised by their headers.
    output
        Folder for the products; None: one that is removed with the burst, unless `save` is called.
    burst_id
        Name of the burst; empty: the one in the headers, else the name of the first file.
    analysis
        What to compute, as far as the data allow: temporal, spectral or burst (both).
    config
        Task configuration file (YAML, JSON or TOML); None: none.
    settings
        Settings of the daemon (`eclgrmd.toml`), which name the site's configuration; None: the
        default one.
    **changes
        Changed keys of the configuration: sections (`background={"order": 1}`), or single keys if
        only one section has a key of this name (`models=["band"]`, `trigger_time_s=2.1e8`).

    Returns
    -------
    Burst
        The results.

    Raises
    ------
    InputError
        If a file or a key is wrong; the text says what would be right.
    PermanentError
        If the analysis fails.

    Warns
    -----
    UserWarning
        If files of a folder are left out, with the reasons.
    """
    names = [files] if isinstance(files, str | os.PathLike) else list(files)
    wanted = resolved(_path(settings), _path(config), nested_changes(changes))
    kind = analysis_named(analysis)
    with Unpacked() as unpacked:
        inputs = find_files([os.fspath(name) for name in names], _warn, unpacked)
        request = request_for(inputs, wanted, "", analysis=kind, burst_id=burst_id)
        result, folder, pending = made(request, output, unpacked=unpacked)
    return Burst(result, folder, temporary=output is None, figures_pending=pending)


def load(folder: FilePath) -> Burst:
    """Return a burst that was analysed before.

    Parameters
    ----------
    folder
        Folder of the products of `eclgrmd analyze`, of `save`, or of a task of the daemon. Plots
        and further analyses need `steps.msgpack` there; numbers and table need `result.json` only.

    Raises
    ------
    InputError
        If it holds no result.
    """
    run = read_earlier_run(Path(folder))
    return Burst(run.result, run.folder, temporary=False, figures_pending=False)


def _path(name: FilePath | None) -> Path | None:
    return None if name is None else Path(name)


def _warn(text: str) -> None:
    warnings.warn(text, stacklevel=4)
