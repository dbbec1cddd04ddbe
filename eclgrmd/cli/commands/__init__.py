"""The commands of `eclgrmd`, one module each."""
