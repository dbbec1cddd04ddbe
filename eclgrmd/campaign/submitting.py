"""The way of a campaign into the ledger."""

from collections.abc import Iterable, Iterator
from itertools import islice

from eclgrmd.errors import InputError
from eclgrmd.model.campaign import Campaign, Chunk, Item, Made, Software
from eclgrmd.store.campaigns.campaigns import add_campaign
from eclgrmd.store.campaigns.chunks import add_chunks
from eclgrmd.store.sql.database import Database

from .planning import chunks_of

__all__ = ["made_items", "submit"]

_BATCH = 50
"""Chunks that are written to the ledger at a time."""


async def submit(
    database: Database, wanted: Campaign, items: Iterable[Item], software: Software
) -> int:
    """Write a campaign into the ledger, whole or not at all, and return the number of its chunks.

    Raises
    ------
    InputError
        If there is a campaign of this name, or there are no bursts.
    """
    chunks = chunks_of(
        items,
        wanted.configurations,
        analysis=wanted.analysis,
        software=software,
        bursts=wanted.chunk_bursts,
    )
    number = 0
    async with database.transaction() as transaction:
        await add_campaign(transaction, wanted)
        for batch in _batches(chunks):
            await add_chunks(transaction, wanted.campaign_id, batch)
            number += len(batch)
        if not number:
            raise InputError(f"campaign {wanted.campaign_id}: no burst: name files or a simulation")
    return number


def made_items(function: str, source_sha256: str, seeds: Iterable[int]) -> Iterator[Item]:
    """Yield the bursts that a function makes from seeds."""
    for seed in seeds:
        yield Item(f"made{seed:08d}", made=Made(function, seed, source_sha256))


def _batches(chunks: Iterator[Chunk]) -> Iterator[list[Chunk]]:
    while batch := list(islice(chunks, _BATCH)):
        yield batch
