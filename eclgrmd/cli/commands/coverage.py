"""`eclgrmd coverage`: tests the stated intervals of a burst on simulated twins."""

import sys
from pathlib import Path

import click
import msgspec

from eclgrmd.cli.options import AnyPath, data_option, settings_option
from eclgrmd.cli.studied_burst import (
    counted_on_screen,
    studied_burst,
    workers_option,
    write_study,
)

__all__ = ["command"]


@click.command(epilog="Exit status: 0 written, 1 the analysis failed, 2 wrong input.")
@click.argument("names", nargs=-1, required=True, type=click.Path(), metavar="FOLDER|FILE...")
@click.option(
    "--twins", type=click.IntRange(2, 100_000), default=300, show_default=True, help="Twins."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Their seed.")
@click.option(
    "--output", type=AnyPath(), metavar="DIR", help="Folder.  [default: that of result.json]"
)
@click.option("--config", type=AnyPath(), metavar="TASK.yaml", help="Configuration of data files.")
@data_option
@workers_option
@settings_option
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
    """Tell how often the stated intervals of a burst hold the truth, by simulated twins.

    Twins have the smoothed rate of the burst, its fitted spectrum, its background and responses,
    and are analysed blind by the same configuration. The answer goes into coverage.json beside
    result.json of the FOLDER that `analyze` wrote.
    """
    from eclgrmd.studies.coverage import COVERAGE_NAME, measure_coverage

    burst = studied_burst(names, data=data, output=output, config=config, settings=settings)
    with counted_on_screen("twins", twins) as on_twin:
        badge = measure_coverage(
            burst.analysis,
            burst.configuration,
            twins=twins,
            seed=seed,
            workers=workers,
            on_twin=on_twin,
        )
    path = write_study(burst.folder, COVERAGE_NAME, msgspec.json.encode(badge))
    sys.stdout.write(f"{badge.text()}\n{path}, CPU time {badge.cpu_s:.1f} s\n")
    return 0
