"""What surrounds every handler: connections, draining, measuring, and problem documents."""
