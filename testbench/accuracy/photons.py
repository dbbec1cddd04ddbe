"""Coverage study of the durations of photons: how often the errors hold the truth.

Simulates bursts of Norris pulses whose peak energy falls with time as events of a GRM detector,
measures T90 and T50 of the photons of 50-300 keV by time-resolved fits like in any other data, and
counts how often the truth lies inside the errors. Every burst has its own seed and its line in the
output file, so that an interrupted study can be resumed.

Usage: python -m testbench accuracy/photons [--bursts N] [--first SEED] [--output FILE] [--table]
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eclgrmd.analysis.burst import analyse
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import EventList, Floats, Observation, Response
from eclgrmd.model.task import TaskType
from testbench.checkout import CHECKOUT
from testbench.simulate.physics.responses import GRM, grm_response
from testbench.simulate.physics.spectra import PhotonSpectrum

from .study import Record, run_study
from .temporal import Truth, draw_truth, table, width_record

BAND_KEV = (50.0, 300.0)
"""Energies of the photons."""
_REPLICAS = 200
"""Bootstrap replicas per burst."""
_SLICES = 40
"""Number of constant spectra in a burst, with equal numbers of photons."""
_BEFORE_S, _AFTER_S = 60.0, 140.0
"""Time before t0 and at least after it with data, seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """A burst with known photons."""

    truth: Truth
    """Cumulative photons in the band, from 0 to 1."""
    signal_to_noise: float
    """Net counts in the band over the square root of the counts under the photons' T90."""
    data: Observation
    """Events and response."""


def simulate(seed: int) -> Simulated:
    """Draw pulses, spectrum, its evolution and brightness, then events over a flat background."""
    rng = np.random.default_rng(seed)
    truth = draw_truth(rng)
    response = grm_response(next(iter(GRM)), float(rng.uniform(0.0, 30.0)), 0.0)
    counts = _counts_per_photon(rng, response)
    low, high = -_BEFORE_S, max(_AFTER_S, float(truth.time_s[-1]))
    level = 10 ** rng.uniform(-0.3, 0.3)
    background = level * _background(response)
    inside = _in_band(response)
    under = float(background[inside].sum()) * truth.width(0.9)
    signal_to_noise = 10 ** rng.uniform(1.0, 2.5)
    squared = signal_to_noise**2
    wanted = 0.5 * (squared + np.sqrt(squared**2 + 4.0 * squared * under))
    counts *= wanted / counts[:, inside].sum()
    times, channels = [], []
    for k, expected in enumerate(counts):
        drawn = rng.poisson(expected)
        arrived = (k + rng.random(int(drawn.sum()))) / _SLICES
        times.append(np.interp(arrived, truth.fraction, truth.time_s))
        channels.append(np.repeat(np.arange(len(drawn)), drawn))
    noise = rng.poisson(background * (high - low))
    times.append(rng.uniform(low, high, int(noise.sum())))
    channels.append(np.repeat(np.arange(len(noise)), noise))
    time = np.concatenate(times)
    order = np.argsort(time)
    events = EventList(
        instrument=response.instrument,
        detector=response.detector,
        time_s=time[order],
        channel=np.concatenate(channels)[order].astype(np.int16)
        + np.int16(response.channels.number[0]),
        channels=response.channels,
        gti_s=np.array([[low, high]]),
    )
    data = Observation(
        BurstId(f"sim{seed}"), t0_utc="", t0_met_s=0.0, events=(events,), responses=(response,)
    )
    return Simulated(truth, signal_to_noise, data)


def _counts_per_photon(rng: np.random.Generator, response: Response) -> Floats:
    """Return the relative counts of each slice by channel, for equal photons, (slices, n).

    The peak energy falls by a factor of 1 to 10 over the burst.
    """
    alpha, beta = float(rng.uniform(-1.3, -0.4)), float(rng.uniform(-3.2, -2.2))
    first = 10 ** rng.uniform(2.2, 2.9)
    fall = 10 ** rng.uniform(0.0, 1.0)
    rows = []
    for k in range(_SLICES):
        peak = float(first * fall ** (-(k + 0.5) / _SLICES))
        shape = PhotonSpectrum(epeak_kev=peak, alpha=alpha, beta=beta)
        edges = np.geomspace(*BAND_KEV, 201)
        photons = float(shape.photons(edges[:-1], edges[1:]).sum())
        folded = shape.photons(response.energy_low_kev, response.energy_high_kev)
        rows.append(folded @ response.matrix_cm2 / photons)
    return np.array(rows)


def _in_band(response: Response) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    channels = response.channels
    return np.asarray((channels.e_min_kev >= BAND_KEV[0]) & (channels.e_max_kev <= BAND_KEV[1]))


def _background(response: Response) -> Floats:
    """Return a falling background with 400 counts/s in the band, counts/s by channel."""
    channels = response.channels
    rate = (channels.e_max_kev - channels.e_min_kev) / np.maximum(channels.e_min_kev, 10.0) ** 1.5
    return np.asarray(400.0 * rate / rate[_in_band(response)].sum())


def measure_one(seed: int) -> Record:
    """Simulate and measure one burst; widths are None where no photon duration is measured."""
    burst = simulate(seed)
    choice = DurationChoice(band_kev=BAND_KEV, bootstrap=_REPLICAS, character=False)
    configuration = TaskConfiguration(duration=choice)
    temporal = analyse(burst.data, configuration, TaskType.TEMPORAL).temporal
    found = None if temporal is None else temporal.durations[0]
    photons = None if found is None else found.photon_fluence
    record: Record = {
        "seed": seed,
        "pulses": burst.truth.pulses,
        "significance": None if found is None else found.significance,
        "t90": None,
    }
    if photons is not None:
        for name, width, fraction in (("t90", photons.t90, 0.9), ("t50", photons.t50, 0.5)):
            record |= width_record(name, width, burst.truth.width(fraction))
    return record


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study, or only print the table of the existing records."""
    output = CHECKOUT / "build" / "photon-coverage.jsonl"
    run_study("accuracy/photons", __doc__, output, 1000, measure_one, table, arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
