"""The TTS: stands for the mission around eclgrmd.

It serves data files as a mission database would (`catalogue`, `service`), sends data notifications
and tasks by NATS or REST (`doors`), listens to `activity.eclgrm` (`watch`), fetches every product
by its announced link (`collect`), and does all of that in order for a test sequence (`sequence`),
launched by HTTP or from the command line.
"""
