"""A circular is set beside a result, by the client and by `eclgrmctl`."""

from pathlib import Path

import pytest

from eclgrmd.client import Client, RefusedError
from tests.system.client.test_eclgrmctl import TINY, Shell

CIRCULAR = """\
SUBJECT: GRB 261122A: Fermi GBM Observation
The Fermi Gamma-ray Burst Monitor (GBM) shows a pulse with a duration (T90) of 3.1 +/- 0.2 s
({band} keV). The fluence is unknown.
"""


@pytest.fixture
def shell(url: str, tmp_path: Path) -> Shell:
    return Shell(url, tmp_path)


def test_a_circular_beside_a_result(url: str, shell: Shell, light_curve: Path) -> None:
    shell.text("upload", "c-1", light_curve)
    with Client(url) as client:
        with pytest.raises(RefusedError, match="no result of a task of burst 'c-1' is kept"):
            client.compare_circular("c-1", CIRCULAR)
        shell.text("submit", "c-1", "--analysis", "temporal", *TINY, "--id", "c-1-a", "--wait")
        other = client.compare_circular("c-1", CIRCULAR.format(band="1-2"))
        (found,) = other.quantities
        assert (found.sigma, found.circular.band_kev) == (None, (1.0, 2.0))
        assert "other bands: 1-2 keV there" in found.note
        with pytest.raises(RefusedError, match="must be the text of a circular"):
            client.compare_circular("c-1", "nothing was seen")
        with pytest.raises(RefusedError, match="no burst 'nosuch'"):
            client.compare_circular("nosuch", CIRCULAR)
    file = shell.folder / "circular.txt"
    file.write_text(CIRCULAR.format(band="50-300"), encoding="utf-8")
    shown = shell.text("compare-circular", "c-1", file)
    assert "GBM beside task c-1-a" in shown
    assert "50-300" in shown
    assert shell.json("compare-circular", "c-1", file, "--task", "c-1-a")["instrument"] == "GBM"
