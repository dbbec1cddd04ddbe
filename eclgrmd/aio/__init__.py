"""Helpers for asyncio: polling stages, limits on waiting, pauses and cancellation."""
