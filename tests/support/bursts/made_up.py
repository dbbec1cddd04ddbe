"""A burst that somebody analysed: values made up by hand, so that products can be made of them."""

from typing import Any

import numpy as np

from eclgrmd.analysis.spectral.derived.posterior import posterior_quantiles
from eclgrmd.analysis.spectral.results import IntervalFits, PosteriorSamples, SpectralFit
from eclgrmd.analysis.temporal.results import BackgroundFit, DurationMeasurement
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import (
    Background,
    Channels,
    Floats,
    LightCurve,
    Observation,
    Response,
    Spectrum,
)
from eclgrmd.model.result import (
    NO_WIDTH,
    Character,
    Classification,
    DetectorSignificance,
    Fluence,
    Flux,
    HardnessRatio,
    Morphology,
    Parameter,
    PeakRate,
    SpectralLag,
    VariabilityScale,
    Width,
)

BIN_S = 0.064


def light_curve(instrument: Instrument, detectors: tuple[str, ...]) -> LightCurve:
    """A pulse on a slope, with a hole of 3 s in the data."""
    edges = np.arange(-50.0, 100.0, BIN_S)
    start, stop = edges[:-1], edges[1:]
    kept = (stop < 52) | (start > 55)
    start, stop = start[kept], stop[kept]
    middle = (start + stop) / 2
    rate = 1000 + middle + 800 * np.exp(-0.5 * ((middle - 10) / 5) ** 2)
    counts = np.random.default_rng(1).poisson(rate * BIN_S).astype(float)
    return LightCurve(
        instrument,
        detectors,
        (15.0, 5000.0),
        start,
        stop,
        counts,
        np.full(len(start), BIN_S),
        asked_kev=(15.0, 5000.0),
    )


def background_fit() -> BackgroundFit:
    return BackgroundFit(
        instrument=Instrument.GRM,
        detector="GRD01+GRD02",
        intervals_s=np.array([[-50.0, -10.0], [40.0, 100.0]]),
        order=1,
        origin_s=0.0,
        unit_s=1.0,
        coefficients=np.array([[1000.0, 1.0]]),
        covariance=np.array([[[4.0, 0.0], [0.0, 0.01]]]),
        statistic=np.array([1503.0]),
        dof=1500,
    )


def duration(**changes: Any) -> DurationMeasurement:
    curve = light_curve(Instrument.GRM, ("GRD01", "GRD02"))
    fields: dict[str, Any] = {
        "instrument": Instrument.GRM,
        "detectors": ("GRD01", "GRD02"),
        "band_kev": (15.0, 5000.0),
        "method": "counts",
        "curve": curve,
        "flags": (),
        "background_counts": (1000 + (curve.start_s + curve.stop_s) / 2) * BIN_S,
        "background_error_counts": np.full(len(curve.counts), 0.2),
        "blocks_s": (-50.0, 2.0, 8.0, 15.0, 22.0, 100.0),
        "block_rates": np.array([0.0, 300.0, 700.0, 250.0, 0.0]),
        "t100_s": (2.0, 22.0),
        "t90": Width(16.4, 0.5, 0.7, 3.2, 19.6, 0.2, 0.2, 0.4, 0.5, (15.3, 18.1)),
        "t50": Width(6.75, 0.22, 0.24, 6.6, 13.35, 0.1, 0.1, 0.2, 0.2),
        "cumulative": None,
        "net_counts": Measurement(10_000.0, 150.0, 151.0),
        "significance": 61.2,
        "background_fit": background_fit(),
    }
    fields |= changes
    fit = fields["background_fit"]
    return DurationMeasurement(**{"background": fit.published() if fit else {}, **fields})


def character() -> Character:
    return Character(
        interval_s=(2.0, 22.0),
        significances=tuple(
            DetectorSignificance(name, (2.0, 22.0), 9e3, 4e3, 20.0, sigma, sigma, (2.0, 22.0))
            for name, sigma in (("GRD01", 42.04), ("GRD02", 40.0))
        ),
        peak_rates=(
            PeakRate(0.064, (9.984, 10.048), Measurement(1800.0, 110.0, 120.0), 250.4),
            PeakRate(1.0, None, NOT_MEASURED, None, (Flag(FlagCode.WIDE_BINS),)),
        ),
        count_fluence=Measurement(10_000.0, 150.0, 151.0),
        hardness=HardnessRatio(
            (15.0, 50.0),
            (50.0, 300.0),
            (2.0, 22.0),
            Measurement(4000.0, 70.0, 70.0),
            Measurement(5000.0, 80.0, 80.0),
            Measurement(1.25, 0.03, 0.031),
            Measurement(0.111, 0.012, 0.012),
        ),
        lag=SpectralLag((15.0, 50.0), (50.0, 300.0), 0.016, Measurement(0.31, 0.042, 0.04), 0.98),
        variability=VariabilityScale(NOT_MEASURED, 0.123, 0.1),
        classification=Classification("long", 0.031, "long if P(short) <= 0.1"),
        morphology=Morphology(
            "single pulse",
            "The light curve shows a single pulse.",
            ((2.0, 22.0),),
            0,
            ((8.0, 15.0),),
        ),
        flags=(Flag(FlagCode.GAP),),
    )


