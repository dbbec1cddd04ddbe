"""Reading of notices (VOEvent)."""
