"""The results of chunks as Parquet files, and the one data set of a campaign."""

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.errors import InputError, PermanentError
from eclgrmd.model.catalogue import CatalogueFormat
from eclgrmd.model.result import Input, Result, StepRecord
from eclgrmd.products.catalogue import (
    COLUMNS,
    Entry,
    Value,
    encode_parquet,
    encode_values,
    values_of,
)

__all__ = [
    "DATA_SET",
    "Provenance",
    "encode_part",
    "export",
    "joined",
    "merge",
    "part_path",
    "write_part",
]

DATA_SET = "catalogue.parquet"
"""Name of the data set in the folder of a campaign."""
_CONFIGURATION, _PROVENANCE = "campaign_configuration", "provenance"


class Provenance(Struct, frozen=True):
    """What a result depends on, in the column `provenance` as JSON."""

    inputs: tuple[Input, ...]
    """Files."""
    calibration: tuple[Input, ...]
    """Those of the files that are responses or ancillary responses, and were used."""
    configuration_sha256: str
    """Checksum of the configuration."""
    steps: tuple[StepRecord, ...]
    """Steps, with the keys of what they depend on and the checksums of their outcomes."""
    software: dict[str, str]
    """Versions."""
    processor: str
    """Processor."""


def encode_part(results: Sequence[Result], campaign_id: str, configuration: str) -> bytes:
    """Return the rows of some results, in the columns of the catalogue, with their provenance."""
    entries = [Entry(result, f"{campaign_id}/{configuration}") for result in results]
    more = {
        _CONFIGURATION: [configuration for _ in results],
        _PROVENANCE: [_provenance(result) for result in results],
    }
    return encode_parquet(values_of(entries), more)


def _provenance(result: Result) -> str:
    process = result.process
    found = Provenance(
        inputs=result.inputs,
        calibration=process.calibration,
        configuration_sha256=process.configuration_sha256,
        steps=process.steps,
        software=result.software,
        processor=process.processor,
    )
    return msgspec.json.encode(found).decode()


def part_path(folder: Path, number: int, key: str) -> Path:
    """Return the path of the results of a chunk."""
    return folder / "parts" / f"{number:07d}-{key[:16]}.parquet"


def write_part(path: Path, content: bytes) -> str:
    """Write the results of a chunk, whole or not at all, and return the checksum."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.new")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return hashlib.sha256(content).hexdigest()


def joined(contents: Sequence[bytes]) -> bytes:
    """Return the rows of several parts as one part."""
    from pyarrow import concat_tables, parquet  # noqa: PLC0415 - an optional extra

    buffer = io.BytesIO()
    tables = [parquet.read_table(io.BytesIO(each)) for each in contents]
    parquet.write_table(concat_tables(tables), buffer)
    return buffer.getvalue()


def merge(parts: Sequence[tuple[Path, str]], output: Path) -> int:
    """Write all rows into one data set, part by part, and return their number.

    Parameters
    ----------
    parts
        Path and checksum of each part, in the order of the rows.
    output
        File to write.

    Raises
    ------
    PermanentError
        If a part is missing or was changed: restart the campaign with the parts removed.
    """
    from pyarrow import parquet  # noqa: PLC0415 - an optional extra

    unfinished = output.with_suffix(f".{os.getpid()}.new")
    rows, writer = 0, None
    try:
        for table in _tables(parts):
            if writer is None:
                writer = parquet.ParquetWriter(unfinished, table.schema, compression="zstd")
            writer.write_table(table)
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise InputError("no burst of the campaign has a result yet")
    unfinished.replace(output)
    return rows


def _tables(parts: Sequence[tuple[Path, str]]) -> Iterator[Any]:
    from pyarrow import parquet  # noqa: PLC0415 - an optional extra

    for path, sha256 in parts:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise PermanentError(f"{path}: {error.strerror}: a part of the results") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise PermanentError(f"{path}: changed since it was computed: remove it and restart")
        yield parquet.read_table(io.BytesIO(content))


def export(data_set: Path, form: CatalogueFormat) -> bytes:
    """Return a data set in another format of the catalogue, without the column of provenance."""
    from pyarrow import parquet  # noqa: PLC0415 - an optional extra

    table = parquet.read_table(data_set, columns=[column.name for column in COLUMNS])
    values: list[list[Value]] = []
    for column in COLUMNS:
        found = table[column.name].to_pylist()
        values.append([each or None for each in found] if column.kind == "text" else found)
    return encode_values(values, form)
