"""Connections, transactions and the schema: how SQL reaches the server."""
