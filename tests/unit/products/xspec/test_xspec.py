"""The XSPEC commands, interpreted by its manual, give the same model and statistic."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.analysis.spectral.fit.models import photon_density, photon_model
from eclgrmd.analysis.spectral.fit_interval import fit_spectra
from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.analysis.spectral.spectra.intervals import SpectrumInterval
from eclgrmd.model.configuration.sections import ModelName, SpectralChoice
from eclgrmd.model.observation import Floats
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import Parameter
from eclgrmd.products.file_keywords import file_keywords_of
from eclgrmd.products.naming import UniqueNames
from eclgrmd.products.tables import spectra_tables
from eclgrmd.products.xspec.models import XspecModel, xspec_model
from tests.support.bursts import made_up
from tests.support.present import present

Formula = Callable[[Floats, Sequence[float]], Floats]
"""Photon density at energies in keV, of parameters in the order in which XSPEC takes them."""


def cutoffpl(energy: Floats, values: Sequence[float]) -> Floats:
    index, cut, norm = values
    return norm * energy**-index * np.exp(-energy / cut)


def grbm(energy: Floats, values: Sequence[float]) -> Floats:
    alpha, beta, cut, norm = values
    bent = (energy / 100) ** alpha * np.exp(-energy / cut)
    joint = (alpha - beta) * cut
    steep = (joint / 100) ** (alpha - beta) * np.exp(beta - alpha) * (energy / 100) ** beta
    return norm * np.where(energy < joint, bent, steep)


def powerlaw(energy: Floats, values: Sequence[float]) -> Floats:
    return values[1] * energy ** -values[0]


def bknpower(energy: Floats, values: Sequence[float]) -> Floats:
    first, joint, second, norm = values
    above = joint ** (second - first) * energy**-second
    return norm * np.where(energy <= joint, energy**-first, above)


def bbodyrad(energy: Floats, values: Sequence[float]) -> Floats:
    return values[1] * 1.0344e-3 * energy**2 / np.expm1(np.minimum(energy / values[0], 700.0))


FORMULAS: dict[str, tuple[Formula, int]] = {
    "cutoffpl": (cutoffpl, 3),
    "grbm": (grbm, 4),
    "powerlaw": (powerlaw, 2),
    "bknpower": (bknpower, 4),
    "bbodyrad": (bbodyrad, 2),
}
"""What the manual says about the models that are used, with their numbers of parameters."""


def defined(line: str) -> dict[str, tuple[Formula, int]]:
    """Evaluate an mdefine: words are parameters in order, E is the energy, the norm comes last."""
    name, formula = present(re.fullmatch(r"mdefine (\w+) (.+) : add", line)).groups()
    words = re.findall(r"[A-Za-z_]\w*", formula)
    names = list(dict.fromkeys(w for w in words if w not in {"E", "LN", "COSH"}))
    python = formula.replace("^", "**")
    known = {"LN": np.log, "COSH": np.cosh}

    def density(energy: Floats, values: Sequence[float]) -> Floats:
        scope = {**known, **dict(zip(names, values, strict=False)), "E": energy}
        found: Floats = eval(python, scope)  # noqa: S307  # our own formula, as XSPEC reads it
        return values[-1] * found

    return {name: (density, len(names) + 1)}


MODELS: dict[str, tuple[float, ...]] = {
    "band": (0.02, -0.9, 250.0, -2.4),
    "cpl": (0.02, -1.2, 4.0),
    "pl": (0.01, -1.7),
    "bpl": (0.01, -0.8, 70.0, -2.6),
    "sbpl": (0.01, -0.8, 300.0, -2.6),
    "bb": (1e-5, 30.0),
    "ottb": (0.01, 120.0),
    "band+bb": (0.02, -0.9, 250.0, -2.4, 1e-5, 8.0),
    "sbpl+bb": (0.01, -0.8, 30.0, -2.6, 1e-5, 8.0),
    "cpl+pl": (0.02, -1.2, 400.0, 0.003, -1.9),
}


def fitted(name: str, values: Sequence[float]) -> SpectralFit:
    rules = photon_model(name).parameters
    parameters = {
        rule.name: Parameter(value, 0.1, 0.1, free=True)
        for rule, value in zip(rules, values, strict=True)
    }
    return made_up.fit(name, parameters=parameters)


def density_by_xspec(model: XspecModel, energy: Floats) -> Floats:
    formulas = FORMULAS.copy()
    for line in model.definitions:
        formulas |= defined(line)
    left = [float(value.split()[0]) for value in model.values]
    total = np.zeros_like(energy)
    for name in model.formula.split(" + "):
        density, count = formulas[name]
        total += density(energy, left[:count])
        left = left[count:]
    assert not left
    return total


@pytest.mark.parametrize("name", list(MODELS))
def test_a_model_in_the_terms_of_xspec_is_the_same_photon_spectrum(name: str) -> None:
    energy = np.geomspace(4.0, 9000.0, 300)
    ours = photon_density(name, np.array(MODELS[name]), energy)
    model = xspec_model(fitted(name, MODELS[name]))
    seen = ours > 1e-200
    assert density_by_xspec(model, energy)[seen] == pytest.approx(ours[seen], rel=1e-5)


def test_band_without_a_bend_is_a_power_law_for_xspec() -> None:
    energy = np.geomspace(4.0, 9000.0, 30)
    values = (0.02, -1.8, 100.0, -1.7)
    model = xspec_model(fitted("band", values))
    ours = photon_density("band", np.array(values), energy)
    assert model.formula == "powerlaw"
    assert density_by_xspec(model, energy) == pytest.approx(ours, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "values"),
    [*MODELS.items(), ("band", (1e-9, -1.95, 1e5, -10.0)), ("ottb", (1.0, 0.5))],
)
def test_every_value_lies_within_the_limits_that_are_written_with_it(
    name: str, values: tuple[float, ...]
) -> None:
    for line in xspec_model(fitted(name, values)).values:
        value, step, hard_low, low, high, hard_high = map(float, line.split())
        assert hard_low <= low <= value <= high <= hard_high
        assert step > 0


def statistic_by_the_commands(folder: Path, commands: str) -> float:
    """Return PGSTAT computed from the commands as XSPEC does: load, ignore, fold and sum."""
    lines = [line for line in commands.splitlines() if not line.startswith("#")]
    files = lines[0].split()[2::2]
    at = next(i for i, line in enumerate(lines) if line.startswith("model"))
    formula, count = FORMULAS[lines[at].split()[1]]
    values = [float(line.split()[0]) for line in lines[at + 1 : at + 1 + count]]
    total = 0.0
    for number, name in enumerate(files, 1):
        header, table = (
            fits.getheader(folder / name, "SPECTRUM"),
            fits.getdata(folder / name, "SPECTRUM"),
        )
        back = fits.getdata(folder / header["BACKFILE"], "SPECTRUM")
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


def pgstat(table: fits.FITS_rec, back: fits.FITS_rec, source: Floats, exposure: float) -> Floats:
    counts, level, sigma = table["COUNTS"], back["RATE"] * exposure, back["STAT_ERR"] * exposure
    b = source + sigma**2 - level
    root = np.sqrt(b**2 - 4 * (sigma**2 * source - counts * sigma**2 - source * level))
    f = np.maximum(0.5 * (root - b), 0.0)
    logs = np.where(counts > 0, counts * np.log(np.maximum(counts, 1e-9) / (source + f)), 0.0)
    found: Floats = 2 * (source + f - counts + logs) + (f - level) ** 2 / sigma**2
    return found


@pytest.fixture
def pipeline_request(tmp_path: Path) -> PipelineRequest:
    return PipelineRequest(task_id="t", burst_id="b", files=(), output=str(tmp_path))


def write(interval: IntervalFits, folder: Path, request: PipelineRequest) -> str:
    """Write all files of an interval and return the commands."""
    origin = file_keywords_of(made_up.observation(), request)
    products = list(spectra_tables((interval,), origin, UniqueNames()))
    for product in products:
        (folder / product.name).write_bytes(product.content)
    (commands,) = [p.content.decode() for p in products if p.name.endswith(".xcm")]
    return commands


@pytest.mark.parametrize("model", ["cpl", "band", "pl"])
def test_the_commands_for_xspec_lead_to_the_same_statistic(
    tmp_path: Path, model: ModelName, pipeline_request: PipelineRequest
) -> None:
    spectra = [made_up.spectrum(name) for name in ("GRD01", "GRD02")]
    choice = SpectralChoice(
        models=(model,),
        energy_kev={"GRM": (20.0, 3000.0)},
        ignore_kev={"GRD02": ((100.0, 200.0),)},
        goodness_spectra=0,
    )
    interval = fit_spectra(spectra, SpectrumInterval(2.0, 22.0, "t100"), choice)
    commands = write(interval, tmp_path, pipeline_request)
    found = statistic_by_the_commands(tmp_path, commands)
    assert found == pytest.approx(interval.models[0].statistic_value, abs=0.02)
    assert "ignore 2:" in commands


NUMBER = r"-?\d[\d.]*(?:e[+-]?\d+)?"
GRAMMAR = [
    r"#.*",
    r"data(?: \d+:\d+ \S+)+",
    r"ignore \d+:\d+-\d+(?: \d+-\d+)*",
    r"statistic (?:chi|cstat|pgstat) \d+",
    r"mdefine \w+ [^:]+ : add",
    r"model (?:constant\*\()?\w+(?: \+ \w+)*\)?",
    rf"{NUMBER} {NUMBER}(?:(?: {NUMBER}){{4}})?",
    r"= p\d+",
    r"query yes",
    r"show all",
]
"""Of the commands that are used, after the XSPEC manual."""


@pytest.mark.parametrize("model", ["sbpl", "band+bb"])
def test_every_command_is_as_the_manual_of_xspec_has_it(
    tmp_path: Path, model: ModelName, pipeline_request: PipelineRequest
) -> None:
    spectra = [made_up.spectrum(name) for name in ("GRD01", "GRD02", "GRD03")]
    choice = SpectralChoice(models=(model,), area_correction=True, goodness_spectra=0)
    interval = fit_spectra(spectra, SpectrumInterval(2.0, 22.0, "t100"), choice)
    commands = write(interval, tmp_path, pipeline_request)
    for line in commands.splitlines():
        assert any(re.fullmatch(rule, line) for rule in GRAMMAR), line
    count = len(photon_model(model).parameters)
    assert commands.count("= p") == 2 * count


def test_spectra_that_share_an_area_constant_are_one_data_group(
    tmp_path: Path, pipeline_request: PipelineRequest
) -> None:
    spectra = [made_up.spectrum(name) for name in ("GRD01", "GRD02", "GRD03")]
    choice = SpectralChoice(
        models=("pl",), area_groups=(("GRD01", "GRD03"), ("GRD02",)), goodness_spectra=0
    )
    interval = fit_spectra(spectra, SpectrumInterval(2.0, 22.0, "t100"), choice)
    commands = write(interval, tmp_path, pipeline_request)
    (data,) = (line for line in commands.splitlines() if line.startswith("data "))
    assert [part.split(":")[0] for part in data.split() if ":" in part] == ["1", "2", "1"]
    assert commands.count("= p") == 2
