"""Received data and outgoing announcements: bursts, files, notifications, faults, outbox."""
