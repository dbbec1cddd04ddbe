"""`eclgrmd coverage`: tests the stated intervals of a burst on simulated twins."""

import sys
from pathlib import Path

import click
import msgspec

from eclgrmd.cli.studied_burst import (
    counted_on_screen,
    studied_burst,
    study_command,
    write_study,
)
from eclgrmd.model.study.coverage import COVERAGE_NAME

__all__ = ["command"]


@study_command
@click.option(
    "--twins", type=click.IntRange(2, 100_000), default=300, show_default=True, help="Twins."
)
def command(
    names: tuple[str, ...],
    twins: int,
    seed: int,
    workers: int,
    output: Path | None,
    config: Path | None,
    data: tuple[Path, ...],
    settings: Path | None,
) -> int:
    """Measure how often the stated intervals of a burst hold the truth, by simulated twins.

    Twins have the smoothed rate of the burst, its fitted spectrum, its background and responses,
    and are analysed blind by the same configuration. The answer goes into coverage.json beside
    result.json of the FOLDER that `analyze` wrote.
    """
    from eclgrmd.studies.coverage import coverage_study, measure_coverage

    burst = studied_burst(names, data=data, output=output, config=config, settings=settings)
    study = coverage_study(burst.analysis, burst.configuration, twins=twins, seed=seed)
    with counted_on_screen("twins", twins) as on_twin:
        badge = measure_coverage(study, workers, on_twin)
    path = write_study(burst.folder, COVERAGE_NAME, msgspec.json.encode(badge))
    sys.stdout.write(f"{badge.text()}\n{path}, CPU time {badge.cpu_s:.1f} s\n")
    return 0