def nothing_found() -> DurationMeasurement:
    return duration(
        blocks_s=(-50.0, 100.0),
        block_rates=np.array([0.0]),
        t100_s=None,
        t90=NO_WIDTH,
        t50=NO_WIDTH,
        net_counts=NOT_MEASURED,
        significance=1.1,
        flags=(Flag(FlagCode.NO_EXCESS),),
        upper_limit_counts=123.4,
    )


def spectrum(detector: str) -> Spectrum:
    """Counts that fall with energy over a background, both as expected, without noise."""
    edges = np.geomspace(10.0, 5000.0, 65)
    middle, width = np.sqrt(edges[1:] * edges[:-1]), np.diff(edges)
    channels = Channels(np.arange(64), edges[:-1], edges[1:])
    net, background = 3e4 * width / middle**1.5, 1e4 * width / middle**1.5
    response = Response(Instrument.GRM, detector, edges[:-1], edges[1:], np.eye(64), channels)
    return Spectrum(
        instrument=Instrument.GRM,
        detector=detector,
        start_s=2.0,
        stop_s=22.0,
        counts=net + background,
        exposure_s=19.8,
        background=Background(background, 0.01 * background),
        response=response,
        channels=channels,
    )


def subtracted(seen: Spectrum) -> Floats:
    """Return the background counts of a spectrum that has some."""
    assert seen.background is not None
    return seen.background.counts


def fit(name: str, **changes: Any) -> SpectralFit:
    source = [spectrum(each) for each in ("GRD01", "GRD02")]
    fields: dict[str, Any] = {
        "name": name,
        "preferred": True,
        "reason": "the only model",
        "statistic_value": 118.2,
        "dof": 124,
        "parameters": {
            "epeak_kev": Parameter(312.0, 21.0, 25.0, True, "keV"),
            "alpha": Parameter(-0.93, 0.04, 0.05, True),
            "beta": Parameter(-2.6, None, 0.2, True),
            "amplitude": Parameter(0.0123, 4e-4, 5e-4, True, "photons/cm2/s/keV"),
        },
        "covariance": tuple(map(tuple, np.eye(4).tolist())),
        "area": {},
        "flux": (
            Flux((10.0, 1000.0), Measurement(2.1, 0.1, 0.1), Measurement(4.2e-7, 1e-8, 1e-8)),
        ),
        "fluence_erg": (Fluence((10.0, 1000.0), 8.4e-6, 2e-7, 3e-7),),
        "fluence_photon": (Fluence((10.0, 1000.0), 42.0, 1.0, 1.0),),
        "flags": (),
        "folded": tuple(each.counts - subtracted(each) for each in source),
        "nufnu": None,
        "aic": 126.5,
        "bic": 137.9,
    }
    return SpectralFit(**{**fields, **changes})


def interval_fits(*fits: SpectralFit) -> IntervalFits:
    return IntervalFits(
        interval_s=(2.0, 22.0),
        kind="t100",
        spectra=(spectrum("GRD01"), spectrum("GRD02")),
        used=(np.arange(64) > 3, np.arange(64) > 3),
        energy_kev={"GRD01": (15.0, 5000.0), "GRD02": (15.0, 5000.0)},
        statistic="pgstat",
        statistics={"GRD01": "pgstat", "GRD02": "pgstat"},
        detectors=("GRD01", "GRD02"),
        exposure_s={"GRD01": 19.8, "GRD02": 19.8},
        models=fits,
        preferred=next((each.name for each in fits if each.preferred), ""),
    )


def posterior(names: tuple[str, ...], chain: Floats) -> PosteriorSamples:
    return PosteriorSamples(
        samples=len(chain),
        autocorrelation_steps=30.0,
        acceptance=0.5,
        converged=True,
        prior="flat",
        parameters=dict(zip(names, posterior_quantiles(chain), strict=True)),
        chain=chain,
    )


def observation() -> Observation:
    return Observation(BurstId("sb26051301"), "2026-05-13T01:02:03.456", 294_195_723.456)
