"""Publishes facts from the outbox, and the service's own status, on NATS.

`founding` and `version1` encode a fact in the two forms of the messages, `envelope` adds who speaks
and complete links, `relay` publishes.
"""
