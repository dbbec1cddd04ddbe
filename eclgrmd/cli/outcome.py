"""The table of results and the last line that a command prints for an analysis."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from eclgrmd.model.flags import texts
from eclgrmd.model.pipeline import PipelineOutcome
from eclgrmd.model.result import Duration, ModelFit, Result, SpectrumFits
from eclgrmd.products.formatting import (
    INSTRUMENT_NAMES,
    band_name,
    model_name,
    plain,
    statistic_name,
    with_errors,
)

__all__ = ["show_outcome", "show_result"]

Row = tuple[str, str]


def show_result(result: Result, console: Console) -> None:
    """Print the main results."""
    table = Table(title=_title(result), title_justify="left", show_header=False, expand=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for duration in result.durations:
        _add(table, _duration_rows(duration))
    for fits in result.spectra:
        for model in fits.models:
            # Only the first and the preferred model, to keep the table short.
            if model is fits.models[0] or model.preferred:
                _add(table, _model_rows(fits, model))
    if result.flags:
        _add(table, iter([("flags", ", ".join(texts(result.flags)))]))
    console.print(table)


def show_outcome(folder: str, outcome: PipelineOutcome, console: Console) -> None:
    """Print where the products are."""
    console.print(
        f"{len(outcome.products)} products in {folder} after {outcome.elapsed_s:.1f} s",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _title(result: Result) -> str:
    return f"{result.burst.id}  {result.burst.t0 or ''}"


def _add(table: Table, rows: Iterator[Row]) -> None:
    for row in rows:
        table.add_row(*row)
    table.add_section()


def _duration_rows(duration: Duration) -> Iterator[Row]:
    name = INSTRUMENT_NAMES.get(duration.instrument, "")
    yield "duration", f"{name} {'+'.join(duration.detectors)}, {band_name(duration.band_kev)}"
    widths = [("T90", duration.t90), ("T50", duration.t50)]
    if duration.photon_fluence is not None:
        widths.append(("photon T90", duration.photon_fluence.t90))
    for label, width in widths:
        if width.value_s is not None:
            text = with_errors(width.value_s, width.err_minus_s, width.err_plus_s, "s")
            yield label, text if width.start_s is None else f"{text} from {width.start_s:.3f} s"
    if duration.t90.value_s is None:
        yield "T90", "no significant excess"
    if duration.significance is not None:
        yield "significance", f"{duration.significance:.1f} sigma"
    if duration.flags:
        yield "flags", ", ".join(texts(duration.flags))


def _model_rows(fits: SpectrumFits, model: ModelFit) -> Iterator[Row]:
    start, stop = fits.interval_s
    detectors = "+".join(fits.detectors)
    where = f"{start:.3f} to {stop:.3f} s ({fits.kind}), {detectors}"
    yield "spectrum", f"{model_name(model.name)}, {where}"
    for name, found in model.parameters.items():
        if found.value is not None:
            yield name, with_errors(found.value, found.err_minus, found.err_plus, found.unit)
    if model.statistic_value is not None:
        yield statistic_name(fits.statistic), f"{model.statistic_value:.2f} for {model.dof} dof"
    for fluence in model.fluence_erg:
        if fluence.value is not None:
            low, high = fluence.band_kev
            text = with_errors(fluence.value, fluence.err_minus, fluence.err_plus, "erg/cm2")
            yield "fluence", f"{text}, {plain(low)}-{plain(high)} keV"
    if model.flags:
        yield "flags", ", ".join(texts(model.flags))
