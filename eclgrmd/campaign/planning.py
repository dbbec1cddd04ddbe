"""Chunks of a campaign: pure functions of bursts, configurations and software."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from eclgrmd.model.campaign import CampaignConfiguration, Chunk, Item, Software
from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.task import TaskType

__all__ = ["chunks_of", "item_key"]

_MOST = 2
"""Largest chunk, in units of the average one."""


def item_key(item: Item) -> str:
    """Return the checksum of the inputs of a burst; where its files are does not matter."""
    files = [(file.name, file.sha256, file.kind, file.optional) for file in item.files]
    return canonical_sha256([item.burst_id, files, item.made])


def chunks_of(
    items: Iterable[Item],
    configurations: Sequence[CampaignConfiguration],
    *,
    analysis: TaskType,
    software: Software,
    bursts: int,
) -> Iterator[Chunk]:
    """Yield the chunks of a campaign; only one of them is in memory at a time.

    A chunk ends where the checksum of a burst says so, not after a fixed number of bursts. A burst
    that is new among those of an earlier campaign therefore changes one chunk only, and the others
    need not be computed again.

    Parameters
    ----------
    items
        Bursts, in an order that is the same at each call.
    configurations
        Configurations; each chunk is made once for each of them.
    analysis
        What is computed.
    software
        What computes it.
    bursts
        Bursts of a chunk, on average; at most twice as many.
    """
    common = [canonical_sha256([each.configuration, analysis, software]) for each in configurations]
    number = 0
    for group, keys in _groups(items, bursts):
        for index, sha256 in enumerate(common):
            joined = "".join([sha256, *keys]).encode()
            yield Chunk(number, index, hashlib.sha256(joined).hexdigest(), group)
            number += 1


def _groups(items: Iterable[Item], bursts: int) -> Iterator[tuple[tuple[Item, ...], list[str]]]:
    group: list[Item] = []
    keys: list[str] = []
    for item in items:
        key = item_key(item)
        group.append(item)
        keys.append(key)
        if int(key[:12], 16) % bursts == 0 or len(group) == _MOST * bursts:
            yield tuple(group), keys
            group, keys = [], []
    if group:
        yield tuple(group), keys
