"""Other codes for spectral fits and blocks, on the same files and in the same run as ours.

The script `testbench/bench/peers` installs them in an environment of their own, `.peers/`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.fit.problem import Measured
from eclgrmd.errors import PermanentError
from eclgrmd.formats import (
    Provenance,
    background_to_fits,
    response_to_fits,
    spectrum_to_fits,
)
from eclgrmd.model.observation import Spectrum
from eclgrmd.threads import ONE_THREAD
from testbench.accuracy.spectral_bursts import draw_burst
from testbench.checkout import CHECKOUT

from .plain_numpy import statistic_at

__all__ = ["PeerBlocks", "PeerRow", "measure_blocks", "measure_peers", "write_simulated"]

PYTHON = CHECKOUT / ".peers" / "bin" / "python"
PEERS = ("elisa", "bayspec", "threeml", "sherpa", "gdt")
_ONE_THREAD = {
    **ONE_THREAD,
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
}
_LIMIT_S = 600.0
"""Longest run of a peer, seconds."""


class PeerRow(TypedDict):
    """Fit of one set of spectra by a peer."""

    version: str
    """Version of the peer."""
    fit_with_covariance_ms: float
    """CPU time of one fit with covariance, milliseconds."""
    times_slower_than_ours: float
    """That time relative to ours."""
    optimum: list[float]
    """Amplitude at 100 keV, alpha, Epeak in keV, beta."""
    statistic: float
    """PGSTAT at its optimum, computed by `plain_numpy` for all peers."""
    optimum_above_peer: float
    """Our statistic minus that one."""


class PeerBlocks(TypedDict):
    """Bayesian blocks of events by a peer."""

    version: str
    """Version of the peer."""
    seconds: float
    """CPU time, seconds."""
    edges: list[float]
    """Edges of the blocks, seconds."""


Ours = Mapping[str, tuple[Sequence[Measured], Mapping[str, float]]]


def measure_peers(folders: Sequence[Path], ours: Ours) -> dict[str, dict[str, PeerRow]]:
    """Run the fits of every peer on every folder.

    Parameters
    ----------
    folders
        Spectra (`.pha`) with background (`.bak`) and response (`.rsp`).
    ours
        By name of the folder: the fitted spectra, and our row as `spectral` measured it.

    Returns
    -------
    dict
        By peer, then by folder. A peer that fails is left out and named on stderr.

    Raises
    ------
    PermanentError
        If the peers are not installed.
    """
    _check_installed()
    found = {}
    for peer in PEERS:
        fits = _run(peer, folders)
        if fits is not None:
            found[peer] = {name: _row(fit, *ours[name]) for name, fit in fits.items()}
    return found


def measure_blocks(time_s: NDArray[np.float64], prior: float) -> PeerBlocks | None:
    """Run hepstats on events.

    Parameters
    ----------
    time_s
        Sorted, shape (n,).
    prior
        Cost of a block.

    Returns
    -------
    PeerBlocks | None
        None if it fails; the reason is printed on stderr.

    Raises
    ------
    PermanentError
        If the peers are not installed.
    """
    _check_installed()
    with TemporaryDirectory() as scratch:
        events = Path(scratch) / "events.npy"
        np.save(events, time_s)
        found: PeerBlocks | None = _answer("hepstats_blocks", [events, str(prior)])
    return found


def _check_installed() -> None:
    if not PYTHON.exists():
        raise PermanentError("the peers are not installed: run testbench/bench/peers first")


def _run(peer: str, folders: Sequence[Path]) -> dict[str, PeerRow] | None:
    fits: dict[str, PeerRow] | None = _answer(f"{peer}_fit", folders)
    return fits


def _answer(program: str, arguments: Sequence[str | Path]) -> Any:
    """Run a peer's program and return its output; if it fails, print why and return None."""
    with TemporaryDirectory() as scratch:
        output = Path(scratch) / "answer.json"
        module = f"testbench.bench.peer_fits.{program}"
        done = subprocess.run(
            [PYTHON, "-W", "ignore", "-m", module, output, *arguments],
            cwd=CHECKOUT,
            env=os.environ | _ONE_THREAD | {"HOME": scratch},
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
        if done.returncode or not output.exists():
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"{program.split('_', maxsplit=1)[0]} failed: {reason}", file=sys.stderr)
            return None
        return json.loads(output.read_text())


def _row(fit: PeerRow, parts: Sequence[Measured], row: Mapping[str, float]) -> PeerRow:
    amplitude, alpha, epeak, beta = fit["optimum"]
    statistic = statistic_at(parts, (amplitude, alpha, epeak, beta))
    slower = fit["fit_with_covariance_ms"] / row["fit_with_covariance_ms"]
    return {
        **fit,
        "times_slower_than_ours": slower,
        "statistic": statistic,
        "optimum_above_peer": row["statistic"] - statistic,
    }


def write_simulated(folder: Path) -> list[Path]:
    """Write two simulated bursts, with GRM alone and with ECLAIRs, in a folder each."""
    sets = {"simulated3": draw_burst(1).spectra[1:], "simulated4": draw_burst(4).spectra}
    return [_write(folder / name, spectra) for name, spectra in sets.items()]


def _write(folder: Path, spectra: Sequence[Spectrum]) -> Path:
    folder.mkdir()
    for spectrum in spectra:
        if spectrum.response is None:
            raise PermanentError(f"the spectrum of {spectrum.detector} has no response to write")
        origin = Provenance(
            burst_id="sb26010101",
            card=f"{spectrum.instrument.value}-SPEC-SIM",
            instrument=spectrum.instrument.value,
            date_utc="2026-01-01T00:00:00",
            t0_met_s=0.0,
        )
        stem = spectrum.detector.lower()
        names = {"background_file": f"{stem}.bak", "response_file": f"{stem}.rsp"}
        contents = {
            "pha": spectrum_to_fits(spectrum, origin, **names),
            "bak": background_to_fits(spectrum, origin),
            "rsp": response_to_fits([spectrum.response], origin),
        }
        for suffix, content in contents.items():
            (folder / f"{stem}.{suffix}").write_bytes(content)
    return folder
