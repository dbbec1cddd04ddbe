"""`eclgrmd asyncapi`: prints the AsyncAPI document of all messages."""

import sys

import click

__all__ = ["command"]


@click.command
def command() -> int:
    """Print the AsyncAPI document of all messages."""
    from eclgrmd.model.messages.asyncapi import encode_asyncapi

    sys.stdout.write(encode_asyncapi().decode())
    return 0
