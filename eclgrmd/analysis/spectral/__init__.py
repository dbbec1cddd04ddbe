"""How photons were distributed in energy: models, folding, statistics, fits."""
