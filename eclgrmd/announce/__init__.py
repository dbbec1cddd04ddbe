"""What happened goes out on NATS: the outbox, and the service's own status."""
