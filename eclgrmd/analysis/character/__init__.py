"""What a light curve tells of a burst beside its duration."""

from .describe import describe

__all__ = ["describe"]
