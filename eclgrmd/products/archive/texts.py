"""The texts of an archive: its contents, the licence, and how to cite it."""

import json
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution

from eclgrmd.errors import PermanentError
from eclgrmd.model.result import Result
from eclgrmd.products.summary import summary_text

__all__ = ["citation", "contents", "licence"]

_WHOLE = {
    "result.json": "all numbers with errors and units, inputs with checksums, configuration",
    "summary.txt": "the results as text",
    "task.log": "log of the analysis, JSON lines",
    "report.html": "the results on one page, for any browser",
}
"""Meaning of files by name."""
_PARTS = {
    "-BKG-MODEL": "background model of every channel (FITS)",
    "-SCAT-": "fits with covariance, in the form of GBM's SCat files (FITS)",
    "-PLANES": "figure: place in the planes of Amati and Yonetoku",
    "-EVOL-": "figure: evolution of the spectrum",
    "-POST-": "figure: posterior of a fit",
    "-SED-": "figure: energy distribution with its 1-sigma band",
}
"""Meaning of files by a part of the name, in the order in which they are tried."""
_SUFFIXES = {
    ".pha": "counts spectrum (OGIP PHA)",
    ".bak": "background of a spectrum (OGIP PHA)",
    ".rsp": "response (OGIP RMF times ARF)",
    ".xcm": "commands that load the spectra of an interval into XSPEC",
    ".png": "figure",
    ".fits": "light curve with its background (OGIP RATE)",
}
"""Meaning of files by suffix."""


def contents(result: Result, names: Sequence[str]) -> str:
    """Return the README: what each file is, how it was made, and the summary."""
    return "\n".join(_contents(result, names)) + "\n"


def _contents(result: Result, names: Sequence[str]) -> Iterator[str]:
    process = result.process
    yield f"Products of eclgrmd {result.software.get('eclgrmd', '')} for {result.burst.id}"
    yield f"processing version {process.proc_ver}, stream {process.dstream or 'unknown'}"
    yield ""
    width = max(map(len, names), default=0)
    for name in names:
        yield f"{name:{width}}  {_meaning(name)}"
    yield ""
    yield "SHA256SUMS    checksums: sha256sum -c SHA256SUMS"
    yield "LICENSE.txt   licence of the software"
    yield "CITATION.cff  how to cite these results"
    yield ""
    yield "Inputs, which are not in this archive:"
    for each in result.inputs:
        yield f"  {each.sha256}  {each.name}"
    yield ""
    yield summary_text(result)


def _meaning(name: str) -> str:
    if name in _WHOLE:
        return _WHOLE[name]
    found = (meaning for part, meaning in _PARTS.items() if part in name)
    by_suffix = (meaning for suffix, meaning in _SUFFIXES.items() if name.endswith(suffix))
    return next(found, None) or next(by_suffix, "product")


def licence() -> str:
    """Return the licence of the software, and what it does not cover.

    Raises
    ------
    PermanentError
        If eclgrmd is not installed as a package.
    """
    try:
        text = distribution("eclgrmd").read_text("licenses/LICENSE")
    except PackageNotFoundError:
        text = None
    if text is None:
        raise PermanentError("the licence of eclgrmd is not installed: install it as a package")
    return (
        "The software that made these products has the licence below. The measured data in them\n"
        "belong to their missions: ask those, or the site that ran the analysis, before you\n"
        f"publish them.\n\n{text}"
    )


def citation(result: Result) -> str:
    """Return a CITATION.cff 1.2.0 for the results."""
    process = result.process
    title = f"Analysis of {result.burst.id} with eclgrmd"
    if process.configuration_sha256:
        title += f", configuration {process.configuration_sha256[:12]}"
    lines = [
        "cff-version: 1.2.0",
        "message: Please cite these results as below.",
        "type: dataset",
        f"title: {json.dumps(title)}",
        f'version: "{process.proc_ver}"',
        "authors:",
        "  - name: the eclgrmd developers",
    ]
    if process.created_utc:
        lines.append(f'date-released: "{process.created_utc[:10]}"')
    return "\n".join(lines) + "\n"
