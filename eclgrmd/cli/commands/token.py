"""`eclgrmd token`: makes, lists and revokes the tokens of clients."""

import asyncio
import os
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eclgrmd.cli.options import json_option, settings_option
from eclgrmd.errors import InputError
from eclgrmd.model.access import Role
from eclgrmd.model.decode import convert_value

if TYPE_CHECKING:
    from eclgrmd.settings.daemon import Settings

__all__ = ["command"]

_ROLES = click.Choice([role.value for role in Role if role is not Role.ANYONE])
_TIME = re.compile(r"(\d{1,5})([hd])")
_HEADINGS = ("id", "role", "name", "made", "by", "valid until", "last used", "state")


@click.group
def command() -> None:
    """Make, list and revoke tokens, directly in the daemon's database.

    Run this as the daemon's user. A daemon may run; it knows of a change within 2 seconds.
    """


@command.command
@click.option("--role", type=_ROLES, required=True, help="What the owner may do.")
@click.option("--name", required=True, metavar="TEXT", help="Whose token it is, or what for.")
@click.option(
    "--expires",
    default="90d",
    show_default=True,
    metavar="TIME",
    help="How long it is valid: days (90d), hours (12h), or `never`.",
)
@settings_option
def create(role: str, name: str, expires: str, settings: Path | None) -> int:
    """Make a token and print it; it is shown only this once.

    A reader may see everything; a scientist may also bring data and submit, repeat and cancel
    tasks; an operator may also make tokens, read the audit, and bring or retract notices.
    """
    from eclgrmd.daemon.tokens import make_token
    from eclgrmd.model.rest.tokens import TOKEN_NAME

    convert_value(name, TOKEN_NAME, what="--name")
    lifetime = _lifetime(expires)
    made = asyncio.run(
        make_token(_settings(settings), name=name, role=Role(role), lifetime=lifetime)
    )
    sys.stdout.write(f"{made}\n")
    return 0


@command.command("list")
@json_option
@settings_option
def list_all(settings: Path | None, *, as_json: bool) -> int:
    """List all tokens, without their secrets."""
    from eclgrmd.cli.control.shown import moment, show_json, show_table
    from eclgrmd.clock import utc_now
    from eclgrmd.daemon.tokens import list_tokens

    found, now = asyncio.run(list_tokens(_settings(settings))), utc_now()
    if as_json:
        show_json(found)
        return 0
    rows = []
    for each in found:
        expired = each.expires_at is not None and each.expires_at <= now
        state = "revoked" if each.revoked_at else "expired" if expired else "valid"
        until = moment(each.expires_at) or "for ever"
        made, used = moment(each.created_at), moment(each.used_at) or "never"
        rows.append((each.id, each.role, each.name, made, each.created_by, until, used, state))
    show_table(_HEADINGS, rows)
    return 0


@command.command("revoke")
@click.argument("token_id", metavar="ID")
@settings_option
def revoke_one(token_id: str, settings: Path | None) -> int:
    """Revoke the token of this id, and the sessions of web pages that it opened."""
    from eclgrmd.daemon.tokens import revoke

    revoked = asyncio.run(revoke(_settings(settings), token_id))
    sys.stdout.write(f"{token_id} ({revoked.name}) is revoked\n")
    return 0


def _settings(path: Path | None) -> "Settings":
    from eclgrmd.settings.load import load_settings

    return load_settings(path, os.environ)


def _lifetime(text: str) -> timedelta | None:
    if text == "never":
        return None
    found = _TIME.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise InputError(f"--expires {text}: must be days (90d), hours (12h), or `never`")
    number = int(found[1])
    return timedelta(days=number) if found[2] == "d" else timedelta(hours=number)
