"""The configuration of a task: its keys, their layers, and the steps that they change."""
