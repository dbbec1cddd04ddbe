"""Publishes the announcements of the outbox and the service's status on NATS.

`founding` and `version1` encode a fact in the two forms of messages, `envelope` adds the sender and
complete links, `publisher` publishes each form, and `relay` drives it and retries.
"""
