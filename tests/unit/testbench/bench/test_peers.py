"""The files that benchmarks of spectral fits write for other codes, and their results."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from eclgrmd.analysis.spectral.fit.problem import measured
from eclgrmd.errors import PermanentError
from eclgrmd.formats.observation.assemble import read_observation
from eclgrmd.model.names import BurstId
from testbench.accuracy.spectral_bursts import draw_burst
from testbench.bench import peers
from testbench.bench.plain_numpy import statistic_at
from tests.support.present import present


def test_the_files_for_the_peers_hold_the_burst_that_was_simulated(tmp_path: Path) -> None:
    folder = peers.write_simulated(tmp_path)[1]
    read = read_observation(sorted(folder.iterdir()), burst_id=BurstId("b")).spectra
    drawn = {spectrum.detector: spectrum for spectrum in draw_burst(4).spectra}
    assert sorted(s.detector for s in read) == sorted(drawn)
    for spectrum in read:
        expected = drawn[spectrum.detector]
        assert np.array_equal(spectrum.counts, expected.counts)
        background, drawn_background = present(spectrum.background), present(expected.background)
        assert background.counts == pytest.approx(drawn_background.counts, rel=1e-6)
        error = present(drawn_background.error)
        assert present(background.error) == pytest.approx(error, rel=1e-6)
        matrix = present(expected.response).matrix_cm2
        assert present(spectrum.response).matrix_cm2 == pytest.approx(matrix, rel=1e-5, abs=1e-6)


def test_without_their_environment_a_sentence_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers, "PYTHON", tmp_path / "python")
    with pytest.raises(PermanentError, match="run testbench/bench/peers first"):
        peers.measure_peers([], {})


def peer_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """Replace the peers' Python by a program called with: -W ignore -m MODULE OUTPUT FOLDER..."""
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\n{answer}\n")
    program.chmod(0o700)
    monkeypatch.setattr(peers, "PYTHON", program)
    monkeypatch.setattr(peers, "PEERS", ("one",))


def test_a_peer_is_judged_by_its_optimum_and_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    burst = draw_burst(4)
    parts = [measured(s, np.ones(len(s.counts), dtype=bool), "auto") for s in burst.spectra]
    truth = burst.truth.tolist()
    fit = {"version": "1", "fit_with_covariance_ms": 50.0, "optimum": truth}
    answer = f"Path(sys.argv[5]).write_text({json.dumps(json.dumps({'set': fit}))})"
    peer_that(tmp_path, monkeypatch, answer)
    ours = {"fit_with_covariance_ms": 2.0, "statistic": 500.0}
    row = peers.measure_peers([Path("set")], {"set": (parts, ours)})["one"]["set"]
    assert row["times_slower_than_ours"] == 25.0
    assert row["optimum_above_peer"] == pytest.approx(500.0 - statistic_at(parts, tuple(truth)))


def test_a_peer_that_fails_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    peer_that(tmp_path, monkeypatch, "sys.exit('no such library')")
    assert peers.measure_peers([Path("set")], {}) == {}
    assert "one failed: no such library" in capsys.readouterr().err


def test_a_peer_finds_the_blocks_of_the_same_events_with_the_same_prior(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = "{'version': '1', 'seconds': float(sys.argv[7]), 'edges': list(np.load(sys.argv[6]))}"
    answer = f"import json\nimport numpy as np\nPath(sys.argv[5]).write_text(json.dumps({tell}))"
    peer_that(tmp_path, monkeypatch, answer)
    found = peers.measure_blocks(np.array([0.5, 1.25, 4.0]), 3.5)
    assert found == {"version": "1", "seconds": 3.5, "edges": [0.5, 1.25, 4.0]}
