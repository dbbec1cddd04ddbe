"""The steps of an analysis: one table of what each depends on, which a re-run is planned with.

A step computes from the configuration keys it declares, and from nothing else of the
configuration: it is given one in which all other keys have their defaults.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from .configuration import TaskConfiguration
from .decode import convert_value
from .layers import Path, canonical_sha256, leaves, nested, pointer
from .window import reading_window

__all__ = ["STEPS", "Step", "StepName", "projected", "step_key", "steps_touched"]


class StepName(StrEnum):
    """The steps, each after those that it needs."""

    READ = "read"
    """Files become the observation; never kept, the files are."""
    BLOCKS = "blocks"
    """Background and Bayesian blocks of each instrument's light curve, and where the burst is."""
    DURATIONS = "durations"
    """T90 and T50 with their errors."""
    BACKGROUND = "background"
    """Background of each detector in all its channels."""
    PHOTONS = "photons"
    """T90 and T50 of photons, by time-resolved fits."""
    INTERVALS = "intervals"
    """What spectra are integrated over."""
    SPECTRA = "spectra"
    """Spectra with background and response."""
    FITS = "fits"
    """Photon models fitted to them."""
    CHARACTER = "character"
    """What light curves tell beside the duration."""
    PRODUCTS = "products"
    """Figures and files; always made anew, they carry the task's own keywords."""


class Step(NamedTuple):
    """What a step's outcome depends on."""

    name: StepName
    keys: tuple[str, ...]
    """JSON pointers of configuration values, or of tables of them; `per_instrument` follows."""
    after: tuple[StepName, ...]
    """Steps whose outcome it takes."""
    derived: Callable[[TaskConfiguration], object] | None = None
    """What it takes of other keys, where less than their values counts."""


STEPS: dict[StepName, Step] = {
    step.name: step
    for step in (
        Step(
            StepName.READ,
            ("/instruments", "/detectors", "/calibration", "/trigger_time_s"),
            (),
            reading_window,
        ),
        Step(
            StepName.BLOCKS,
            (
                "/detectors",
                "/background",
                "/duration/band_kev",
                "/duration/t_min_s",
                "/duration/t_max_s",
                "/duration/bin_s",
                "/duration/false_alarm",
                "/duration/combined",
            ),
            (StepName.READ,),
        ),
        Step(
            StepName.DURATIONS,
            (
                "/background",
                "/duration/false_alarm",
                "/duration/bootstrap",
                "/duration/resegment",
                "/seed",
            ),
            (StepName.BLOCKS,),
        ),
        Step(
            StepName.BACKGROUND,
            ("/detectors", "/background", "/spectral/intervals"),
            (StepName.READ, StepName.BLOCKS),
        ),
        Step(
            StepName.PHOTONS,
            (
                "/detectors",
                "/duration/photon_fluence",
                "/duration/bootstrap",
                "/spectral/energy_kev",
                "/seed",
            ),
            (StepName.READ, StepName.DURATIONS, StepName.BACKGROUND),
        ),
        Step(
            StepName.INTERVALS,
            ("/spectral/intervals", "/spectral/resolved_sigma", "/spectral/slew_s"),
            (StepName.READ, StepName.DURATIONS),
        ),
        Step(
            StepName.SPECTRA,
            ("/detectors",),
            (StepName.READ, StepName.BACKGROUND, StepName.INTERVALS),
        ),
        Step(
            StepName.FITS,
            (
                "/spectral/models",
                "/spectral/energy_kev",
                "/spectral/ignore_kev",
                "/spectral/statistic",
                "/spectral/area_correction",
                "/spectral/area_groups",
                "/spectral/flux_bands_kev",
                "/spectral/goodness_spectra",
                "/spectral/redshift",
                "/spectral/posterior_samples",
                "/seed",
            ),
            (StepName.INTERVALS, StepName.SPECTRA),
        ),
        Step(
            StepName.CHARACTER,
            ("/duration/character", "/seed"),
            (StepName.READ, StepName.DURATIONS, StepName.FITS),
        ),
        Step(
            StepName.PRODUCTS,
            ("/products", "/light_curves"),
            (
                StepName.READ,
                StepName.DURATIONS,
                StepName.PHOTONS,
                StepName.FITS,
                StepName.CHARACTER,
            ),
        ),
    )
}


def projected(configuration: TaskConfiguration, step: Step) -> TaskConfiguration:
    """Keep what a step declares; all else has its default."""
    kept = nested(_relevant(configuration, step))
    return convert_value(kept, TaskConfiguration, what="task configuration")


def step_key(
    step: Step, configuration: TaskConfiguration, above: Mapping[str, str], code: str
) -> str:
    """Name an outcome by all that it depends on: the same key is the same outcome.

    Parameters
    ----------
    step
        The step.
    configuration
        Of the task.
    above
        Checksums of the outcomes of other steps; those that `step` takes count.
    code
        Checksum of the software.
    """
    relevant = {pointer(path): value for path, value in _relevant(configuration, step).items()}
    taken = {name: above.get(name, "") for name in step.after}
    return canonical_sha256([step.name, code, relevant, _derived(configuration, step), taken])


def steps_touched(before: TaskConfiguration, after: TaskConfiguration) -> tuple[StepName, ...]:
    """Plan a re-run: the steps whose outcome a change of the configuration can change.

    One that takes an outcome which turns out the same after all need not be computed again.
    """
    touched: list[StepName] = []
    for step in STEPS.values():
        changed = _relevant(before, step) != _relevant(after, step)
        changed |= _derived(before, step) != _derived(after, step)
        if changed or any(name in touched for name in step.after):
            touched.append(step.name)
    return tuple(touched)


def _relevant(configuration: TaskConfiguration, step: Step) -> dict[Path, Any]:
    values: dict[str, Any] = msgspec.to_builtins(configuration)
    return {path: value for path, value in leaves(values) if _declared(path, step.keys)}


def _derived(configuration: TaskConfiguration, step: Step) -> object:
    return None if step.derived is None else step.derived(configuration)


def _declared(path: Path, keys: tuple[str, ...]) -> bool:
    common = path[2:] if path[0] == "per_instrument" else path
    return any(f"{pointer(common)}/".startswith(f"{key}/") for key in keys)
