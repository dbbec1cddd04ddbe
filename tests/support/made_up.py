"""A burst that somebody analysed: values made up by hand, so that products can be made of them."""

import numpy as np

from eclgrmd.analysis.character.results import (
    BurstCharacter,
    BurstClass,
    DetectorSignificance,
    HardnessRatio,
    Morphology,
    PeakRate,
    SpectralLag,
    VariabilityScale,
)
from eclgrmd.analysis.spectral.results import (
    Comparison,
    FittedParameter,
    FluenceValue,
    FluxValue,
    IntervalFits,
    SpectralFit,
)
from eclgrmd.analysis.spectral.results import Estimate as SpectralEstimate
from eclgrmd.analysis.temporal.results import (
    NO_WIDTH,
    BackgroundFit,
    DurationMeasurement,
    Estimate,
    MeasuredWidth,
)
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import (
    Background,
    Channels,
    LightCurve,
    Observation,
    Response,
    Spectrum,
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


def duration(**changes: object) -> DurationMeasurement:
    curve = light_curve(Instrument.GRM, ("GRD01", "GRD02"))
    fields = {
        "instrument": Instrument.GRM,
        "detectors": ("GRD01", "GRD02"),
        "band_kev": (15.0, 5000.0),
        "method": "counts",
        "curve": curve,
        "background": (1000 + (curve.start_s + curve.stop_s) / 2) * BIN_S,
        "background_error": np.full(len(curve.counts), 0.2),
        "block_edges_s": np.array([-50.0, 2.0, 8.0, 15.0, 22.0, 100.0]),
        "block_rates": np.array([0.0, 300.0, 700.0, 250.0, 0.0]),
        "t100_s": (2.0, 22.0),
        "t90": MeasuredWidth(16.4, 0.5, 0.7, 3.2, 0.2, 0.2, 19.6, 0.4, 0.5, (15.3, 18.1)),
        "t50": MeasuredWidth(6.75, 0.22, 0.24, 6.6, 0.1, 0.1, 13.35, 0.2, 0.2),
        "cumulative": None,
        "net_counts": Estimate(10_000.0, 150.0, 151.0),
        "significance": 61.2,
        "background_fit": background_fit(),
    }
    return DurationMeasurement(**{**fields, **changes})


def character() -> BurstCharacter:
    return BurstCharacter(
        instrument=Instrument.GRM,
        detectors=("GRD01", "GRD02"),
        band_kev=(15.0, 5000.0),
        interval_s=(2.0, 22.0),
        significances=tuple(
            DetectorSignificance(name, (2.0, 22.0), 9e3, 4e3, 20.0, sigma, sigma, (2.0, 22.0))
            for name, sigma in (("GRD01", 42.04), ("GRD02", 40.0))
        ),
        peak_rates=(
            PeakRate(0.064, (9.984, 10.048), Estimate(1800.0, 110.0, 120.0), 250.4),
            PeakRate(1.0, None, Estimate(None, None, None), None, ("bins too wide",)),
        ),
        count_fluence=Estimate(10_000.0, 150.0, 151.0),
        hardness=HardnessRatio(
            (15.0, 50.0),
            (50.0, 300.0),
            (2.0, 22.0),
            Estimate(4000.0, 70.0, 70.0),
            Estimate(5000.0, 80.0, 80.0),
            Estimate(1.25, 0.03, 0.031),
            Estimate(0.111, 0.012, 0.012),
        ),
        lag=SpectralLag((15.0, 50.0), (50.0, 300.0), 0.016, Estimate(0.31, 0.042, 0.04), 0.98),
        variability=VariabilityScale(Estimate(None, None, None), 0.123, 0.1),
        classification=BurstClass("long", 0.031, "long if P(short) <= 0.1"),
        morphology=Morphology(
            "single pulse",
            ((2.0, 22.0),),
            0,
            ((8.0, 15.0),),
            "The light curve shows a single pulse.",
        ),
        flags=("gap in the burst",),
    )


def nothing_found() -> DurationMeasurement:
    return duration(
        block_edges_s=np.array([-50.0, 100.0]),
        block_rates=np.array([0.0]),
        t100_s=None,
        t90=NO_WIDTH,
        t50=NO_WIDTH,
        net_counts=Estimate(None, None, None),
        significance=1.1,
        flags=("not significant",),
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


def fit(name: str, **changes: object) -> SpectralFit:
    source = [spectrum(each) for each in ("GRD01", "GRD02")]
    fields = {
        "name": name,
        "preferred": True,
        "reason": "the only model",
        "statistic_value": 118.2,
        "dof": 124,
        "parameters": (
            FittedParameter("epeak_kev", 312.0, 21.0, 25.0, True, "keV"),
            FittedParameter("alpha", -0.93, 0.04, 0.05, True),
            FittedParameter("beta", -2.6, None, 0.2, True),
            FittedParameter("amplitude", 0.0123, 4e-4, 5e-4, True, "photons/cm2/s/keV"),
        ),
        "covariance": np.eye(4),
        "area": {},
        "fluxes": (
            FluxValue(
                (10.0, 1000.0),
                SpectralEstimate(2.1, 0.1, 0.1),
                SpectralEstimate(4.2e-7, 1e-8, 1e-8),
            ),
        ),
        "fluences": (
            FluenceValue(
                (10.0, 1000.0),
                SpectralEstimate(42.0, 1.0, 1.0),
                SpectralEstimate(8.4e-6, 2e-7, 3e-7),
            ),
        ),
        "folded": tuple(each.counts - each.background.counts for each in source),
        "nufnu": None,
        "comparison": Comparison(126.5, 137.9),
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
        statistics=("pgstat", "pgstat"),
        fits=fits,
    )


def observation() -> Observation:
    return Observation(BurstId("sb26051301"), "2026-05-13T01:02:03.456", 294_195_723.456)
