"""One module for each command of `eclgrmd`."""
