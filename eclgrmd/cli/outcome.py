"""The table of results and the last line that a command prints for an analysis."""

from rich.console import Console
from rich.table import Table

from eclgrmd.model.pipeline import PipelineOutcome
from eclgrmd.model.result import Result
from eclgrmd.products.headline import headline_sections

__all__ = ["show_outcome", "show_result"]


def show_result(result: Result, console: Console) -> None:
    """Print the main results."""
    table = Table(title=_title(result), title_justify="left", show_header=False, expand=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for rows in headline_sections(result):
        for row in rows:
            table.add_row(*row)
        table.add_section()
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
