"""DC-0: bursts with a known truth, as the mission's files or as values of the model.

Everything comes from a seed. A time-integrated photon spectrum (`physics.spectra`) comes in pulses
whose width depends on energy (`physics.pulses`), passes the response of each detector
(`physics.responses`) and is added to its background (`physics.backgrounds`). Photons are then drawn
(`physics.photons`), damaged on request (`traps`) and written (`files`). `truth` holds what an ideal
analysis would measure. Nothing here uses `eclgrmd.analysis`, so that it can judge it.
"""
