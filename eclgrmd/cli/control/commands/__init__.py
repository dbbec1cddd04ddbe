"""The commands of `eclgrmctl`, one module each."""
