"""The steps of an analysis: one table of what each depends on, which a re-run is planned with.

A step computes from the configuration keys that name it where they are declared (`configuration`),
and from nothing else of the configuration: in what it is given, all other keys have their defaults.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from eclgrmd.model.decode import convert_value
from eclgrmd.model.window import reading_window

from .keys import StepName, declared_keys
from .layers import Path, canonical_sha256, leaves, nested, pointer
from .sections import TaskConfiguration

__all__ = ["STEPS", "Step", "StepName", "projected", "step_key", "steps_touched"]


class Step(NamedTuple):
    """What a step's outcome depends on."""

    name: StepName
    keys: tuple[str, ...]
    """JSON pointers of configuration values; those of `per_instrument` follow."""
    after: tuple[StepName, ...]
    """Steps whose outcome it takes."""
    derived: Callable[[TaskConfiguration], object] | None = None
    """What it takes of other keys, where less than their values counts."""


_AFTER: dict[StepName, tuple[StepName, ...]] = {
    StepName.READ: (),
    StepName.BLOCKS: (StepName.READ,),
    StepName.DURATIONS: (StepName.BLOCKS,),
    StepName.BACKGROUND: (StepName.READ, StepName.BLOCKS),
    StepName.PHOTONS: (StepName.READ, StepName.DURATIONS, StepName.BACKGROUND),
    StepName.INTERVALS: (StepName.READ, StepName.DURATIONS),
    StepName.SPECTRA: (StepName.READ, StepName.BACKGROUND, StepName.INTERVALS),
    StepName.FITS: (StepName.INTERVALS, StepName.SPECTRA),
    StepName.CHARACTER: (StepName.READ, StepName.DURATIONS, StepName.FITS),
    StepName.PRODUCTS: (
        StepName.READ,
        StepName.DURATIONS,
        StepName.PHOTONS,
        StepName.FITS,
        StepName.CHARACTER,
    ),
}
_DERIVED = {StepName.READ: reading_window}
_KEYS = tuple(declared_keys(TaskConfiguration))


def _keys_of(step: StepName) -> tuple[str, ...]:
    return tuple(pointer for pointer, key in _KEYS if step in key.steps)


STEPS: dict[StepName, Step] = {
    name: Step(name, _keys_of(name), after, _DERIVED.get(name)) for name, after in _AFTER.items()
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
