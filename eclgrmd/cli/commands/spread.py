"""`eclgrmd spread`: analyses a burst by many choices that could be defended."""

import sys
from pathlib import Path

import click
import msgspec

from eclgrmd.cli.options import AnyPath
from eclgrmd.cli.studied_burst import (
    counted_on_screen,
    studied_burst,
    study_command,
    write_study,
)
from eclgrmd.errors import InputError
from eclgrmd.model.study.spread import SPREAD_NAME, Space

__all__ = ["command"]


@study_command
@click.option(
    "--choices", type=click.IntRange(10, 100_000), default=500, show_default=True, help="Choices."
)
@click.option(
    "--space",
    "space_file",
    type=AnyPath(),
    metavar="SPACE.json",
    help="Questions with their answers.  [default: made for the burst; see spread.json]",
)
def command(
    names: tuple[str, ...],
    choices: int,
    seed: int,
    space_file: Path | None,
    workers: int,
    output: Path | None,
    config: Path | None,
    data: tuple[Path, ...],
    settings: Path | None,
) -> int:
    """Measure how far the results of a burst depend on choices of the analyst.

    Background intervals and order, band, binning, detectors, block prior, model and channels are
    chosen at random. The distribution of the results, and the share of each choice, go into
    spread.json beside result.json of the FOLDER that `analyze` wrote.
    """
    from eclgrmd.model.decode import decode_json
    from eclgrmd.studies.spread import measure_spread, spread_study, usual_space

    given: Space | None = None
    if space_file is not None:
        try:
            given = decode_json(space_file.read_bytes(), Space, what=f"--space {space_file}")
        except OSError as error:
            raise InputError(f"--space {space_file}: {error.strerror}") from error
    burst = studied_burst(names, data=data, output=output, config=config, settings=settings)
    space = usual_space(burst.analysis) if given is None else given
    study = spread_study(burst.analysis, burst.configuration, space, choices=choices, seed=seed)
    with counted_on_screen("choices", choices) as on_choices:
        spread = measure_spread(study, workers, on_choices)
    path = write_study(burst.folder, SPREAD_NAME, msgspec.json.encode(spread))
    sys.stdout.write(f"{spread.text()}\n{path}, CPU time {spread.cpu_s:.1f} s\n")
    return 0
