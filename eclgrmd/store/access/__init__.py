"""Tables of access: tokens of clients, and the audit of what they changed."""
