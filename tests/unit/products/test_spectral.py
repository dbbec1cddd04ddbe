"""Files and figures of fits: what is written leads another program to the same statistic."""

import struct

import numpy as np
import pytest
from astropy.io import fits
from support import made_up

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.analysis.spectral.fit_burst import fit_spectra
from eclgrmd.analysis.spectral.intervals import SpectrumInterval
from eclgrmd.analysis.spectral.results import Estimate, Posterior, RestFrame, SpectralAnalysis
from eclgrmd.model.configuration import SpectralChoice
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import EvolutionPoint
from eclgrmd.products.figures import corner_figure, evolution_figure, planes_figure
from eclgrmd.products.figures.planes import amati_epeak_kev, yonetoku_epeak_kev
from eclgrmd.products.naming import UniqueNames
from eclgrmd.products.origin import Origin
from eclgrmd.products.spectral import spectral_products

SIZE = (1600, 1000)


def size_of(png: bytes) -> tuple[int, int]:
    return struct.unpack(">II", png[16:24])


def cutoffpl(energy, values):
    index, cut, norm = values
    return norm * energy**-index * np.exp(-energy / cut)


def grbm(energy, values):
    alpha, beta, cut, norm = values
    bent = (energy / 100) ** alpha * np.exp(-energy / cut)
    joint = (alpha - beta) * cut
    steep = (joint / 100) ** (alpha - beta) * np.exp(beta - alpha) * (energy / 100) ** beta
    return norm * np.where(energy < joint, bent, steep)


def powerlaw(energy, values):
    return values[1] * energy ** -values[0]


FORMULAS = {"cutoffpl": (cutoffpl, 3), "grbm": (grbm, 4), "powerlaw": (powerlaw, 2)}


def statistic_by_the_commands(folder, commands):
    """Do what XSPEC would: load, ignore, fold and sum PGSTAT, word by word after its manual."""
    lines = [line for line in commands.splitlines() if not line.startswith("#")]
    files = lines[0].split()[2::2]
    at = next(i for i, line in enumerate(lines) if line.startswith("model"))
    formula, count = FORMULAS[lines[at].split()[1]]
    values = [float(line) for line in lines[at + 1 : at + 1 + count]]
    total = 0.0
    for number, name in enumerate(files, 1):
        header, table = fits.getheader(folder / name, 1), fits.getdata(folder / name, 1)
        back = fits.getdata(folder / header["BACKFILE"], 1)
        with fits.open(folder / header["RESPFILE"]) as hdus:
            response = hdus["SPECRESP MATRIX"].data
            folded = np.zeros(len(table))
            for row in response:
                middle = np.linspace(row["ENERG_LO"], row["ENERG_HI"], 41)
                photons = np.trapezoid(formula(middle, values), middle)
                first, used = np.atleast_1d(row["F_CHAN"]), 0
                for start, width in zip(first, np.atleast_1d(row["N_CHAN"]), strict=True):
                    begin = start - table["CHANNEL"][0]
                    folded[begin : begin + width] += photons * row["MATRIX"][used : used + width]
                    used += width
        kept = np.ones(len(table), dtype=bool)
        for line in lines:
            if line.startswith(f"ignore {number}:"):
                for run in line.split(":")[1].split():
                    a, b = map(int, run.split("-"))
                    kept[a - 1 : b] = False
        total += pgstat(table, back, folded * header["EXPOSURE"], header["EXPOSURE"])[kept].sum()
    return total


def pgstat(table, back, source, exposure):
    counts, level, sigma = table["COUNTS"], back["RATE"] * exposure, back["STAT_ERR"] * exposure
    b = source + sigma**2 - level
    root = np.sqrt(b**2 - 4 * (sigma**2 * source - counts * sigma**2 - source * level))
    f = np.maximum(0.5 * (root - b), 0.0)
    logs = np.where(counts > 0, counts * np.log(np.maximum(counts, 1e-9) / (source + f)), 0.0)
    return 2 * (source + f - counts + logs) + (f - level) ** 2 / sigma**2


@pytest.fixture
def pipeline_request(tmp_path) -> PipelineRequest:
    return PipelineRequest(task_id="t", burst_id="b", files=(), output=str(tmp_path))


@pytest.mark.parametrize("model", ["cpl", "band", "pl"])
def test_the_commands_for_xspec_lead_to_the_same_statistic(tmp_path, model, pipeline_request):
    spectra = [made_up.spectrum(name) for name in ("GRD01", "GRD02")]
    choice = SpectralChoice(
        models=(model,),
        energy_kev={"GRM": (20.0, 3000.0)},
        ignore_kev={"GRD02": ((100.0, 200.0),)},
        goodness_spectra=0,
    )
    interval = fit_spectra(spectra, SpectrumInterval(2.0, 22.0, "t100"), choice)
    analysis = BurstAnalysis(made_up.observation(), None, SpectralAnalysis((interval,)))
    origin = Origin(made_up.observation(), pipeline_request)
    products = list(
        spectral_products(analysis, pipeline_request.configuration.products, origin, UniqueNames())
    )
    for product in products:
        (tmp_path / product.name).write_bytes(product.content)
    (commands,) = [p.content.decode() for p in products if p.name.endswith(".xcm")]
    found = statistic_by_the_commands(tmp_path, commands)
    assert found == pytest.approx(interval.fits[0].statistic_value, abs=0.02)
    assert "ignore 2:" in commands


def test_the_published_relations_hold_where_their_papers_have_them():
    assert amati_epeak_kev(1e52) == pytest.approx(94.0)
    assert amati_epeak_kev(1e54) == pytest.approx(94.0 * 100**0.57)
    # 2.34e-5 (1000 keV)^2 = 23.4 in units of 1e52 erg/s
    assert yonetoku_epeak_kev(23.4e52) == pytest.approx(1000.0)


def frame(z, *, assumed):
    energy = Estimate(1e52 * z**2, 1e51 * z**2, 1e51 * z**2)
    return RestFrame(z, Estimate(200 * (1 + z), 20.0, 30.0), energy, energy, "", assumed)


@pytest.mark.parametrize("known", [True, False])
def test_the_planes_are_drawn(known):
    frames = [frame(z, assumed=not known) for z in ((1.0,) if known else (0.1, 1.0, 10.0))]
    assert size_of(planes_figure("b", frames, () if known else frames, "Band")) == SIZE


@pytest.mark.parametrize("duration", [None, made_up.duration()])
def test_the_evolution_is_drawn_with_and_without_a_light_curve(duration):
    points = [
        EvolutionPoint(
            (t, t + 2.0), "block", "band", Measurement(300.0 / (t + 1), 20.0, None),
            Measurement(-0.8 - 0.1 * t, 0.1, 0.1), None, None, (),
        )
        for t in (2.0, 4.0, 6.0)
    ]  # fmt: skip
    assert size_of(evolution_figure("b", points, duration)) == SIZE


def test_a_posterior_is_drawn():
    samples = np.random.default_rng(1).normal(size=(500, 3))
    posterior = Posterior(("alpha", "beta", "epeak_kev"), samples, 30.0, 0.5, converged=True)
    assert size_of(corner_figure("b", "band", posterior)) == SIZE
