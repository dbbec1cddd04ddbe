"""Readers of one kind of table each."""
