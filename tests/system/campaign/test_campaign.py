"""`eclgrmd campaign` on a cluster of this machine."""

import subprocess
import sys
from pathlib import Path

from astropy.table import Table

from tests.support.checkout import CHECKOUT
from tests.support.limits import LIMIT_S


def campaign(*arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "eclgrmd", "campaign", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_campaign_is_submitted_computed_reported_and_not_computed_again(tmp_path: Path) -> None:
    state = ["--state", str(tmp_path / "state")]
    (tmp_path / "quick.yaml").write_text(
        "duration: {bootstrap: 100, character: false, photon_fluence: false}\n"
    )
    what = [
        "--make", "tests.support.campaigns:small_burst", "--seeds", "4:8", "--analysis", "temporal",
        "--config", str(tmp_path / "quick.yaml"), "--workers", "1",
    ]  # fmt: skip
    said = campaign("submit", "a", *what, "--output", str(tmp_path / "a"), *state)
    assert "a: done, 4 of 4 bursts" in said
    campaign("report", "a", "--format", "fits", "--format", "ecsv", *state)
    table = Table.read(tmp_path / "a" / "catalogue.ecsv")
    assert list(table["name"]) == [f"small{seed}" for seed in range(4, 8)]
    assert all(table["t90"] > 0.0)
    assert len(Table.read(tmp_path / "a" / "catalogue.fits")) == 4

    said = campaign("submit", "b", *what, "--output", str(tmp_path / "b"), *state)
    assert "4 computed before" in said
    assert "b: done" in campaign("status", *state)
    assert "is done already" in campaign("cancel", "a", *state)


def test_what_is_wrong_is_said_before_anything_starts(tmp_path: Path) -> None:
    output = ["--output", str(tmp_path / "o"), "--state", str(tmp_path / "s")]
    assert "no such folder" in campaign("submit", "a", "/nowhere", *output, status=2)
    assert "name folders" in campaign("submit", "a", *output, status=2)
    assert "--make needs --seeds" in campaign("submit", "a", "--make", "x:y", *output, status=2)
    wrong = ["--make", "no.such:thing", "--seeds", "3"]
    assert "no.such:thing" in campaign("submit", "a", *wrong, *output, status=2)
    assert not (tmp_path / "s").exists()
