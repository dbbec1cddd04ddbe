"""Handlers of bursts: their data, quick looks, and what people decide about them."""
