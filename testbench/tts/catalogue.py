"""What the TTS can send: data files by burst, and prepared tasks."""

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from eclgrmd.model.messages.incoming import FileLink, TaskRequest

__all__ = ["Catalogue", "CatalogueBurst", "CatalogueFile", "describe_file", "read_catalogue"]

_NAME = "catalogue.json"


class CatalogueFile(Struct, frozen=True):
    """A data file on the TTS's shelf."""

    name: str
    path: str
    """Relative to the catalogue's folder."""
    size: int
    """Bytes."""
    sha256: str


class CatalogueBurst(Struct, frozen=True):
    """The files of a burst, and what is to be computed from them."""

    burst_id: str
    files: tuple[CatalogueFile, ...]
    tasks: tuple[TaskRequest, ...]

    def links(self, base_url: str) -> tuple[FileLink, ...]:
        """Give the files as a data notification names them."""
        return tuple(
            FileLink(
                name=file.name,
                url=f"{base_url}/data/{self.burst_id}/{file.name}",
                size=file.size,
                sha256=file.sha256,
            )
            for file in self.files
        )


class Catalogue(Struct, frozen=True):
    """All bursts of a data set."""

    folder: str
    bursts: tuple[CatalogueBurst, ...]

    def burst(self, burst_id: str) -> CatalogueBurst | None:
        """Find a burst by its name."""
        return next((b for b in self.bursts if b.burst_id == burst_id), None)

    def path(self, file: CatalogueFile) -> Path:
        """Where a file lies."""
        return Path(self.folder) / file.path

    def write(self) -> Path:
        """Write the catalogue into its folder, for `read_catalogue`."""
        path = Path(self.folder) / _NAME
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self.bursts)))
        return path


def read_catalogue(folder: Path) -> Catalogue:
    """Read the catalogue of a folder.

    Raises
    ------
    FileNotFoundError
        When there is none.
    """
    payload = (folder / _NAME).read_bytes()
    bursts = msgspec.json.decode(payload, type=tuple[CatalogueBurst, ...])
    return Catalogue(folder=str(folder), bursts=bursts)


def describe_file(path: Path, folder: Path) -> CatalogueFile:
    """Measure a file for the catalogue of a folder."""
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return CatalogueFile(
        name=path.name,
        path=str(path.relative_to(folder)),
        size=path.stat().st_size,
        sha256=sha256,
    )
