"""Data for pictures as tables of numbers, for other programs."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from eclgrmd.cli.options import AnyPath
from eclgrmd.errors import InputError
from eclgrmd.model.rest.pictures import LightCurves, Spectra

__all__ = ["curve_rows", "output_option", "spectrum_rows", "write_columns"]

_CURVE_HEADINGS = (
    "detectors", "low_kev", "high_kev", "start_s", "stop_s", "exposure_s", "counts",
    "error_counts", "background_counts", "background_error_counts",
)  # fmt: skip
_SPECTRUM_HEADINGS = (
    "detector", "low_kev", "high_kev", "net_per_s_kev", "net_error_per_s_kev",
    "background_per_s_kev", "model", "folded_per_s_kev", "residual_sigma",
)  # fmt: skip

Row = Sequence[object]


def output_option(function: Any) -> Any:
    """Add the option that names the file to write."""
    return click.option(
        "--output",
        type=AnyPath(),
        metavar="FILE",
        help="File to write, .csv or .json.  [default: CSV on the screen]",
    )(function)


def curve_rows(found: LightCurves) -> Iterator[Row]:
    """Yield the bins of all light curves, below their headings; what is unknown is empty."""
    yield _CURVE_HEADINGS
    for curve in found.curves:
        low, high = curve.band_kev or ("", "")
        nothing = [""] * len(curve.counts)
        columns = (
            curve.start_s, curve.stop_s, curve.exposure_s, curve.counts,
            curve.error_counts or nothing, curve.background_counts or nothing,
            curve.background_error_counts or nothing,
        )  # fmt: skip
        for values in zip(*columns, strict=True):
            yield "+".join(curve.detectors), low, high, *values


def spectrum_rows(found: Spectra) -> Iterator[Row]:
    """Yield the bins of all spectra, once for each model, below their headings."""
    yield _SPECTRUM_HEADINGS
    for spectrum in found.spectra:
        nothing = [""] * len(spectrum.low_kev)
        for model in spectrum.models:
            columns = (
                spectrum.low_kev, spectrum.high_kev, spectrum.net_per_s_kev,
                spectrum.net_error_per_s_kev, spectrum.background_per_s_kev or nothing,
                [model.model] * len(nothing), model.folded_per_s_kev, model.residual_sigma,
            )  # fmt: skip
            for values in zip(*columns, strict=True):
                yield spectrum.detector, *values


def write_columns(value: object, rows: Iterable[Row], output: Path | None) -> None:
    """Write rows as CSV, or the whole value as JSON if the name of the file says so.

    Raises
    ------
    InputError
        If the file has another suffix.
    """
    suffix = ".csv" if output is None else output.suffix.lower()
    if suffix == ".json":
        content = msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"
    elif suffix == ".csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows(rows)
        content = buffer.getvalue()
    else:
        raise InputError(f"--output {output}: must end with .csv or .json")
    if output is None:
        sys.stdout.write(content)
    else:
        output.write_text(content, encoding="utf-8")
        click.echo(output)
