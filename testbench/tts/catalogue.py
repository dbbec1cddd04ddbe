"""The catalogue of the TTS: data files and prepared tasks by burst."""

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from eclgrmd.model.messages.incoming import FileLink, TaskRequest

__all__ = ["Catalogue", "CatalogueBurst", "CatalogueFile", "describe_file", "read_catalogue"]

_NAME = "catalogue.json"


class CatalogueFile(Struct, frozen=True):
    """A data file that the TTS can serve."""

    name: str
    """File name, as announced."""
    path: str
    """Path relative to the folder of the catalogue."""
    size: int
    """Size, bytes."""
    sha256: str
    """SHA-256 of the content, hexadecimal."""


class CatalogueBurst(Struct, frozen=True):
    """The files of a burst, and the tasks to send for them."""

    burst_id: str
    """Burst id."""
    files: tuple[CatalogueFile, ...]
    """Its data files."""
    tasks: tuple[TaskRequest, ...]
    """Prepared tasks on these files."""

    def links(self, base_url: str) -> tuple[FileLink, ...]:
        """Return the files as links of a data notification."""
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
    """Folder that the paths of files are relative to."""
    bursts: tuple[CatalogueBurst, ...]
    """All bursts."""

    def burst(self, burst_id: str) -> CatalogueBurst | None:
        """Return the burst with an id, or None."""
        return next((b for b in self.bursts if b.burst_id == burst_id), None)

    def path(self, file: CatalogueFile) -> Path:
        """Return the absolute path of a file."""
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
        If there is none.
    """
    payload = (folder / _NAME).read_bytes()
    bursts = msgspec.json.decode(payload, type=tuple[CatalogueBurst, ...])
    return Catalogue(folder=str(folder), bursts=bursts)


def describe_file(path: Path, folder: Path) -> CatalogueFile:
    """Return the catalogue entry of a file: name, path, size and checksum."""
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return CatalogueFile(
        name=path.name,
        path=str(path.relative_to(folder)),
        size=path.stat().st_size,
        sha256=sha256,
    )
