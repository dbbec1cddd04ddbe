"""`eclgrmd selftest`: analyses a simulated burst and compares the results with the truth."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

__all__ = ["command"]

_LIMIT_SIGMA = 4.0
"""Largest deviation from the truth. The seed is fixed: a larger one is a fault, not chance."""
_WORKER_BYTES = 2_000_000_000
"""Memory limit of the worker that tries its limits."""
_KINDS = ("light_curve", "spectrum", "background", "response", "figure", "summary")
"""Kinds of products that the analysis must make."""

Found = tuple[float | None, float | None, float | None]
"""Value, lower error and upper error; None: not found."""


@click.command
def command() -> int:
    """Analyse a simulated burst and compare the results with the truth.

    This also compiles all kernels, once, and tries which limits of worker processes hold on this
    machine.
    """
    # Numerics take seconds to import; help is printed before that.
    from eclgrmd.cli.known_burst import TRUTH

    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="eclgrmd-selftest-") as folder:
        kinds = _analyse(Path(folder))
        found = _found(json.loads((Path(folder) / "products" / "result.json").read_bytes()))
        guards = _guards(Path(folder))
    missing = [kind for kind in _KINDS if kind not in kinds]
    if missing:
        sys.stdout.write(f"no product of kind {', '.join(missing)}\n")
    right = [_is_right(name, truth, *found.get(name, (None,) * 3)) for name, truth in TRUTH.items()]
    sys.stdout.write(_sandbox_text(guards))
    passed = all(right) and not missing
    elapsed_s = time.monotonic() - began
    sys.stdout.write(
        f"{'right' if passed else 'WRONG'}, {len(kinds)} products, after {elapsed_s:.1f} s\n"
    )
    return 0 if passed else 1


def _guards(folder: Path) -> dict[str, bool]:
    """Return for each limit of a worker process whether it holds, as a worker tries it."""
    from eclgrmd.compute import Sandbox, Workers

    probe = folder / "not for workers"
    probe.touch()

    async def ask() -> dict[str, bool]:
        async with Workers(1, memory_limit_bytes=_WORKER_BYTES, sandbox=Sandbox()) as workers:
            found: dict[str, bool] = await workers.call("eclgrmd.compute.sandbox:held", str(probe))
        return found

    return asyncio.run(ask())


def _sandbox_text(guards: dict[str, bool]) -> str:
    holding = ", ".join(name for name, holds in guards.items() if holds)
    failing = ", ".join(name for name, holds in guards.items() if not holds)
    return f"limits of workers: {holding}{f'; not held here: {failing}' if failing else ''}\n"


def _analyse(folder: Path) -> list[str]:
    """Write the burst as files, analyse them, and return the kinds of the products."""
    from eclgrmd.cli.known_burst import known_burst
    from eclgrmd.cli.second_compiler import fits_compiled_meanwhile
    from eclgrmd.formats import Provenance, events_to_fits, response_to_fits
    from eclgrmd.model.pipeline import PipelineRequest
    from eclgrmd.offline.inputs import find_files
    from eclgrmd.pipeline import run as run_pipeline

    burst = known_burst()
    provenance = Provenance(
        burst_id=burst.burst_id,
        card="GRM-EVT",
        instrument="GRM",
        date_utc=burst.t0_utc,
        t0_met_s=burst.t0_met_s,
        t0_utc=burst.t0_utc,
    )
    paths = []
    for events, response in zip(burst.events, burst.responses, strict=True):
        for suffix, content in (
            ("evt.fits", events_to_fits(events, provenance)),
            ("rsp", response_to_fits([response], provenance)),
        ):
            path = folder / f"known_burst_{events.detector}.{suffix}"
            path.write_bytes(content)
            paths.append(str(path))
    request = PipelineRequest(
        task_id="selftest",
        burst_id=burst.burst_id,
        files=find_files(paths, _print).files,
        output=str(folder / "products"),
    )
    with fits_compiled_meanwhile() as before:
        return [product.kind for product in run_pipeline(request, before).products]


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _found(result: dict[str, Any]) -> dict[str, Found]:
    """Return the values of a result whose truth is known, by name."""
    found: dict[str, Found] = {}
    for duration in result["durations"][:1]:
        for name in ("t90", "t50"):
            width = duration[name]
            values = (width[key] for key in ("value_s", "err_minus_s", "err_plus_s"))
            found[f"{name}_s"] = tuple(values)
    for spectrum in result["spectra"][:1]:
        for name, parameter in spectrum["models"][0]["parameters"].items():
            values = (parameter[key] for key in ("value", "err_minus", "err_plus"))
            found[name] = (*values,)
    return found


def _is_right(
    name: str, truth: float, value: float | None, minus: float | None, plus: float | None
) -> bool:
    """Print a value beside the truth and return whether they agree."""
    if value is None or not minus or not plus:
        sys.stdout.write(f"{name}: nothing found, true is {truth:g}\n")
        return False
    sigma = (value - truth) / (minus if value > truth else plus)
    sys.stdout.write(
        f"{name}: {value:.4g} (+{plus:.2g}, -{minus:.2g}), true {truth:g}, {sigma:+.1f} sigma\n"
    )
    return abs(sigma) <= _LIMIT_SIGMA
