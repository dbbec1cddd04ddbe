"""Checks that the products of a task are complete and that other programs can read them."""

import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
from astropy.io import fits
from PIL import Image

from eclgrmd.model.flags import FlagCode, has_flag
from eclgrmd.model.result import Result, reading
from eclgrmd.model.task import TaskType
from testbench.tts.collect import CollectedProduct
from testbench.tts.sequence import TaskRecord

__all__ = ["read_result", "wrong_products"]

_KINDS = {
    TaskType.TEMPORAL: ("light_curve",),
    TaskType.SPECTRAL: ("spectrum",),
    TaskType.BURST: ("light_curve", "spectrum"),
}
_PRIMARY = {"ORIGIN", "TELESCOP", "INSTRUME", "CREATOR", "DATE", "TIMESYS", "MJDREFI", "MJDREFF"}


def read_result(record: TaskRecord) -> Result | None:
    """Return the `result.json` of a task, or None if it has none."""
    path = next((p.path for p in record.products if p.kind == "result" and p.path), None)
    if path is None:
        return None
    return reading.read_result(Path(path).read_bytes(), what=path)


def wrong_products(record: TaskRecord, schema: dict[str, Any]) -> list[str]:
    """List everything that is wrong with the products of a completed task (empty: nothing)."""
    where = f"{record.task_id}: "
    found = [f"{where}{p.name}: {p.problem}" for p in record.products if p.problem]
    missing = _expected(record) - Counter(p.kind for p in record.products)
    if missing:
        found.append(f"{where}no {', '.join(sorted(missing))} among the products")
    for product in record.products:
        if product.path:
            wrong = _unreadable(product, schema)
            found += [f"{where}{product.name}: {wrong}"] if wrong else []
    return found


def _expected(record: TaskRecord) -> Counter[str]:
    """Count the products that there must be: a figure for each light curve and each spectrum.

    There is no spectrum where no burst was found.
    """
    kinds = _KINDS[record.analysis]
    result = read_result(record)
    unfound = result is not None and has_flag(result.flags, FlagCode.NO_INTERVAL)
    if result is not None and not result.spectra and unfound:
        kinds = tuple(kind for kind in kinds if kind != "spectrum")
    return Counter({"result": 1, "log": 1, "figure": len(kinds), **dict.fromkeys(kinds, 1)})


def _unreadable(product: CollectedProduct, schema: dict[str, Any]) -> str:
    path = Path(product.path)
    try:
        match product.media_type:
            case "application/fits":
                _read_fits(path)
            case "image/png":
                with Image.open(path) as image:
                    image.load()
            case "application/json":
                content = msgspec.json.decode(path.read_bytes())
                if product.kind == "result":
                    jsonschema.validate(content, schema)
            case "application/vnd.msgpack":
                msgspec.msgpack.decode(path.read_bytes())
            case _:
                if not path.read_text(encoding="utf-8"):
                    return "empty"
    except jsonschema.ValidationError as error:
        return f"not as its schema says, at {error.json_path}: {error.message}"
    except (OSError, ValueError, Warning, fits.VerifyError, msgspec.DecodeError) as error:
        return f"not readable: {type(error).__name__} {error}"
    return ""


def _read_fits(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # other programs refuse what astropy repairs with a warning
        with fits.open(path, memmap=False) as units:
            _check_units(units)


def _check_units(units: fits.HDUList) -> None:
    units.verify("exception")
    missing = _PRIMARY - set(units[0].header)
    if missing:
        raise ValueError(f"primary header without {', '.join(sorted(missing))}")
    tables = [unit for unit in units[1:] if isinstance(unit, fits.BinTableHDU)]
    if not tables:
        raise ValueError("no table")
    for table in tables:
        rows = table.data
        if not re.fullmatch(r"[A-Z0-9_ -]+", table.name) or len(rows) == 0:
            raise ValueError(f"extension {table.name!r} has {len(rows)} rows")
