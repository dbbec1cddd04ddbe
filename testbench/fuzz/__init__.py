"""Parsers must return or raise InputError, whatever bytes they are given."""
