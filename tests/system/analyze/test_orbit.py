"""`eclgrmd analyze` with attitude and orbit: the templates of the background, and why not."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from msgspec.structs import replace

from eclgrmd.cli import main
from testbench.simulate.burst import Trap
from testbench.simulate.bursts import burst_named
from testbench.simulate.delivery import write_burst

BURST = replace(burst_named("short"), window_s=(-200.0, 300.0), grm=False, traps=(Trap.AUXILIARY,))
QUICK = {"duration": {"character": False, "photon_fluence": False, "bootstrap": 100}}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Events, good times, attitude and orbit of a simulated burst, by the start of their names."""
    written = write_burst(tmp_path_factory.mktemp("orbit"), BURST, 1).files
    wanted = ("ecl-evt", "ecl-gti", "svom-att", "svom-orb")
    return {start: f.path for start in wanted for f in written if f.name.startswith(start)}


def analysed(output: Path, files: Sequence[Path], **background: object) -> dict[str, Any]:
    """Return the measurement of ECLAIRs in `result.json`."""
    task = output.parent / f"{output.name}.json"
    task.write_text(json.dumps(QUICK | {"background": background}))
    words = ["analyze", *map(str, files), "--output", str(output), "--config", str(task)]
    assert main([*words, "--burst-id", "sb26110301"]) == 0
    result = json.loads((output / "result.json").read_bytes())
    (found,) = result["durations"]
    return dict(found)


def test_an_orbit_gives_templates_that_the_result_names(
    files: dict[str, Path], tmp_path: Path
) -> None:
    found = analysed(tmp_path / "with", list(files.values()))
    names = [template["name"] for template in found["background"]["templates"]]
    assert names == ["earth", "geomagnetic"]
    earth = found["background"]["templates"][0]
    (summary,) = (tmp_path / "with").glob("*ummary.txt")
    told = f"templates in the background, with their probability: earth ({earth['chance']:.0%}), "
    assert told in summary.read_text()
    assert earth["chance"] > 0.5
    # a field of view without the Earth has 3000 counts/s, of which it takes 70 % if it fills it
    assert abs(earth["scale"] + 0.7 * 3000.0) < 3.0 * earth["scale_error"]
    assert (
        "templates"
        not in analysed(tmp_path / "without", list(files.values()), templates="none")["background"]
    )


def test_the_background_in_its_file_is_the_same(files: dict[str, Path], tmp_path: Path) -> None:
    found = analysed(tmp_path / "made", list(files.values()))
    (model,) = (tmp_path / "made").glob("*BKG-MODEL.fits")
    again = analysed(tmp_path / "again", [*files.values(), model], mode="file")
    assert again["t90"]["value_s"] == pytest.approx(found["t90"]["value_s"], rel=0.05)


def test_an_orbit_that_ends_in_the_data_is_not_used(files: dict[str, Path], tmp_path: Path) -> None:
    with fits.open(files["svom-orb"]) as hdus:
        rows = hdus["ORBIT"].data
        hdus["ORBIT"].data = rows[np.asarray(rows["TIME"]) < BURST.t0_met_s + 50.0]
        hdus.writeto(tmp_path / "cut.fits")
    others = [path for start, path in files.items() if start != "svom-orb"]
    found = analysed(tmp_path / "cut", [*others, tmp_path / "cut.fits"])
    assert "templates" not in found["background"]
    (told,) = [flag for flag in found["flags"] if flag["code"] == "template_unused"]
    assert "the orbit covers -200 to 49 s, the data -199.936 to 299.968 s" in told["text"]
