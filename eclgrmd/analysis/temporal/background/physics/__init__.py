"""Known causes of a varying background, as functions of time: the Earth and its magnetic field."""
