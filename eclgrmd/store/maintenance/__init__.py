"""What keeps the service fit: backups, counts, and what may be cleaned."""
