"""Fuzzes parsers: whatever the bytes, they must return or raise InputError."""
