"""Data for pictures of a task, from its stored steps; the last few tasks stay open."""

from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import assert_never

import msgspec
from msgspec import Struct

from eclgrmd.analysis.spectral.results import IntervalFits, SpectralAnalysis
from eclgrmd.analysis.temporal.measure import MeasuredBursts
from eclgrmd.analysis.temporal.results import BackgroundFit
from eclgrmd.model.configuration.steps import StepName
from eclgrmd.model.rest.pictures import (
    Evolution,
    LightCurveQuery,
    PictureForm,
    PictureKind,
    SpectraQuery,
)
from eclgrmd.model.result import Duration
from eclgrmd.products.pictures.curves import light_curves
from eclgrmd.products.pictures.durations import measured_durations
from eclgrmd.products.pictures.encoding import encode_picture
from eclgrmd.products.pictures.measured import MeasuredBurst
from eclgrmd.products.pictures.spectra import fitted_spectra

from .memory import StoredSteps, stored_result

__all__ = ["StoredTask", "encoded_picture", "measured_task"]

_MOST_OPEN = 8
"""Tasks that stay open: their data are mapped, their results take a few megabytes each."""


def encoded_picture(kind: PictureKind, steps: str, query: bytes, form: PictureForm) -> bytes:
    """Return the data for a picture of a task, encoded.

    Parameters
    ----------
    kind
        What to return.
    steps
        Path of the outcomes of the task's steps, beside which its result is.
    query
        The query as JSON, of the type that belongs to the kind.
    form
        Encoding.

    Raises
    ------
    InputError
        If the query does not fit the data.
    PermanentError
        If the files of the result are missing or damaged.
    """
    return encode_picture(_picture(kind, _opened(steps), query), form)


def measured_task(steps: str) -> MeasuredBurst:
    """Return what was measured in a task, from the outcomes of its steps."""
    return _opened(steps).measured


class StoredTask:
    """The stored result of a task, read as far as pictures need it.

    Parameters
    ----------
    steps
        Path of the outcomes of the task's steps, beside which its result is.

    Raises
    ------
    PermanentError
        If the result cannot be read; each property raises it if its part is missing or damaged.
    """

    def __init__(self, steps: Path) -> None:
        self.result = stored_result(steps)
        """The content of `result.json`."""
        self._steps = StoredSteps(steps, self.result.process.steps)

    @property
    def stated(self) -> tuple[Duration, ...]:
        """The durations as the result states them, in the order of `measured`."""
        together = self.result.combined
        return (*self.result.durations, *(() if together is None else (together,)))

    @cached_property
    def measured(self) -> MeasuredBurst:
        """The durations, unless the task does not report them, with data and backgrounds."""
        if not self.result.durations:
            return MeasuredBurst(self._steps.observation(), (), ())
        found = self._steps.outcome(StepName.DURATIONS, MeasuredBursts)
        together = () if found.combined is None else (found.combined,)
        return MeasuredBurst(
            observation=self._steps.observation(),
            durations=(*found.durations, *together),
            backgrounds=self._steps.outcome(StepName.BACKGROUND, tuple[BackgroundFit, ...]),
        )

    @cached_property
    def fitted(self) -> tuple[IntervalFits, ...]:
        """The fits of all intervals, with their spectra."""
        if not self.result.spectra:
            return ()
        return self._steps.outcome(StepName.FITS, SpectralAnalysis).intervals


_open: OrderedDict[str, StoredTask] = OrderedDict()
"""Tasks of this process by the path of their steps, the least recent first."""


def _opened(steps: str) -> StoredTask:
    """Return a task; its files never change."""
    task = _open.pop(steps, None) or StoredTask(Path(steps))
    _open[steps] = task
    while len(_open) > _MOST_OPEN:
        _open.popitem(last=False)
    return task


def _picture(kind: PictureKind, task: StoredTask, query: bytes) -> Struct:
    match kind:
        case PictureKind.LIGHT_CURVES:
            return light_curves(task.measured, msgspec.json.decode(query, type=LightCurveQuery))
        case PictureKind.DURATIONS:
            return measured_durations(task.measured, task.stated)
        case PictureKind.SPECTRA:
            wanted = msgspec.json.decode(query, type=SpectraQuery)
            stated = task.result.spectra
            return fitted_spectra(task.result.burst.id, task.fitted, stated, wanted.interval)
        case PictureKind.EVOLUTION:
            return Evolution(burst_id=task.result.burst.id, points=task.result.evolution)
        case _:
            assert_never(kind)
