"""`eclgrmd compare`: prints the differences of two runs of a burst."""

import sys
from pathlib import Path

import click
import msgspec

from eclgrmd.cli.address import daemon_url
from eclgrmd.cli.comparison_text import comparison_lines
from eclgrmd.cli.options import json_option, settings_option, url_option
from eclgrmd.cli.token import token_from, token_option
from eclgrmd.errors import InputError
from eclgrmd.model.comparison import Comparison, compare

__all__ = ["command"]


@click.command(epilog="Exit status: 0 compared, 1 the daemon does not respond, 2 wrong input.")
@click.argument("before", type=click.Path(), metavar="BEFORE")
@click.argument("after", type=click.Path(), metavar="AFTER")
@json_option
@settings_option
@url_option
@token_option
def command(
    before: str,
    after: str,
    settings: Path | None,
    url: str | None,
    token_file: Path | None,
    *,
    as_json: bool,
) -> int:
    """Print what changed between two runs of a burst.

    BEFORE and AFTER are each a result.json, a folder with one, or the id of a task. Shown are keys
    of the configuration, values with their errors, and differences in sigma (both errors in
    quadrature; two runs on the same data share their noise).
    """
    paths = [Path(before), Path(after)]
    if all(path.exists() for path in paths):
        found = _of_files(paths)
    else:
        from eclgrmd.client import Client

        with Client(daemon_url(url, settings), token=token_from(token_file)) as client:
            found = client.compare(before, after)
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(found), indent=1)
        sys.stdout.write(f"{text.decode()}\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in comparison_lines(found))
    return 0


def _of_files(paths: list[Path]) -> Comparison:
    from eclgrmd.model.result.reading import read_result

    results = []
    for path in paths:
        file = path / "result.json" if path.is_dir() else path
        try:
            results.append(read_result(file.read_bytes(), what=str(file)))
        except OSError as error:
            raise InputError(f"{file}: no result of eclgrmd: {error.strerror}") from error
    return compare(*results)
