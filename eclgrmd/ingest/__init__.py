"""Intake of messages and files: decode, store, and only then acknowledge."""
