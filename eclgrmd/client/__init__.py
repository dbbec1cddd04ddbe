"""A client of a running daemon: asynchronous (`AsyncClient`) and synchronous (`Client`).

>>> from eclgrmd.client import Client
>>> with Client("http://127.0.0.1:8641") as client:  # doctest: +SKIP
...     for path in ("svom_grm_evt.fits", "grm_grd01.rsp"):
...         client.upload("sb26112201", path)
...     task = client.submit("sb26112201", ["svom_grm_evt.fits", "grm_grd01.rsp"])
...     task = client.wait(task.id)
...     print(task.summary)
...     client.download(task.id, "result.json", "result.json")

Both have the same calls with the same arguments; they are described once, in `AsyncClient`. Answers
are the structs by which the daemon describes its interface (`eclgrmd.model.rest`).
"""

from eclgrmd.model.rest.queries import BurstQuery, ProductQuery, TaskQuery

from .asynchronous import AsyncClient
from .errors import RefusedError, UnavailableError
from .synchronous import Client

__all__ = [
    "AsyncClient",
    "BurstQuery",
    "Client",
    "ProductQuery",
    "RefusedError",
    "TaskQuery",
    "UnavailableError",
]
