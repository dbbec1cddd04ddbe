"""Comparison of two runs of a burst: configuration, inputs, software and results."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.errors import InputError

from .configuration.layers import leaves, pointer
from .flags import texts
from .measurement import NOT_MEASURED, Measurement, difference
from .result import Duration, ModelFit, Result, SpectrumFits

__all__ = ["ChangedKey", "ChangedValue", "Comparison", "compare"]


class ChangedKey(Struct, frozen=True):
    """A key of the configuration that is not the same in both runs."""

    pointer: str
    """JSON pointer of the key."""
    before: Any
    """Value in the first run; None: the key is not there."""
    after: Any
    """Value in the second run; None: the key is not there."""


class ChangedValue(Struct, frozen=True):
    """A measured value in both runs."""

    name: str
    """Where it stands: durations/GRM/t90, spectra/t100/band/epeak_kev."""
    unit: str
    """Unit of the values and their difference; empty: none."""
    before: Measurement
    """Null: not measured in the first run."""
    after: Measurement
    """Null: not measured in the second run."""
    difference: float | None
    """After minus before."""
    sigma: float | None
    """Difference over both errors that face each other, in quadrature. Two runs on the same data
    share their noise: far less than 1 is expected where nothing but the method has changed."""


class Comparison(Struct, frozen=True):
    """Two runs of a burst."""

    burst_id: str
    """Burst of both runs."""
    before: str
    """Task of the first run."""
    after: str
    """Task of the second run."""
    configuration: tuple[ChangedKey, ...]
    """Keys of the configuration that differ."""
    inputs: tuple[str, ...]
    """Files that only one of the runs had, or with other content."""
    software: tuple[ChangedKey, ...]
    """Versions that differ."""
    same: bool
    """All values agree to the bit."""
    values: tuple[ChangedValue, ...]
    """All values that were measured in either run."""
    flags_gone: tuple[str, ...]
    """Sentences of the flags that only the first run has."""
    flags_new: tuple[str, ...]
    """Sentences of the flags that only the second run has."""
    steps_reused: tuple[str, ...]
    """By the second run."""


def compare(before: Result, after: Result) -> Comparison:
    """Set two results of one burst side by side.

    Raises
    ------
    InputError
        When they are of different bursts.
    """
    if before.burst.id != after.burst.id:
        raise InputError(
            f"the runs are of different bursts, {before.burst.id} and {after.burst.id}: "
            "two of the same one can be compared"
        )
    values = tuple(_values(before, after))
    flags = dict.fromkeys(before.flags), dict.fromkeys(after.flags)
    return Comparison(
        burst_id=before.burst.id,
        before=before.process.task_id,
        after=after.process.task_id,
        configuration=_keys(
            msgspec.to_builtins(before.configuration), msgspec.to_builtins(after.configuration)
        ),
        inputs=_inputs(before, after),
        software=_keys(before.software, after.software),
        same=all(value.before == value.after for value in values),
        values=values,
        flags_gone=texts(flag for flag in flags[0] if flag not in flags[1]),
        flags_new=texts(flag for flag in flags[1] if flag not in flags[0]),
        steps_reused=tuple(step.name for step in after.process.steps if step.reused),
    )


def _keys(before: dict[str, Any], after: dict[str, Any]) -> tuple[ChangedKey, ...]:
    old, new = ({pointer(path): v for path, v in leaves(each)} for each in (before, after))
    return tuple(
        ChangedKey(key, old.get(key), new.get(key))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    )


def _inputs(before: Result, after: Result) -> tuple[str, ...]:
    old, new = ({(file.name, file.sha256) for file in each.inputs} for each in (before, after))
    return tuple(sorted({name for name, _ in old ^ new}))


def _values(before: Result, after: Result) -> Iterator[ChangedValue]:
    old, new = ({name: (unit, value) for name, unit, value in _named(r)} for r in (before, after))
    for name in dict.fromkeys([*old, *new]):
        unit = (old.get(name) or new[name])[0]
        was, is_ = (each.get(name, (unit, NOT_MEASURED))[1] for each in (old, new))
        if was != NOT_MEASURED or is_ != NOT_MEASURED:
            yield ChangedValue(name, unit, was, is_, *difference(was, is_))


def _named(result: Result) -> Iterator[tuple[str, str, Measurement]]:
    for duration in result.durations:
        yield from _of_duration(f"durations/{duration.instrument}", duration)
    if result.combined is not None:
        yield from _of_duration("combined", result.combined)
    labels: dict[str, int] = {}
    for fits in result.spectra:
        labels[fits.kind] = number = labels.get(fits.kind, 0) + 1
        label = _label(fits, number)
        for model in fits.models:
            yield from _of_model(f"spectra/{label}/{model.name}", model)


def _label(fits: SpectrumFits, number: int) -> str:
    """Name an interval by what it is; explicit ones by their times."""
    if fits.kind == "interval":
        low, high = fits.interval_s
        return f"{low}..{high} s"
    return fits.kind if number == 1 else f"{fits.kind} {number}"


def _of_duration(place: str, duration: Duration) -> Iterator[tuple[str, str, Measurement]]:
    yield f"{place}/t90", "s", duration.t90.measurement
    yield f"{place}/t50", "s", duration.t50.measurement
    if duration.net_counts is not None:
        yield f"{place}/net_counts", "counts", duration.net_counts
    yield f"{place}/significance", "sigma", Measurement(duration.significance, None, None)


def _of_model(place: str, model: ModelFit) -> Iterator[tuple[str, str, Measurement]]:
    yield f"{place}/statistic", "", Measurement(model.statistic_value, None, None)
    for name, parameter in model.parameters.items():
        yield f"{place}/{name}", parameter.unit, parameter.measurement
    for fluence in model.fluence_erg:
        low, high = fluence.band_kev
        yield f"{place}/fluence {low}-{high} keV", "erg/cm2", fluence.measurement
