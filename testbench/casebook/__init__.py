"""Small inputs with known answers, each run through the real program and judged."""
