"""Reading of a request's files into an observation."""

from collections.abc import Sequence

from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.names import BurstId, FileKind, Instrument
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineFile, PipelineRequest
from eclgrmd.model.window import reading_window

from .names import named_paths

__all__ = ["CALIBRATION", "files_used", "read_files", "request_sha256"]

CALIBRATION = frozenset({FileKind.RESPONSE, FileKind.ANCILLARY})
"""Kinds of files among which the configuration key `calibration` selects."""
SERIES = frozenset({FileKind.EVENTS, FileKind.HISTORY, FileKind.LIGHT_CURVE})
"""Kinds of files with counts in time."""


def read_files(request: PipelineRequest, unpacked: Unpacked | None = None) -> Observation:
    """Return the observation in the files that the configuration selects.

    Only the window that the analysis uses is read. If no data are in it, everything is read.

    Parameters
    ----------
    request
        Files and configuration.
    unpacked
        Has files that were unpacked before; None: none were.

    Raises
    ------
    InputError
        If a file is invalid or missing, or if the configuration excludes all data.
    """
    choice = request.configuration
    files = files_used(request)
    with named_paths(files) as paths:
        optional = [path for path, file in zip(paths, files, strict=True) if file.optional]

        def read(window_s: tuple[float, float] | None) -> Observation:
            return read_observation(
                paths,
                burst_id=BurstId(request.burst_id),
                trigger_time_s=choice.trigger_time_s,
                trigger_utc=request.trigger_utc,
                detectors=choice.detectors,
                window_s=window_s,
                optional=optional,
                unpacked=unpacked,
            )

        observation = read(reading_window(choice))
        series = observation.events or observation.histories or observation.light_curves
        if not series and any(file.kind in SERIES for file in request.files):
            observation = read(None)
    return _of_instruments(observation, choice.instruments) if choice.instruments else observation


def files_used(request: PipelineRequest) -> tuple[PipelineFile, ...]:
    """Return the files of a request without the calibration that its configuration excludes.

    Raises
    ------
    InputError
        If the configuration names a calibration file that is not among the inputs.
    """
    wanted = request.configuration.calibration
    there = [file.name for file in request.files if file.kind in CALIBRATION]
    for i, name in enumerate(wanted):
        if name not in there:
            allowed = ", ".join(sorted(there)) or "none is among the inputs"
            raise InputError(
                f"task configuration: /calibration/{i} is {name!r}: must be a response or "
                f"ancillary file among the inputs (allowed: {allowed})"
            )
    if not wanted:
        return request.files
    return tuple(
        file for file in request.files if file.kind not in CALIBRATION or file.name in wanted
    )


def request_sha256(request: PipelineRequest) -> str:
    """Return a checksum of the request without its configuration: burst, trigger time and files."""
    files = [(file.name, file.sha256, file.kind) for file in request.files]
    return canonical_sha256([request.burst_id, request.trigger_utc, files])


def _of_instruments(observation: Observation, wanted: Sequence[Instrument]) -> Observation:
    chosen = observation.only(lambda instrument, _: instrument in wanted)
    if not chosen.detectors:
        there = sorted({instrument for instrument, _ in observation.detectors})
        raise InputError(
            f"task configuration: /instruments is {', '.join(wanted)}: the files have data of "
            f"{', '.join(there)}"
        )
    return chosen
