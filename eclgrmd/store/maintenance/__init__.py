"""Backups, counts for metrics, and the selection of old files and rows for removal."""
