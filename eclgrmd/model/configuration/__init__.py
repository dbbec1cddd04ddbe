"""The configuration of a task: its keys, its layers, and the analysis steps that use each key."""
