"""Functions that run in worker processes: they make what a request asks for."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from eclgrmd.errors import InputError, TransientError
from eclgrmd.model.catalogue import CatalogueFormat
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.quicklook.replays import PacketReplay
from eclgrmd.model.rest.pictures import PictureForm, PictureKind
from eclgrmd.model.rest.thumbnails import ThumbnailForm
from eclgrmd.model.result import Result

__all__ = [
    "archive",
    "catalogue",
    "circular_beside",
    "picture",
    "preview",
    "quick_picture",
    "quick_thumbnail",
    "report",
    "thumbnail",
    "warm_up_pictures",
    "warm_up_previews",
]


def catalogue(results: Sequence[tuple[str, str]], form: CatalogueFormat) -> tuple[bytes, int]:
    """Return a catalogue, and the number of results that were left out.

    A result of an earlier form, or one that was cleaned meanwhile, is left out.

    Parameters
    ----------
    results
        Task and path of each `result.json`.
    form
        Format of the catalogue.
    """
    from eclgrmd.model.result.reading import read_result
    from eclgrmd.products.catalogue import Entry, encode_catalogue

    entries = []
    for task_id, path in results:
        try:
            result = read_result(Path(path).read_bytes(), what=task_id)
        except (InputError, FileNotFoundError):
            continue
        entries.append(Entry(result, task_id))
    return encode_catalogue(entries, form), len(results) - len(entries)


def archive(products: Mapping[str, str], output: str) -> str:
    """Write the archive of a task, and return its file name.

    Parameters
    ----------
    products
        Path of each product by file name; `result.json` is one of them.
    output
        Path of the archive.

    Raises
    ------
    TransientError
        If a product was cleaned meanwhile, or the archive cannot be written.
    """
    from eclgrmd.products.archive import archive_name, make_archive

    result = _write(products, output, make_archive, "archive")
    return archive_name(result)


def report(products: Mapping[str, str], output: str) -> str:
    """Write the report of a task, and return its file name; see `archive`."""
    from eclgrmd.products.archive import archive_name
    from eclgrmd.products.report import make_report

    result = _write(products, output, make_report, "report")
    return Path(archive_name(result)).with_suffix(".html").name


def _write(
    products: Mapping[str, str],
    output: str,
    make: Callable[[Result, Mapping[str, bytes]], bytes],
    what: str,
) -> Result:
    """Write what is made of the products of a task, and return its result."""
    from eclgrmd.model.result.reading import read_result

    try:
        files = {name: Path(path).read_bytes() for name, path in products.items()}
        result = read_result(files["result.json"], what="result.json")
        Path(output).write_bytes(make(result, files))
    except OSError as error:
        raise TransientError(f"the {what} cannot be made: {error}") from error
    return result


def circular_beside(result: str, text: str) -> bytes:
    """Return a circular beside a result, as JSON.

    Parameters
    ----------
    result
        Path of `result.json`.
    text
        The circular.
    """
    from eclgrmd.formats.circulars import read_circular
    from eclgrmd.model.circular import compare_circular
    from eclgrmd.model.result.reading import read_result

    ours = read_result(Path(result).read_bytes(), what="result.json")
    return msgspec.json.encode(compare_circular(read_circular(text), ours))


def picture(kind: PictureKind, steps: str, query: bytes, form: PictureForm) -> bytes:
    """Return data for a picture of a task, encoded (see `pipeline.pictures`)."""
    from eclgrmd.pipeline.pictures import encoded_picture

    return encoded_picture(kind, steps, query, form)


def quick_picture(
    kind: PictureKind, replay: PacketReplay, query: bytes, form: PictureForm
) -> bytes:
    """Return data for a picture of a quick look (see `pipeline.quicklook.pictures`)."""
    from eclgrmd.pipeline.quicklook.pictures import encoded_quick_picture

    return encoded_quick_picture(kind, replay, query, form)


def thumbnail(steps: str, burst_id: str, form: ThumbnailForm) -> bytes:
    """Return the thumbnail of a task, from the outcomes of its steps."""
    from eclgrmd.pipeline.pictures import measured_task
    from eclgrmd.products.pictures.thumbnails import encode_thumbnail

    return encode_thumbnail(burst_id, measured_task(steps), form)


def quick_thumbnail(replay: PacketReplay, form: ThumbnailForm) -> bytes:
    """Return the thumbnail of a quick look."""
    from eclgrmd.pipeline.quicklook.pictures import measured_packets
    from eclgrmd.products.pictures.thumbnails import encode_thumbnail

    return encode_thumbnail(replay.update.burst_id, measured_packets(replay), form)


def warm_up_pictures() -> None:
    """Import the numerics of pictures, so that the first one is not delayed by that."""
    import eclgrmd.pipeline.pictures
    import eclgrmd.pipeline.quicklook.pictures  # noqa: F401 - imported for its side effect


def preview(steps: str, wanted: bytes) -> bytes:
    """Return what a re-run of a task would find (see `pipeline.preview`), as JSON.

    Parameters
    ----------
    steps
        Path of the outcomes of the task's steps.
    wanted
        Complete configuration of the re-run, as JSON.
    """
    from eclgrmd.pipeline.preview import session_of

    configuration = msgspec.json.decode(wanted, type=TaskConfiguration)
    return msgspec.json.encode(session_of(steps).find(configuration))


def warm_up_previews() -> None:
    """Import the numerics of previews."""
    import eclgrmd.pipeline.preview  # noqa: F401 - imported for its side effect
