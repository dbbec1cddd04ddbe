"""What the worker processes of the daemon may reach, by what they do."""

import os
from pathlib import Path

from eclgrmd.caches import kernels_beside_code
from eclgrmd.compute import Sandbox
from eclgrmd.settings.daemon import Settings

__all__ = ["Sandboxes"]


class Sandboxes:
    """The sandboxes of the pools; all are None if the settings switch them off.

    Every method blocks: call it in a thread.
    """

    def __init__(self, settings: Settings) -> None:
        self._on = settings.compute.sandbox == "on"
        files = settings.files_dir
        self._products = str(files / "products")
        self._shared = _caches()
        self.analysis = self._of((str(files),), (self._products,))
        """Analyses and figures: data and earlier products are read, products written. Each call is
        narrowed to the files of its task."""
        received = (str(files / "data"), self._products)
        self.reading = self._of(received, (str(files / "incoming"),))
        """Inspections and exports: archives are written to the folder of incoming files. The key
        over stored steps, which lies beside these folders, is out of reach."""

    def quick_look(self, settings: Settings) -> Sandbox | None:
        """Return the sandbox of the quick look: calibration files are read, products written."""
        return self._of(_calibration(settings), (self._products,))

    def pictures(self, settings: Settings) -> Sandbox | None:
        """Return the sandbox of pictures: products and calibration files are read."""
        return self._of((self._products, *_calibration(settings)))

    def preview(self, steps: str) -> Sandbox | None:
        """Return the sandbox of the previews of one result: its products are read."""
        return self._of((str(Path(steps).parent),))

    def _of(self, read: tuple[str, ...], write: tuple[str, ...] = ()) -> Sandbox | None:
        return Sandbox(read, write, self._shared) if self._on else None


def _calibration(settings: Settings) -> tuple[str, ...]:
    """Return the folder of calibration files, and the files elsewhere to which links in it lead."""
    if not settings.vhf.calibration_dir:
        return ()
    folder = Path(settings.vhf.calibration_dir)
    try:
        links = [str(path.resolve()) for path in sorted(folder.iterdir()) if path.is_symlink()]
    except OSError:  # the quick look reports that it cannot be read
        links = []
    return (str(folder), *links)


def _caches() -> tuple[str, ...]:
    """Return the folders for kernels and fonts that workers have beside `compute.cache_dir`."""
    beside, fonts = kernels_beside_code(), os.environ.get("MPLCONFIGDIR")
    found = [beside, Path(fonts) if fonts else None]
    for folder in filter(None, found):
        folder.mkdir(parents=True, exist_ok=True)
    return tuple(str(folder) for folder in found if folder is not None)
