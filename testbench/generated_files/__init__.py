"""Committed files that are made of the sources: schemas and the documented configuration."""
