"""Arguments that several commands on DC-0 share."""

import argparse

from .bursts import burst_named

__all__ = ["DEFAULT_SEED", "burst_argument"]

DEFAULT_SEED = 20170101
"""Seed of DC-0 where the command line gives none."""


def burst_argument(text: str) -> str:
    """Return the name of the burst of DC-0 that an argument selects.

    Raises
    ------
    argparse.ArgumentTypeError
        If there is none; the message lists all names.
    """
    try:
        return burst_named(text).name
    except KeyError as error:
        raise argparse.ArgumentTypeError(str(error.args[0])) from error
