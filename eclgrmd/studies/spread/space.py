"""The space of choices: for each question to the analyst, the answers that could be defended."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import Layer, patched, resolve, sparse
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.intervals import Interval
from eclgrmd.model.study.spread import Answer, Question, Space

__all__ = ["Choice", "drawn_choices", "usual_space"]

_LEAST_BACKGROUND_S = 5.0
"""Shortest interval that serves as a background, seconds."""
_MOST_LEFT_OUT = 4
"""Detectors that are left out in turn, at most."""


class Choice(Struct, frozen=True):
    """One answer to each question, by index."""

    answers: tuple[int, ...]
    """Index of the answer to each question."""

    def configuration(self, space: Space, usual: TaskConfiguration) -> TaskConfiguration:
        """Return the configuration of the burst with these answers.

        Raises
        ------
        InputError
            If an answer has a wrong key.
        """
        values: Mapping[str, Any] = sparse(usual)
        for question, answer in zip(space.questions, self.answers, strict=True):
            values = patched(values, question.answers[answer].keys)
        return resolve(Layer("choice", values)).configuration


def usual_space(analysis: BurstAnalysis) -> Space:
    """Return the choices that an analyst of this burst has to make anyway.

    Background intervals are beside the burst: near to it, or all data; the polynomial's order is
    0 to 2, or the smooth curve is used. Bands are the instrument's own, and without its lowest
    third or its highest third on a logarithmic scale. Each detector is left out in turn.

    Raises
    ------
    InputError
        If no burst was found, beside which the background could be.
    """
    temporal = analysis.temporal
    reference = temporal.durations[0] if temporal and temporal.durations else None
    if reference is None or reference.t100_s is None:
        raise InputError("no burst was found, so there are no choices to compare")
    curve = reference.curve
    span = float(curve.start_s[0]), float(curve.stop_s[-1])
    questions = [
        Question("background", tuple(_backgrounds(reference.t100_s, span))),
        Question("block prior", tuple(_priors())),
        Question("binning", tuple(_bins(float(np.median(curve.stop_s - curve.start_s))))),
        Question("band", tuple(_bands(reference.band_kev))),
        Question("detectors", tuple(_detectors(analysis))),
    ]
    if analysis.spectral is not None and analysis.spectral.intervals:
        questions += [
            Question("model", _MODELS, spectral=True),
            Question("channels", tuple(_channels(analysis)), spectral=True),
        ]
    return Space(tuple(question for question in questions if len(question.answers) > 1))


def drawn_choices(space: Space, number: int, seed: int, per_temporal: int = 2) -> list[Choice]:
    """Draw choices at random; each answer is drawn about equally often.

    Choices that share all answers on which durations depend follow each other, so that durations
    and backgrounds are computed once for them.

    Parameters
    ----------
    space
        Questions.
    number
        Number of choices.
    seed
        Seed.
    per_temporal
        Choices for spectra with each of the choices for durations.
    """
    rng = np.random.default_rng(seed)
    each = per_temporal if any(question.spectral for question in space.questions) else 1
    groups = -(-number // each)
    columns = []
    for question in space.questions:
        size = groups * each if question.spectral else groups
        # A shuffled repetition of all answers is balanced, unlike independent draws.
        column = np.resize(rng.permutation(len(question.answers)), size)
        rng.shuffle(column)
        columns.append(column if question.spectral else np.repeat(column, each))
    rows = zip(*columns, strict=True)
    return [Choice(tuple(int(index) for index in row)) for row in rows][:number]


_MODELS = tuple(Answer(name, {"spectral": {"models": [name]}}) for name in ("band", "cpl", "sbpl"))


def _backgrounds(burst_s: Interval, span_s: Interval) -> Iterator[Answer]:
    yield Answer("smooth curve over all data")
    length = max(burst_s[1] - burst_s[0], _LEAST_BACKGROUND_S)
    gap = 0.2 * length
    for name, reach in (("near", 2.0 * length), ("all data", float("inf"))):
        before = max(span_s[0], burst_s[0] - gap - reach), burst_s[0] - gap
        after = burst_s[1] + gap, min(span_s[1], burst_s[1] + gap + reach)
        sides = [side for side in (before, after) if side[1] - side[0] >= _LEAST_BACKGROUND_S]
        if len(sides) < 2:
            continue
        for order in (0, 1, 2):
            keys = {"mode": "intervals", "intervals_s": sides, "order": order}
            yield Answer(f"order {order}, {name}", {"background": keys})


def _priors() -> Iterator[Answer]:
    for value in (0.001, 0.01, 0.05):
        yield Answer(f"false alarm {value:g}", {"duration": {"false_alarm": value}})


def _bins(usual_s: float) -> Iterator[Answer]:
    for factor in (0.5, 1.0, 2.0):
        width = round(factor * usual_s, 9)
        yield Answer(f"{1e3 * width:g} ms", {"duration": {"bin_s": width}})


def _bands(band_kev: Interval | None) -> Iterator[Answer]:
    yield Answer("the instrument's")
    if band_kev is None:
        return
    low, high = band_kev
    third = (high / low) ** (1.0 / 3.0)
    for name, band in (
        ("without the lowest third", (low * third, high)),
        ("without the highest third", (low, high / third)),
    ):
        yield Answer(name, {"duration": {"band_kev": [round(each, 3) for each in band]}})


def _detectors(analysis: BurstAnalysis) -> Iterator[Answer]:
    names = list(dict.fromkeys(name for _, name in analysis.observation.detectors))
    yield Answer("all")
    for name in names[:_MOST_LEFT_OUT] if len(names) > 2 else ():
        others: Sequence[str] = [each for each in names if each != name]
        yield Answer(f"without {name}", {"detectors": others})


def _channels(analysis: BurstAnalysis) -> Iterator[Answer]:
    yield Answer("the usual")
    spectral = analysis.spectral
    for name, low, high in (("narrower below", 1.5, 1.0), ("narrower above", 1.0, 1.5)):
        ranges: dict[str, Interval] = {}
        fits = spectral.intervals[0] if spectral else None
        for spectrum, used in zip(fits.spectra, fits.used, strict=True) if fits else ():
            channels = spectrum.channels
            if channels is None or not used.any():
                continue
            lowest = float(channels.e_min_kev[used].min())
            highest = float(channels.e_max_kev[used].max())
            ranges[spectrum.detector] = (lowest * low, highest / high)
        if ranges:
            yield Answer(name, {"spectral": {"energy_kev": ranges}})
