"""Primary FITS keywords of products: mission, instrument and provenance."""

from dataclasses import dataclass, replace

from eclgrmd import __version__
from eclgrmd.formats import Provenance
from eclgrmd.formats.fits.provenance import TELESCOPES
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineRequest

from .environment import environment_of

__all__ = ["FileKeywords", "file_keywords_of"]


@dataclass(frozen=True, slots=True)
class FileKeywords:
    """The primary keywords of the files of one set of products."""

    common: Provenance
    """Keywords of all files; card, instrument and telescope are those of each file (`of`)."""

    def of(self, instrument: str, name: str, mission: str = "") -> Provenance:
        """Return the primary keywords of a file.

        Parameters
        ----------
        instrument
            Instrument of the data.
        name
            File name; without the suffix it is the value of CARD.
        mission
            Mission named in the files of an unknown instrument; empty for known ones.
        """
        known = instrument in set(Instrument)
        telescope = TELESCOPES[Instrument(instrument)] if known else self.common.telescope
        return replace(
            self.common,
            card=name.rpartition(".")[0],
            instrument=instrument,
            telescope=mission or telescope,
        )


def file_keywords_of(observation: Observation, request: PipelineRequest) -> FileKeywords:
    """Return the primary keywords of the products of a task."""
    return FileKeywords(
        Provenance(
            burst_id=observation.burst_id,
            card="",
            instrument="",
            date_utc=request.created_utc,
            t0_met_s=observation.t0_met_s,
            t0_utc=observation.t0_utc,
            creator=f"ECLGRM-{request.dstream.upper()}",
            dstream=request.dstream,
            program=request.program,
            obs_id=request.obs_id,
            proc_ver=request.proc_ver,
            pip_ver=__version__,
            history=environment_of(request),
        )
    )
