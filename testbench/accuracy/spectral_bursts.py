"""Simulated spectra of ECLAIRs and three GRM detectors, drawn from a population of bursts."""

from dataclasses import dataclass

import numpy as np

from eclgrmd.analysis.spectral.fit.models import photon_model
from eclgrmd.analysis.spectral.fit.problem import Measured, Problem, make_problem, measured
from eclgrmd.analysis.spectral.spectra.selection import used_channels
from eclgrmd.model.observation import Background, Floats, Response, Spectrum
from testbench.simulate.physics.backgrounds import eclairs_background, grm_background
from testbench.simulate.physics.responses import GRM, eclairs_response, grm_response
from testbench.simulate.physics.spectra import PhotonSpectrum

__all__ = ["SimulatedSpectra", "draw_burst", "responses"]

OFF_SOURCE_S = 200.0
"""Time over which the background is measured, seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedSpectra:
    """A burst as all detectors recorded it."""

    truth: Floats
    """Amplitude, alpha, Epeak in keV, beta."""
    spectra: tuple[Spectrum, ...]
    """One spectrum per detector."""
    net_counts: float
    """Expected source counts of all detectors together."""
    significance: float
    """Source counts over the square root of the counts under them."""

    def problem(self, model: str = "band") -> Problem:
        """Return the joint fit of a model over the default energy ranges, ready to run."""
        return make_problem(photon_model(model), [self._measured(s) for s in self.spectra])

    def _measured(self, spectrum: Spectrum) -> Measured:
        return measured(spectrum, used_channels(spectrum, {}, ready_made=False), "auto")


def responses(theta_deg: float, phi_deg: float) -> tuple[Response, ...]:
    """Return the responses of ECLAIRs and the GRM detectors for one direction."""
    return (eclairs_response(theta_deg), *(grm_response(g, theta_deg, phi_deg) for g in GRM))


def draw_burst(seed: int) -> SimulatedSpectra:
    """Draw direction, spectrum, brightness and duration, then the counts.

    Epeak, alpha and beta are distributed as in the Fermi-GBM catalogue (Poolakkil et al. 2021,
    ApJ 913, 60); the brightness reaches from a bare detection to the brightest burst of a year.
    """
    rng = np.random.default_rng(seed)
    alpha = float(np.clip(rng.normal(-0.95, 0.3), -1.7, 0.3))
    beta = float(np.clip(rng.normal(-2.4, 0.25), -3.2, -1.9))
    epeak = float(np.clip(np.exp(rng.normal(np.log(180.0), 0.75)), 25.0, 1500.0))
    duration_s = float(np.exp(rng.uniform(np.log(1.0), np.log(40.0))))
    seen = responses(float(rng.uniform(0.0, 30.0)), float(rng.uniform(0.0, 360.0)))
    shape = PhotonSpectrum(epeak_kev=epeak, alpha=alpha, beta=beta)
    per_unit = [duration_s * _folded(shape, r) for r in seen]
    background = [_background(r, duration_s, rng) for r in seen]
    noise = np.sqrt(sum(b.sum() for b in background))
    wanted = float(np.exp(rng.uniform(np.log(12.0), np.log(400.0)))) * noise
    amplitude = wanted / sum(p.sum() for p in per_unit)
    spectra = tuple(
        _draw(r, amplitude * p, b, duration_s, rng)
        for r, p, b in zip(seen, per_unit, background, strict=True)
    )
    return SimulatedSpectra(
        np.array([amplitude, alpha, epeak, beta]), spectra, wanted, float(wanted / noise)
    )


def _folded(shape: PhotonSpectrum, response: Response) -> Floats:
    photons = shape.photons(response.energy_low_kev, response.energy_high_kev)
    counts: Floats = photons @ response.matrix_cm2
    return counts


def _background(response: Response, duration_s: float, rng: np.random.Generator) -> Floats:
    """Return the expected background counts by channel."""
    phase = float(rng.uniform())
    eclairs = response.detector not in GRM
    rate = eclairs_background(phase) if eclairs else grm_background((0.0, 0.0))
    return rate.counts(np.array([[0.0, duration_s]])).ravel()


def _draw(
    response: Response,
    source: Floats,
    background: Floats,
    duration_s: float,
    rng: np.random.Generator,
) -> Spectrum:
    scale = duration_s / OFF_SOURCE_S
    off = rng.poisson(background / scale).astype(np.float64)
    return Spectrum(
        instrument=response.instrument,
        detector=response.detector,
        start_s=0.0,
        stop_s=duration_s,
        counts=rng.poisson(source + background).astype(np.float64),
        exposure_s=duration_s,
        background=Background(off * scale, np.sqrt(np.maximum(off, np.ones_like(off))) * scale),
        response=response,
        channels=response.channels,
    )
