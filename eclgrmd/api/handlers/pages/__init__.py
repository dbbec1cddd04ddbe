"""Handlers of what people read in a browser."""
