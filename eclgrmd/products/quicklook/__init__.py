"""Products of the quick look (level Q2, stream VHF) and drafts for the burst advocate.

Names, as cards: `QHR_GRM` (quick hardness ratio) and `CRCLASS` (class) are the mission's. Our own
follow its form Q<WHAT>_<INS>: `QLC_<INS>` (light curves), `QDUR_<INS>` (durations, significance
and peak rates), `QHR_<INS>` of other instruments, `QSP_<INS>` (coarse spectrum). Each is unique by
[OBS_ID, BURST_ID]; PROC_VER counts the sets. The drafts are never sent by the daemon: a person
sends them.
"""

from .make import make_products

__all__ = ["make_products"]
