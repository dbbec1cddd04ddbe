"""Primary FITS keywords of products: mission, instrument and provenance."""

from eclgrmd import __version__
from eclgrmd.formats import Provenance
from eclgrmd.formats.fits.provenance import TELESCOPES
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineRequest

from .environment import environment_of

__all__ = ["Origin"]


class Origin:
    """Makes the primary keywords of the files of one request.

    Parameters
    ----------
    observation
        Burst, reference time and data.
    request
        The task.
    """

    def __init__(self, observation: Observation, request: PipelineRequest) -> None:
        self._observation = observation
        self._request = request
        self._environment = environment_of(request)

    def of(self, instrument: Instrument, name: str, mission: str = "") -> Provenance:
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
        request, observation = self._request, self._observation
        return Provenance(
            burst_id=observation.burst_id,
            card=name.rpartition(".")[0],
            instrument=instrument,
            date_utc=request.created_utc,
            t0_met_s=observation.t0_met_s,
            t0_utc=observation.t0_utc,
            creator=f"ECLGRM-{request.dstream.upper()}",
            dstream=request.dstream,
            program=request.program,
            telescope=mission or TELESCOPES[instrument],
            obs_id=request.obs_id,
            proc_ver=request.proc_ver,
            pip_ver=__version__,
            history=self._environment,
        )
