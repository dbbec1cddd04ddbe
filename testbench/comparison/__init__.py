"""Real bursts: what `eclgrmd analyze` finds beside what others published."""
