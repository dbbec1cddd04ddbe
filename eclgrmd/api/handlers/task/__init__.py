"""Handlers of tasks: their results, products and pictures."""
