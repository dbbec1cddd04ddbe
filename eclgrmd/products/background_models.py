"""Background models of every detector and channel, as files that can be the input of a task."""

from collections.abc import Iterator

from eclgrmd.analysis.temporal.results import BackgroundFit, TemporalAnalysis
from eclgrmd.formats import background_models_to_fits
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import BackgroundModel, Channels, EventList, History, Observation

from .file_keywords import FileKeywords
from .naming import UniqueNames, product_name
from .product import FITS, Product, ProductKind

__all__ = ["background_model_tables"]

_Key = tuple[Instrument, str, int]
"""Instrument, detector, number of channels."""


def background_model_tables(
    observation: Observation,
    temporal: TemporalAnalysis,
    keywords: FileKeywords,
    unique: UniqueNames,
) -> Iterator[Product]:
    """Yield a file with the fitted backgrounds of each instrument."""
    channels = _channels(observation)
    models = [
        _model(fit.as_spline(), channels[key])
        for fit in temporal.backgrounds
        if (key := (fit.instrument, fit.detector, len(fit.coefficients))) in channels
    ]
    for instrument in dict.fromkeys(model.instrument for model in models):
        name = unique(product_name([instrument], "BKG", "MODEL", suffix=".fits"))
        content = background_models_to_fits(
            [model for model in models if model.instrument == instrument],
            keywords.of(instrument, name),
        )
        yield Product(name, ProductKind.BACKGROUND, FITS, content)


def _channels(observation: Observation) -> dict[_Key, Channels]:
    sources: list[BackgroundModel | History | EventList] = [
        *observation.background_models,
        *observation.histories,
        *observation.events,
    ]
    return {
        (each.instrument, each.detector, len(each.channels.number)): each.channels
        for each in sources
        if each.channels is not None
    }


def _model(fit: BackgroundFit, channels: Channels) -> BackgroundModel:
    return BackgroundModel(
        instrument=fit.instrument,
        detector=fit.detector,
        channels=channels,
        intervals_s=fit.intervals_s,
        origin_s=fit.origin_s,
        unit_s=fit.unit_s,
        knots_s=fit.knots_s,
        coefficients=fit.coefficients,
        covariance=fit.covariance,
        statistic=fit.statistic,
        dof=fit.dof,
    )
