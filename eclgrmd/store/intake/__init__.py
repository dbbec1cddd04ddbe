"""What was received and what is announced of it: bursts, files, notifications, faults, outbox."""
