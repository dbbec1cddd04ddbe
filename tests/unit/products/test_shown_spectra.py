"""Spectra in display bins agree with sums over channels."""

from dataclasses import replace

import numpy as np
import pytest

from eclgrmd.model.observation import Floats, Spectrum
from eclgrmd.products.shown_spectra import shown_spectrum
from tests.support.bursts import made_up
from tests.support.present import present


def net_of(spectrum: Spectrum) -> Floats:
    return spectrum.counts - made_up.subtracted(spectrum)


def test_rates_times_widths_give_back_the_counts() -> None:
    spectrum = made_up.spectrum("GRD01")
    used = np.arange(64) >= 4
    shown = shown_spectrum(spectrum, net_of(spectrum), used)
    counts = shown.net * spectrum.exposure_s * (shown.high_kev - shown.low_kev)
    assert counts.sum() == pytest.approx(net_of(spectrum)[4:].sum())
    assert (shown.low_kev[1:] >= shown.high_kev[:-1] * (1 - 1e-12)).all()
    channels = present(spectrum.channels)
    assert shown.low_kev[0] == channels.e_min_kev[4]
    assert shown.high_kev[-1] == channels.e_max_kev[-1]


def test_a_model_that_is_the_data_leaves_no_residual() -> None:
    spectrum = made_up.spectrum("GRD01")
    shown = shown_spectrum(spectrum, net_of(spectrum), np.ones(64, dtype=bool))
    assert shown.residual_sigma == pytest.approx(0.0, abs=1e-9)
    assert shown.model == pytest.approx(shown.net)


def test_residuals_are_in_sigmas_of_counts_and_background() -> None:
    spectrum = made_up.spectrum("GRD01")
    only = np.arange(64) == 30
    folded = 0.9 * net_of(spectrum)
    shown = shown_spectrum(spectrum, folded, only)
    background = present(spectrum.background)
    variance = folded[30] + background.counts[30] + present(background.error)[30] ** 2
    expected = (net_of(spectrum)[30] - folded[30]) / np.sqrt(variance)
    assert shown.residual_sigma == pytest.approx([expected])


def test_a_poisson_background_counts_with_its_scale() -> None:
    spectrum = made_up.spectrum("GRD01")
    poisson = replace(present(spectrum.background), error=None, scale=0.25)
    shown = shown_spectrum(
        replace(spectrum, background=poisson), net_of(spectrum), np.arange(64) == 30
    )
    variance = spectrum.counts[30] + 0.25 * poisson.counts[30]
    per = spectrum.exposure_s * (shown.high_kev - shown.low_kev)
    assert shown.net_error == pytest.approx(np.sqrt(variance) / per)


def test_errors_of_the_file_are_used_where_it_has_them() -> None:
    spectrum = replace(made_up.spectrum("GRD01"), error=np.full(64, 7.0), background=None)
    shown = shown_spectrum(spectrum, spectrum.counts + 7.0, np.arange(64) == 10)
    assert shown.residual_sigma == pytest.approx([-1.0])
    assert shown.background is None


def test_no_bin_reaches_across_channels_left_out() -> None:
    spectrum = made_up.spectrum("GRD01")
    used = (np.arange(64) < 20) | (np.arange(64) > 30)
    shown = shown_spectrum(spectrum, net_of(spectrum), used)
    edge = present(spectrum.channels).e_min_kev[20]
    assert not ((shown.low_kev < edge) & (shown.high_kev > edge * 1.001)).any()


def test_groups_of_the_file_are_never_split() -> None:
    grouping = np.where(np.arange(64) % 4 == 0, 1, -1).astype(np.int16)
    spectrum = replace(made_up.spectrum("GRD01"), grouping=grouping)
    shown = shown_spectrum(spectrum, net_of(spectrum), np.ones(64, dtype=bool))
    starts = np.searchsorted(present(spectrum.channels).e_min_kev, shown.low_kev)
    assert (starts % 4 == 0).all()


def test_a_spectrum_without_used_channels_shows_nothing() -> None:
    spectrum = made_up.spectrum("GRD01")
    assert len(shown_spectrum(spectrum, net_of(spectrum), np.zeros(64, dtype=bool)).net) == 0
