"""Calls about products."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from eclgrmd.model.catalogue import CatalogueFormat
from eclgrmd.model.names import path_part
from eclgrmd.model.rest import API
from eclgrmd.model.rest.products import Product, ProductPage
from eclgrmd.model.rest.queries import ProductQuery

from .calls import Calls
from .transfers import Progress, download, no_progress, save

__all__ = ["ProductCalls"]

_ROWS = 1000
"""Most results of a table that the daemon makes."""


class ProductCalls(Calls):
    """Calls about products."""

    async def products(self, query: ProductQuery) -> AsyncIterator[Product]:
        """Yield the products that a query asks for, in its order."""
        async for page in self.pages(ProductPage, f"{API}/products", query):
            for product in page.products:
                yield product

    async def download(
        self, task_id: str, name: str, path: str | Path, *, progress: Progress = no_progress
    ) -> Path:
        """Download a product and verify its checksum; an interrupted download is resumed.

        Parameters
        ----------
        task_id
            Task that produced it.
        name
            Name of the product. A figure is waited for.
        path
            New file, or an existing folder for it.
        progress
            Called with the number of bytes received and the size.

        Returns
        -------
        Path
            The file.
        """
        path = Path(path)
        path = path / name if await asyncio.to_thread(path.is_dir) else path
        where = f"{API}/products/{path_part(task_id)}/{path_part(name)}"
        await download(self.connection, where, path, progress)
        return path

    async def archive(self, task_id: str, path: str | Path) -> Path:
        """Download all products of a task in one ZIP archive, with its figures."""
        path = Path(path)
        await save(self.connection, f"{API}/task/{path_part(task_id)}/archive", path)
        return path

    async def report(self, task_id: str, path: str | Path) -> Path:
        """Download the report of a task: one HTML file that works offline."""
        path = Path(path)
        await save(self.connection, f"{API}/task/{path_part(task_id)}/report", path)
        return path

    async def catalogue(
        self,
        path: str | Path,
        kind: CatalogueFormat = CatalogueFormat.VOTABLE,
        *,
        burst_id: str = "",
        after: str = "",
    ) -> str:
        """Download a table of at most 1,000 results, one row for each.

        Parameters
        ----------
        path
            New file.
        kind
            Format of the table.
        burst_id
            Only results of this burst; empty: of all.
        after
            Task after which the table begins; empty: it is the first one.

        Returns
        -------
        str
            Task after which the next table begins; empty: this is the last one.
        """
        query = {"format": kind.value, "limit": _ROWS, "burst_id": burst_id, "after": after}
        asked = urlencode({key: value for key, value in query.items() if value})
        headers = await save(self.connection, f"{API}/catalogue?{asked}", Path(path))
        following = headers.get("Link", "").partition("<")[2].partition(">")[0]
        return parse_qs(urlsplit(following).query).get("after", [""])[0]
