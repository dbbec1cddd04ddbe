"""The tasks for a simulated burst: which analysis of which of its files."""

from eclgrmd.model.configuration.layers import sparse
from eclgrmd.model.configuration.sections import DurationChoice, SpectralChoice, TaskConfiguration
from eclgrmd.model.messages.incoming import TaskInput, TaskRequest
from eclgrmd.model.names import FileKind
from eclgrmd.model.task import TaskType
from testbench.simulate.files.write import WrittenFile

from .burst import Burst

__all__ = ["tasks_for"]

_FROM_EVENTS = (FileKind.EVENTS, FileKind.GTI, FileKind.RESPONSE)
_FROM_SPECTRA = (FileKind.SPECTRUM, FileKind.BACKGROUND, FileKind.RESPONSE)


def tasks_for(burst: Burst, files: tuple[WrittenFile, ...]) -> tuple[TaskRequest, ...]:
    """Return tasks: durations from light curves, a fit of ready-made spectra, all from events.

    Their ids end with `-lc`, `-pha` and `-evt`. The last integrates spectra over the interval of
    the truth, then over the measured one.
    """
    curves = _task(burst, "lc", TaskType.TEMPORAL, files, (FileKind.LIGHT_CURVE,))
    spectra = _task(burst, "pha", TaskType.SPECTRAL, files, _FROM_SPECTRA)
    if not burst.events:
        return (curves, spectra)
    return (curves, spectra, _task(burst, "evt", TaskType.BURST, files, _FROM_EVENTS))


def _task(
    burst: Burst,
    what: str,
    analysis: TaskType,
    files: tuple[WrittenFile, ...],
    kinds: tuple[FileKind, ...],
) -> TaskRequest:
    inputs = tuple(TaskInput(file.path.name) for file in files if file.kind in kinds)
    return TaskRequest(
        id=f"{burst.burst_id}-{what}",
        burst_id=burst.burst_id,
        inputs=inputs,
        analysis=analysis,
        configuration=sparse(_configuration(burst, analysis)),
    )


def _configuration(burst: Burst, analysis: TaskType) -> TaskConfiguration:
    """Return a configuration that names the spectral model, and little else."""
    model = burst.spectrum.model if burst.spectrum is not None else "band"
    spectral = SpectralChoice(models=(model,))
    if analysis is TaskType.BURST and burst.pulses:
        spectral = SpectralChoice(models=(model,), intervals=(burst.interval_s, "t100"))
    short = burst.interval_s[1] - burst.interval_s[0] < 5.0
    duration = DurationChoice(bin_s=0.008 if short else None)
    return TaskConfiguration(spectral=spectral, duration=duration)
