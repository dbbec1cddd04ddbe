"""The steps of an analysis and their dependencies, from which a re-run is planned.

A step depends only on the configuration keys whose declaration names it (`sections`). It receives a
configuration in which all other keys have their defaults.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from eclgrmd.model.decode import convert_value
from eclgrmd.model.window import reading_window

from .keys import StepName, declared_keys
from .layers import Path, canonical_sha256, leaves, nested, pointer
from .sections import TaskConfiguration

__all__ = ["STEPS", "Step", "StepName", "projected", "step_key", "steps_touched"]


class Step(NamedTuple):
    """A step and everything that its outcome depends on."""

    name: StepName
    """The step."""
    keys: tuple[str, ...]
    """JSON pointers of configuration keys, which include the same keys in `per_instrument`."""
    after: tuple[StepName, ...]
    """Steps whose outcomes it uses."""
    derived: Callable[[TaskConfiguration], object] | None = None
    """Derives a value from further keys; the step depends on that value only. None: no such
    value."""


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
    """Return the configuration with the keys of a step, and defaults for all other keys."""
    kept = nested(_relevant(configuration, step))
    return convert_value(kept, TaskConfiguration, what="task configuration")


def step_key(
    step: Step, configuration: TaskConfiguration, above: Mapping[str, str], code: str
) -> str:
    """Return the key of a step's outcome: equal keys mean equal outcomes.

    Parameters
    ----------
    step
        The step.
    configuration
        Configuration of the task.
    above
        Checksums of the outcomes of other steps; only those that `step` uses matter.
    code
        Checksum of the software.
    """
    relevant = {pointer(path): value for path, value in _relevant(configuration, step).items()}
    used = {name: above.get(name, "") for name in step.after}
    return canonical_sha256([step.name, code, relevant, _derived(configuration, step), used])


def steps_touched(before: TaskConfiguration, after: TaskConfiguration) -> tuple[StepName, ...]:
    """Return the steps whose outcome may differ between two configurations.

    The plan is an upper limit: a step need not run again if the outcomes that it uses turn out to
    be unchanged.
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


@lru_cache(4096)
def _declared(path: Path, keys: tuple[str, ...]) -> bool:
    common = path[2:] if path[0] == "per_instrument" else path
    return any(f"{pointer(common)}/".startswith(f"{key}/") for key in keys)
