"""`eclgrmd analyze` with files of the days before and after a burst of GBM."""

import json
from pathlib import Path

import numpy as np
from astropy.io import fits

from eclgrmd.cli import main
from testbench.simulate.physics.satellite import PERIOD_S, Satellite

T0_MET_S = 400_000_000.0
DAY_S = 86_400.0
SATELLITE = Satellite(0.4, np.radians(26.0), 1.0, 2.0, -0.3, 0.7, 0.5)
CLOCK = {
    "TELESCOP": "GLAST", "INSTRUME": "GBM", "DETNAM": "NAI_03",
    "MJDREFI": 51910, "MJDREFF": 7.428703703703703e-4, "TIMESYS": "TT", "TIMEUNIT": "s",
}  # fmt: skip


def written(path: Path, *tables: fits.BinTableHDU, **cards: object) -> Path:
    hdus = fits.HDUList([fits.PrimaryHDU(), *tables])
    for hdu in hdus:
        hdu.header.update({**CLOCK, **cards})
    hdus.writeto(path)
    return path


def counts_file(path: Path, start_s: np.ndarray, width_s: float, **cards: object) -> Path:
    """Write counts of a background with the period of the orbit, and a burst of 60 s at t0."""
    middle = start_s + 0.5 * width_s
    rate = 900.0 * (1.0 + 0.3 * np.sin(2.0 * np.pi * middle / PERIOD_S + 0.7))
    rate += np.where((middle > 0.0) & (middle < 60.0), 900.0, 0.0)
    counts = np.random.default_rng(len(start_s)).poisson(rate * width_s)
    columns = [
        fits.Column("TIME", "D", "s", array=start_s + T0_MET_S),
        fits.Column("ENDTIME", "D", "s", array=start_s + width_s + T0_MET_S),
        fits.Column("EXPOSURE", "E", "s", array=np.full(len(start_s), width_s)),
        fits.Column("COUNTS", "2J", array=np.column_stack([counts, counts])),
    ]
    spectra = fits.BinTableHDU.from_columns(columns, name="SPECTRUM")
    spectra.header.update(HDUCLAS1="SPECTRUM", HDUCLAS4="TYPE:II")
    edges = np.array([10.0, 50.0, 300.0])
    bounds = fits.BinTableHDU.from_columns(
        [
            fits.Column("CHANNEL", "I", array=[0, 1]),
            fits.Column("E_MIN", "E", "keV", array=edges[:-1]),
            fits.Column("E_MAX", "E", "keV", array=edges[1:]),
        ],
        name="EBOUNDS",
    )
    return written(path, spectra, bounds, **cards)


def position_history(path: Path) -> Path:
    time_s = np.arange(-8000.0, 9000.0, 30.0)
    position = 1000.0 * SATELLITE.position_km(time_s)
    quaternion = SATELLITE.quaternion
    columns = [fits.Column("SCLK_UTC", "D", "s", array=time_s + T0_MET_S)]
    columns += [
        fits.Column(f"QSJ_{k + 1}", "D", array=np.full(len(time_s), quaternion[k]))
        for k in range(4)
    ]
    columns += [
        fits.Column(f"POS_{axis}", "E", "m", array=position[:, k]) for k, axis in enumerate("XYZ")
    ]
    return written(path, fits.BinTableHDU.from_columns(columns, name="GLAST POS HIST"))


def test_the_orbits_before_and_after_make_a_template(tmp_path: Path) -> None:
    day = np.arange(0.0, DAY_S, 8.0)
    files = [
        counts_file(tmp_path / "burst.pha", np.arange(-400.0, 900.0, 2.0), 2.0, TRIGTIME=T0_MET_S),
        counts_file(tmp_path / "before.pha", day - 2.5 * DAY_S, 8.0),
        counts_file(tmp_path / "after.pha", day + 1.5 * DAY_S, 8.0),
        position_history(tmp_path / "poshist.fit"),
    ]
    task = tmp_path / "task.json"
    quick = {"character": False, "photon_fluence": False, "bootstrap": 100}
    task.write_text(json.dumps({"duration": quick}))
    output = tmp_path / "out"
    words = ["analyze", *map(str, files), "--output", str(output), "--config", str(task)]
    assert main([*words, "--burst-id", "bn130905"]) == 0
    result = json.loads((output / "result.json").read_bytes())
    (found,) = result["durations"]
    templates = {each["name"]: each for each in found["background"]["templates"]}
    assert set(templates) == {"earth", "geomagnetic", "orbits"}
    # a smooth curve describes a fifth of an orbit, too
    assert templates["orbits"]["chance"] > 0.2
    # T90 of 60 s at a constant rate, in bins of 2 s
    assert abs(found["t90"]["value_s"] - 54.0) < 2.0
    assert not any(flag["code"] == "template_unused" for flag in found["flags"])
