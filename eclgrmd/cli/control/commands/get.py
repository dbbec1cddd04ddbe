"""`eclgrmctl get`: downloads products of a task."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.control.server import complete_products, connected, task_argument
from eclgrmd.cli.control.shown import show_json
from eclgrmd.cli.control.transfers import bars
from eclgrmd.cli.options import AnyPath, json_option
from eclgrmd.errors import InputError
from eclgrmd.model.rest.queries import ProductQuery

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["command"]


@click.command(
    epilog="Exit status: 0 all products were downloaded, 1 the daemon does not respond, 2 wrong "
    "input."
)
@task_argument
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_products)
@click.option(
    "--output",
    type=AnyPath(),
    default=Path(),
    metavar="DIR",
    help="Folder for the products, made if it is missing.  [default: this folder]",
)
@click.option(
    "--archive", is_flag=True, help="Download everything, with figures, as one ZIP: TASK.zip."
)
@click.option("--report", is_flag=True, help="Download the report, one HTML file: TASK.html.")
@json_option
@connected
def command(
    client: "Client",
    task: str,
    names: tuple[str, ...],
    output: Path,
    *,
    archive: bool,
    report: bool,
    as_json: bool,
) -> int:
    """Download products of a task, and verify their checksums.

    Each NAME is the name of a product, or a pattern such as '*.fits'; without any, all are
    downloaded. Interrupted downloads are resumed. Figures are waited for when they are named.
    """
    if (archive or report) and names:
        raise InputError("--archive and --report contain all products: name none beside them")
    if archive or report:
        output.mkdir(parents=True, exist_ok=True)
        paths = [client.archive(task, output / f"{task}.zip")] if archive else []
        paths += [client.report(task, output / f"{task}.html")] if report else []
    else:
        paths = _products(client, task, names, output)
    if as_json:
        show_json([str(path) for path in paths])
    else:
        for path in paths:
            click.echo(path)
    return 0


def _products(client: "Client", task: str, names: tuple[str, ...], output: Path) -> list[Path]:
    """Download products, all if none is named, and return their paths."""
    wanted = names or tuple(
        product.name
        for product in client.products(ProductQuery(task_id=task))
        if product.cleaned_at is None
    )
    if not wanted:
        client.task(task)  # an unknown task has a better error
        raise InputError(f"task {task!r} has no products")
    output.mkdir(parents=True, exist_ok=True)
    with bars() as bar:
        return [
            client.download(task, name, output, progress=bar(name))
            for name in _expanded(client, task, wanted)
        ]


def _expanded(client: "Client", task: str, names: tuple[str, ...]) -> list[str]:
    """Return the names, with patterns replaced by the products that match them."""
    found: list[str] = []
    known: list[str] | None = None
    for name in names:
        if not set(name) & set("*?["):
            found.append(name)
            continue
        known = known or [product.name for product in client.products(ProductQuery(task_id=task))]
        matching = [each for each in known if fnmatchcase(each, name)]
        if not matching:
            raise InputError(f"{name}: no product of task {task!r} matches it")
        found += matching
    return list(dict.fromkeys(found))
