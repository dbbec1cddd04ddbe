"""The population: the same burst from the same seed, and the published distributions."""

import numpy as np
import pytest

from testbench.simulate.study import drawn_burst, faint_observation

DRAWN = [drawn_burst(seed) for seed in range(150)]


def test_a_seed_always_makes_the_same_burst() -> None:
    assert drawn_burst(7) == DRAWN[7]
    assert drawn_burst(8) != DRAWN[7]
    one, two = faint_observation(7), faint_observation(7)
    for first, second in zip(one.light_curves, two.light_curves, strict=True):
        np.testing.assert_array_equal(first.counts, second.counts)


def test_spectra_are_around_the_medians_of_the_catalogue() -> None:
    spectra = [each.burst.spectrum for each in DRAWN if each.redshift is not None]
    kept = [spectrum for spectrum in spectra if spectrum is not None]
    # Bursts that trigger are a little softer than those that are drawn.
    assert np.median([spectrum.epeak_kev for spectrum in kept]) == pytest.approx(196, rel=0.3)
    assert np.median([spectrum.alpha for spectrum in kept]) == pytest.approx(-1.08, abs=0.12)


def test_redshifts_follow_star_formation() -> None:
    redshifts = [each.redshift for each in DRAWN if each.redshift is not None]
    assert 0.7 < len(redshifts) / len(DRAWN) < 0.9
    assert 1.5 < float(np.median(redshifts)) < 2.5
    assert all(0.0 <= redshift <= 10.0 for redshift in redshifts)


def test_faint_bursts_are_more_than_bright_ones() -> None:
    fluxes = np.array([each.peak_flux for each in DRAWN])
    assert fluxes.min() >= 0.5
    assert (fluxes > 10.0).sum() < (fluxes > 2.0).sum()
