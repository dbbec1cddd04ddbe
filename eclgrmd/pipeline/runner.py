"""The run of one request: read, analyse, make products, write them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from eclgrmd.analysis.burst import BurstAnalysis
from eclgrmd.formats.fits.packed import Unpacked
from eclgrmd.model.configuration.sections import FiguresTime
from eclgrmd.model.flags import texts
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineOutcome, PipelineRequest, Stage
from eclgrmd.model.plain_text import valid_text
from eclgrmd.model.result import Result
from eclgrmd.model.task import FiguresState
from eclgrmd.products.make import make_figures, make_products
from eclgrmd.products.product import JSON_LINES, Product, ProductKind
from eclgrmd.products.result import result_of
from eclgrmd.products.summary import summary_of

from .analysed import analysed_and_widened
from .deposit import deposit_all, describe, disk_errors, sync_folder, synced
from .drawing import forget_analysis, keep_analysis
from .process import input_of, process_of
from .reading import read_files
from .task_log import LOG_NAME, TaskLog, logged_failures

__all__ = ["run"]


_WANTED: dict[FiguresTime, FiguresState] = {
    "now": FiguresState.QUEUED,
    "later": FiguresState.LATER,
    "never": FiguresState.NONE,
}
"""State of the figures that are not drawn yet."""


def _ignore(_report: object) -> None:
    """Discard the report."""


def run(
    request: PipelineRequest,
    report: Callable[[Stage], None] = _ignore,
    say: Callable[[Mapping[str, Any]], None] = _ignore,
    on_result: Callable[[Result], None] = _ignore,
    *,
    draw: bool = True,
    unpacked: Unpacked | None = None,
) -> PipelineOutcome:
    """Analyse the files of a request and write all products to its output folder, figures last.

    The log `task.log` is written there during the run. A second run of the same request overwrites
    the products of the first.

    Parameters
    ----------
    request
        Files, configuration and output folder.
    report
        Called with each stage as it begins.
    say
        Called with every line of the log.
    on_result
        Called with the result as soon as it is known, before any product is written.
    draw
        Whether to draw the figures; otherwise `drawing.draw` does it, when it is their turn.
    unpacked
        Has files that were unpacked before; None: none were.

    Raises
    ------
    InputError
        If a file or the configuration is invalid; the message says what would be right.
    PermanentError
        If the analysis fails: a retry would fail, too.
    TransientError
        If the disk is full or missing: a retry later may succeed.
    """
    forget_analysis()
    folder = Path(request.output)
    with disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        with TaskLog(
            folder / LOG_NAME,
            burst_id=request.burst_id,
            task_id=request.task_id,
            report=report,
            say=say,
        ) as log:
            with logged_failures(log, "the analysis"):
                outcome = _run(_dated(request), log, on_result, unpacked, draw=draw)
            log.done(products=len(outcome.products) + 1)
        content = synced(folder / LOG_NAME)
        sync_folder(folder)
    logged = describe(Product(LOG_NAME, ProductKind.LOG, JSON_LINES, content))
    lines = tuple(content.splitlines())
    return replace(outcome, products=(*outcome.products, logged), log=lines)


def _run(
    request: PipelineRequest,
    log: TaskLog,
    on_result: Callable[[Result], None],
    unpacked: Unpacked | None,
    *,
    draw: bool,
) -> PipelineOutcome:
    folder = Path(request.output)
    log.begin(Stage.READ)
    observation = _read(request, log, unpacked)
    analysis, memory = analysed_and_widened(request, observation, log)
    inputs = tuple(map(input_of, request.files))
    process = process_of(request, memory.records())
    result = result_of(analysis, request.configuration, inputs, process)
    for flag in result.flags:
        log.warning("flag", flag=flag.text)
    _log_found(analysis, log)
    reused = [step.name for step in result.process.steps if step.reused]
    if reused:
        log.info("steps reused", rerun_of=request.rerun_of, steps=reused)
    on_result(result)
    log.begin(Stage.PRODUCTS)
    products = chain(
        make_products(analysis, result, request), [memory.product(analysis.observation)]
    )
    written = deposit_all(products, folder, log)
    figures = _WANTED[request.configuration.products.figures_time]
    if draw and figures is not FiguresState.NONE:
        log.begin(Stage.FIGURES)
        written += deposit_all(make_figures(analysis, request), folder, log)
        figures = FiguresState.DONE
    if figures is FiguresState.QUEUED:
        keep_analysis(analysis, request)
    return PipelineOutcome(
        products=written,
        summary=summary_of(result),
        elapsed_s=round(log.elapsed_s, 6),
        figures=figures,
    )


def _dated(request: PipelineRequest) -> PipelineRequest:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return request if request.created_utc else replace(request, created_utc=now)


def _read(request: PipelineRequest, log: TaskLog, unpacked: Unpacked | None) -> Observation:
    for file in request.files:
        log.info(
            "input",
            name=file.name,
            path=valid_text(str(Path(file.path).absolute())),
            sha256=file.sha256,
            kind=file.kind,
        )
    observation = read_files(request, unpacked)
    log.info(
        "observation read",
        t0=observation.t0_utc,
        t0_met_s=observation.t0_met_s,
        event_lists=len(observation.events),
        histories=len(observation.histories),
        light_curves=len(observation.light_curves),
        spectra=len(observation.spectra),
        responses=len(observation.responses),
    )
    return observation


def _log_found(analysis: BurstAnalysis, log: TaskLog) -> None:
    for duration in analysis.temporal.durations if analysis.temporal else ():
        log.info(
            "duration measured",
            instrument=duration.instrument,
            detectors=list(duration.detectors),
            t90_s=duration.t90.value_s,
            significance=duration.significance,
            flags=list(texts(duration.flags)),
        )
    for interval in analysis.spectral.intervals if analysis.spectral else ():
        for fit in interval.models:
            log.info(
                "spectrum fitted",
                kind=interval.kind,
                model=fit.name,
                statistic_value=fit.statistic_value,
                dof=fit.dof,
                flags=list(texts(fit.flags)),
            )
