"""Options by which a command finds its daemon, and completion of the ids that the daemon knows."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from eclgrmd.cli.token import token_option
from eclgrmd.errors import EclgrmdError
from eclgrmd.model.rest.queries import ProductQuery

from .profiles import profile_names, server

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = [
    "burst_argument",
    "complete_bursts",
    "complete_products",
    "complete_tasks",
    "connected",
    "task_argument",
]

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_RETRY_S = 30.0
"""Time for which a call is repeated while the daemon responds with 429 or 503, seconds."""
_MOST_LOOKED_AT = 500
"""Bursts or tasks that a completion looks at."""


def connected(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that name a daemon to a command, and pass it a client of this daemon."""

    @click.option(
        "--profile",
        metavar="NAME",
        shell_complete=_complete_profiles,
        help="Server to work with, from ~/.config/eclgrmctl.toml (or ECLGRMCTL_PROFILE).",
    )
    @click.option(
        "--url",
        metavar="URL",
        help="REST address of the daemon (or ECLGRMCTL_URL).  [default: the local one]",
    )
    @token_option
    @wraps(function)
    def command(
        *args: Any, url: str | None, profile: str | None, token_file: Path | None, **options: Any
    ) -> int:
        with _client(url, profile, token_file) as client:
            return function(client, *args, **options)

    return command


def _client(
    url: str | None, profile: str | None, token_file: Path | None, retry_s: float = _RETRY_S
) -> "Client":
    from eclgrmd.client import Client  # after the arguments were checked: it takes time

    found = server(url, profile, token_file)
    return Client(found.url, token=found.token, retry_s=retry_s)


def _completing(ids: Callable[["Client", click.Context], Iterable[str]]) -> Complete:
    """Return a completion by ids that a daemon knows; no daemon, no completion."""

    def complete(
        context: click.Context, _parameter: click.Parameter, begun: str
    ) -> list[CompletionItem]:
        named = context.params
        try:
            with _client(
                named.get("url"), named.get("profile"), named.get("token_file"), retry_s=0.0
            ) as client:
                found = [each for each in ids(client, context) if each.startswith(begun)]
        except EclgrmdError:
            return []
        return [CompletionItem(each) for each in found]

    return complete


def _bursts(client: "Client", _context: click.Context) -> Iterator[str]:
    return (burst.id for burst in islice(client.bursts(), _MOST_LOOKED_AT))


def _tasks(client: "Client", _context: click.Context) -> Iterator[str]:
    return (task.id for task in islice(client.tasks(), _MOST_LOOKED_AT))


def _products(client: "Client", context: click.Context) -> Iterator[str]:
    return (
        product.name for product in client.products(ProductQuery(task_id=context.params["task"]))
    )


def _complete_profiles(
    _context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    try:
        return [CompletionItem(name) for name in profile_names() if name.startswith(begun)]
    except EclgrmdError:
        return []


complete_bursts = _completing(_bursts)
complete_tasks = _completing(_tasks)
complete_products = _completing(_products)


def burst_argument(function: Any) -> Any:
    """Add the argument that names a burst."""
    return click.argument("burst", metavar="BURST", shell_complete=complete_bursts)(function)


def task_argument(function: Any) -> Any:
    """Add the argument that names a task."""
    return click.argument("task", metavar="TASK", shell_complete=complete_tasks)(function)
