"""The products of an earlier run in a folder."""

from pathlib import Path

from eclgrmd.errors import InputError
from eclgrmd.model.pipeline import STEPS_NAME
from eclgrmd.model.result import Result
from eclgrmd.model.result.reading import read_result

__all__ = ["read_products"]


def read_products(folder: Path) -> tuple[Result, dict[str, bytes]]:
    """Return the result in a folder, and the content of each of its products by name.

    Products are those that the run's log lists, without the outcomes of steps; other files of the
    user are left out.

    Raises
    ------
    InputError
        If the folder contains no products of a run, or one is missing.
    """
    from eclgrmd.pipeline.swap import RESULT_NAME, products_of
    from eclgrmd.pipeline.task_log import LOG_NAME

    path = folder / RESULT_NAME
    try:
        result = read_result(path.read_bytes(), what=str(path))
        names = {*products_of(folder / LOG_NAME), RESULT_NAME, LOG_NAME} - {STEPS_NAME}
        return result, {name: (folder / name).read_bytes() for name in sorted(names)}
    except OSError as error:
        what = error.filename or path
        raise InputError(
            f"{what}: {error.strerror}: must be a folder that `eclgrmd analyze` wrote"
        ) from error
