"""DC-0: bursts with a known truth, as the mission's files or as values of the model.

Everything comes from a seed. The way from truth to counts: a time-integrated photon spectrum
(`spectra`) arrives with the shape of energy-dependent pulses (`pulses`), passes the response of
each detector (`responses`) and joins its background (`backgrounds`); photons are then drawn
(`events`), spoilt on request (`traps`) and written (`files`). `truth` says what an ideal analysis
would measure. Nothing here uses eclgrmd.analysis, so it can judge it.
"""
