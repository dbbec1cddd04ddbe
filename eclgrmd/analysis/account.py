"""Flags that name every input, or part of one, that an analysis did not use."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import (
    EventList,
    History,
    LightCurve,
    Observation,
    Response,
    Spectrum,
)
from eclgrmd.model.task import TaskType

from .spectral.results import SpectralAnalysis
from .spectral.spectra.extraction import responses_of
from .temporal.curve.chosen import choose, is_wanted
from .temporal.results import TemporalAnalysis

__all__ = ["account"]

_Key = tuple[str, str, str]
"""File, instrument, detector."""


@dataclass(frozen=True, slots=True)
class _Used:
    """The data that the analysis used."""

    durations: frozenset[_Key]
    spectra: frozenset[_Key]

    @property
    def every(self) -> frozenset[_Key]:
        return self.durations | self.spectra


def account(
    observation: Observation,
    temporal: TemporalAnalysis | None,
    spectral: SpectralAnalysis | None,
    configuration: TaskConfiguration,
    what: TaskType,
) -> tuple[Flag, ...]:
    """Return flags for all data that were not used, so that nothing is left out silently.

    Parameters
    ----------
    observation
        All data that were read.
    temporal, spectral
        Results of the analysis; None if not computed.
    configuration
        Task configuration: wanted detectors and mode of the background.
    what
        Type of the task; a temporal analysis does not report unused responses.

    Returns
    -------
    tuple of Flag
        For each detector with several series, which of them gave durations and which spectra;
        then, grouped by reason, every file and detector that was not used at all.
    """
    used = _used(temporal, spectral)
    left: dict[str, list[str]] = {}
    for key, reason in _unused(observation, used, configuration, what):
        left.setdefault(reason, []).append(_name(key))
    return (
        *_roles(observation, used),
        *(
            Flag(FlagCode.NOT_USED, subject=", ".join(dict.fromkeys(names)), detail=why)
            for why, names in left.items()
        ),
    )


def _used(temporal: TemporalAnalysis | None, spectral: SpectralAnalysis | None) -> _Used:
    durations = () if temporal is None else (*temporal.durations, temporal.combined)
    found = [each for each in durations if each is not None]
    return _Used(
        frozenset(key for each in found for key in _keys(each.curve)),
        frozenset(
            [
                *(k for i in (spectral.intervals if spectral else ()) for k in _keys(*i.spectra)),
                *(
                    (name, each.instrument, detector)
                    for each in found
                    if each.photon_fluence is not None
                    for name in each.photon_fluence.files
                    for detector in each.detectors
                ),
            ]
        ),
    )


def _keys(*data: EventList | History | LightCurve | Spectrum | Response) -> Iterator[_Key]:
    for each in data:
        names = each.detectors if isinstance(each, LightCurve) else (each.detector,)
        for file in each.files:
            for detector in names:
                yield file, each.instrument, detector


def _name(key: _Key) -> str:
    file, _, detector = key
    return file if detector in file else f"{file} ({detector})"


def _roles(observation: Observation, used: _Used) -> Iterator[Flag]:
    """Yield a flag for each detector whose durations and spectra come from different series."""
    series: dict[tuple[str, str], dict[_Key, None]] = {}
    for key in _keys(*observation.events, *observation.histories):
        series.setdefault(key[1:], {})[key] = None
    for (_, detector), keys in series.items():
        durations = [key[0] for key in keys if key in used.durations]
        spectra = [key[0] for key in keys if key in used.spectra]
        if durations and spectra and durations != spectra:
            yield Flag(
                FlagCode.OTHER_SERIES,
                subject=detector,
                detail=f"{', '.join(durations)}, spectra from {', '.join(spectra)}",
            )


def _unused(
    observation: Observation, used: _Used, configuration: TaskConfiguration, what: TaskType
) -> Iterator[tuple[_Key, str]]:
    for source in _series(observation):
        for key in _missing(_keys(source), used.every):
            yield key, _why_series(observation, source, used, configuration.detectors)
    for curve in observation.light_curves:
        if not any(key in used.every for key in _keys(curve)):
            yield from ((key, _why_curve(observation, curve)) for key in _keys(curve))
    for spectrum in observation.spectra:
        for key in _missing(_keys(spectrum), used.spectra):
            why = "no response" if spectrum.response is None else "not fitted"
            yield key, "spectra were not asked for" if what is TaskType.TEMPORAL else why
    if what is not TaskType.TEMPORAL:
        yield from _idle_responses(observation)
    for model in observation.background_models:
        if configuration.of(model.instrument).background.mode != "file" and model.file:
            yield (model.file, model.instrument, model.detector), "background.mode is not `file`"


def _series(observation: Observation) -> list[EventList | History]:
    return [*observation.events, *observation.histories]


def _missing(keys: Iterable[_Key], used: frozenset[_Key]) -> list[_Key]:
    """Return all keys of one data set if none was used; files that were joined count as one."""
    every = list(keys)
    return [] if any(key in used for key in every) else every


def _why_series(
    observation: Observation, source: EventList | History, used: _Used, wanted: Sequence[str]
) -> str:
    """Return the reason why an event list or a history gave neither a duration nor a spectrum."""
    if not is_wanted(source.instrument, (source.detector,), wanted):
        return "not among the configured detectors"
    reason = choose(observation, source.instrument, wanted, source.maker).reasons.get(
        source.detector
    )
    same = {key for key in used.durations if key[1:] == (source.instrument, source.detector)}
    first = f"not counted ({reason})" if reason else "not counted"
    if same:
        first = "another series of the detector serves better"
    if not responses_of(observation, source):
        return f"{first}, no response of its channels"
    return first


def _why_curve(observation: Observation, curve: LightCurve) -> str:
    chosen = choose(observation, curve.instrument, (), curve.maker)
    if chosen.curves:
        return "light curve of other bins or bands"
    return "light curve of an instrument that has events or histories"


def _idle_responses(observation: Observation) -> Iterator[tuple[_Key, str]]:
    """Yield the responses that no data need, each with the reason."""
    needed = {
        name
        for source in _series(observation)
        for response in responses_of(observation, source)
        for name in response.files
    }
    needed |= {
        name
        for spectrum in observation.spectra
        if spectrum.response is not None
        for name in spectrum.response.files
    }
    present = {s.detector for s in _series(observation)} | {s.detector for s in observation.spectra}
    for response in observation.responses:
        for key in _keys(response):
            if key[0] not in needed:
                channels = len(response.channels.number)
                data = f"no data in its {channels} channels"
                yield key, data if response.detector in present else "response without data"
