"""Where in a light curve the burst is."""
