"""Committed files that are generated from the sources: schemas and configuration."""
