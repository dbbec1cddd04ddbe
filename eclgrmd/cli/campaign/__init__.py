"""What the command `eclgrmd campaign` does beside parsing its arguments."""
