"""Options and arguments that several commands have in common."""

from pathlib import Path

import click

from eclgrmd.model.task import TaskType

__all__ = [
    "ANALYSES",
    "AnyPath",
    "data_option",
    "json_option",
    "settings_option",
    "url_option",
]

ANALYSES = click.Choice([kind.value for kind in TaskType])
"""Values of `--analysis`."""


class AnyPath(click.Path):
    """A path that need not exist: commands report a missing file in their own words."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)


settings_option = click.option(
    "--settings",
    type=AnyPath(),
    metavar="FILE",
    help="Settings of the daemon (eclgrmd.toml).",
)
"""Names the settings of the daemon, which also name the site's task configuration."""

url_option = click.option(
    "--url", metavar="URL", help="REST address of the daemon.  [default: the local one]"
)
"""Names a running daemon."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""Makes a command print for programs."""

data_option = click.option(
    "--data",
    type=AnyPath(),
    multiple=True,
    metavar="PATH",
    help="Input file of the earlier run, or a folder with inputs.  [default: where the run had "
    "them]",
)
"""Names where the inputs of an earlier run are."""
