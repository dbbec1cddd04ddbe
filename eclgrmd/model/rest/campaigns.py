"""Campaigns as REST shows them."""

from msgspec import Struct

from eclgrmd.model.campaign import ItemFailure, Progress

__all__ = ["CampaignList", "CampaignView"]


class CampaignList(Struct, frozen=True, kw_only=True):
    """The campaigns whose ledger is in the daemon's database."""

    campaigns: list[Progress]
    """How far each of them has come, newest first."""


class CampaignView(Progress, frozen=True, kw_only=True):
    """How far a campaign has come, and what failed in it."""

    folder: str
    """Folder of the results, on the machine of the program that computes it."""
    configurations: list[str]
    """Names of the configurations."""
    left_out: int
    """Failures beyond those that are listed."""
    failed_items: list[ItemFailure]
    """The first thousand bursts without a result, by kind."""
