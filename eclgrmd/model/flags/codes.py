"""The codes of flags, each with the phrase of its sentence."""

from enum import StrEnum
from typing import Self

__all__ = ["LEFT_OUT", "TRUNCATED", "FlagCode"]


class FlagCode(StrEnum):
    """Meaning of a flag; each code comes with the phrase of its sentence.

    `{subject}` in a phrase stands for the detector, file, parameter or interval that the flag is
    about, `{detail}` for a cause or numbers. A subject that the phrase does not name goes before
    it, and a detail after it, with a colon.
    """

    phrase: str
    """Sentence of the flag, without capital letter and full stop."""

    def __new__(cls, value: str, phrase: str) -> Self:
        """Make a member of its value and its phrase."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.phrase = phrase
        return member

    # Files and their choice
    UNREADABLE = "unreadable", "left out"
    """A file or table that need not be there cannot be read; the detail says why."""
    OTHER_CONTENT = "other_content", "left out: {subject} {detail}"
    """A file holds something that no analysis uses."""
    SUPERSEDED = "superseded", "left out: {subject} is superseded by {detail}"
    """A file of a higher version (_vNN) is there too."""
    SAME_DATA = "same_data", "left out: {subject} has the same data as {detail}"
    """Two files hold the same events or bins."""
    SAME_COUNTS = "same_counts", "left out: {subject} has the same counts as {detail}"
    """Two files hold the same spectrum, of which the grouped one is used."""
    SAME_RESPONSE = (
        "same_response",
        "left out: {subject} is a response of the same detector and channels as {detail}",
    )
    """Two files hold responses for the same data."""
    NO_GOOD_EVENT = "no_good_event", "left out: {subject} has no good event{detail}"
    """No event of a detector lies in its good times and the window."""
    NO_EXPOSURE = "no_exposure", "left out: {subject} has no EXPOSURE"
    """A row of a table of spectra has no live time."""
    NOT_USED = "not_used", "left out: {subject}"
    """Data were read, but neither a duration nor a spectrum was made of them."""
    OVERLAPPING_FILES = "overlapping_files", "overlapping files: {detail} events left out"
    """Files of one detector share times; the events of those are used once."""
    RENAMED = "renamed", "detector {detail}, told apart from its namesake"
    """Detectors of two instruments have one name: the subject is the new name."""
    DETECTOR_MISSING = "detector_missing", "no data of {detail}, which the configuration names"
    """The configuration names a detector that no file has data of."""
    OTHER_SERIES = "other_series", "durations from {detail}"
    """Durations and spectra of a detector come from different files."""
    INCOMPLETE = "incomplete", "incomplete"
    """A task began before all files of the burst had come."""

    # Times
    T0_IS_START = "t0_is_start", "t0 is start of data"
    """No file tells a trigger time: t0 is the first time in the data."""
    T0_OUTSIDE = "t0_outside", "t0 lies outside the data, by {detail} s"
    """The data begin after t0, or end before it."""
    TRIGGER_UNUSABLE = "trigger_unusable", "{detail}, not used"
    """TRIGTIME of a file is no number."""
    TIMES_SORTED = "times_sorted", "times sorted"
    """The events of a file were not in order of time."""
    LIGHT_TRAVEL = "light_travel", "light travel between {detail} is not corrected"
    """Data of several missions are on one time scale, but the wave front passes each at its own
    time; the detail names the missions and the largest difference."""
    TIMES_UNKNOWN = "times_unknown", "times unknown"
    """A spectrum tells no start and stop: it is taken to begin at t0."""
    FRAMES = "frames", "times in frames of {detail} s"
    """Events carry the time of the frame that they were read out in."""

    # Events and bins
    NO_TIME = "no_time", "events without time left out"
    """Events have no time; the detail is their number."""
    NO_CHANNEL = "no_channel", "events without channel dropped"
    """Events have no channel; the detail is their number."""
    DOUBLED_EVENTS = "doubled_events", "doubled events left out"
    """Events come twice in a file; the detail is their number."""
    OUTSIDE_GOOD_TIMES = "outside_good_times", "events outside good times dropped"
    """Events lie outside the good times of their file, or of a file of good times."""
    NO_EVENT_IN_GOOD_TIMES = "no_event_in_good_times", "no event lies in the good times{detail}"
    """All events lie outside the good times."""
    UNKNOWN_GOOD_TIMES = "unknown_good_times", "good times without a number left out"
    """Rows of good times hold no number; the detail is how many."""
    UNDECLARED_GAP = "undeclared_gap", "undeclared gap"
    """A gap between events is too long to be chance, though the good times do not show it."""
    BAD_BINS = "bad_bins", "bad bins dropped"
    """Bins have no finite counts or no live time; the detail is their number."""
    BAD_CHANNELS = "bad_channels", "bad channels left out"
    """Channels of a history are of bad quality; the detail is their number."""
    DOUBLED_BINS = "doubled_bins", "doubled bins left out"
    """Bins come twice in a file; the detail is their number."""
    OVERLAPPING_BINS = "overlapping_bins", "overlapping bins left out"
    """Bins overlap bins before them; the detail is their number."""
    LONG_LIVE_TIME = "long_live_time", "live time longer than the bins"
    """Bins of a history have more live time than they are long."""

    # Counts
    NOT_WHOLE = "not_whole", "counts are not whole: taken as Poisson"
    """Counts of bins have fractions, and no errors are told."""
    COUNTS_ARE_RATES = "counts_are_rates", "COUNTS are in {detail}: taken as rates"
    """The unit of a column COUNTS is one of rates."""
    RATE_IS_COUNTS = "rate_is_counts", "RATE is in {detail}: taken as counts"
    """The unit of a column RATE is one of counts."""
    ERROR_USED = "error_used", "negative or net counts are not Poisson: ERROR is used"
    """POISSERR is true, but the counts of a light curve cannot be Poisson."""
    STAT_ERR_USED = "stat_err_used", "negative counts are no Poisson counts: STAT_ERR taken"
    """POISSERR is true, but the counts of a spectrum cannot be Poisson."""
    FRACTIONAL_COUNTS = "fractional_counts", "fractional counts taken as Poisson"
    """Counts of a spectrum have fractions, and no errors are told."""
    NET_AS_POISSON = "net_as_poisson", "net counts without errors taken as Poisson"
    """The background of a spectrum is subtracted, and no errors are told."""
    LIVETIME_USED = "livetime_used", "EXPOSURE is missing: LIVETIME taken"
    """A spectrum tells its live time as LIVETIME only."""
    CHANNELS_LEFT_OUT = "channels_left_out", "{detail}"
    """Channels of a spectrum are not fitted; the detail says how many, and why."""
    FLAT_CHANNELS = "flat_channels", "{detail} channels without width"
    """Channels begin and end at the same energy."""

    # Responses and backgrounds of spectra
    NO_RESPONSE = "no_response", "no response"
    """No response fits the data, which therefore give no spectral fit."""
    RESPONSE_FILE_MISSING = "response_file_missing", "{detail}"
    """RESPFILE names a file that is not there."""
    NAMED_FILE_MISSING = "named_file_missing", "{detail}"
    """BACKFILE or ANCRFILE names a file that is not there."""
    RESPONSE_SUM = "response_sum", "response is the sum of the {detail}"
    """A response file has several matrices, and no times of validity."""
    RESPONSE_BY_ORDER = "response_by_order", "spectrum {detail}: RESPFILE names none of them"
    """Spectra of a file take the matrices of a response file in their order."""
    CHANNELS_BY_NUMBER = "channels_by_number", "{detail}"
    """Spectrum and response have other numbers of channels, and are matched by channel number."""
    AREA_AS_IS = "area_as_is", "response taken with the area that it has"
    """The ancillary response is missing; the matrix seems to hold the effective area."""
    CHANNELS_OF_RESPONSE = "channels_of_response", "channels of response"
    """Events tell no energies of their channels: those of the response are used."""
    NO_BACKGROUND = "no_background", "no background"
    """A ready-made spectrum has no background spectrum."""

    # Choice of data for durations
    BAND_UNKNOWN = "band_unknown", "band unknown"
    """The energies of the channels that were counted are not known."""
    OTHER_BAND = "other_band", "band {detail} keV"
    """The channels that were counted miss an edge of the wanted band by more than 5 %."""
    NOT_COUNTED = "not_counted", "{subject} not counted"
    """Detectors are not summed into the light curve."""
    UNKNOWN_INSTRUMENT = "unknown_instrument", "data of {detail}, an instrument not known here"
    """The data are of an instrument whose bands and detectors are not known."""
    COMMON_BINS = "common_bins", "summed with {subject} in common bins of {detail} s"
    """Detectors with other bins were summed into the light curve."""
    SEARCH_WIDENED = "search_widened", "search widened to {detail} s"
    """The burst was not, or not wholly, in the usual window around the trigger."""
    NOT_SEARCHED = "not_searched", "data beyond {subject} s not searched"
    """There are data outside the usual window, but too many to search."""
    NO_TIME_SERIES = "no_time_series", "no time series"
    """There are no events, histories or light curves, so there are no durations."""

    # Background in time
    POOR_BACKGROUND = "poor_background", "background fit poor"
    """The deviance of the background fit is 5 sigma above its degrees of freedom."""
    SHORT_BACKGROUND = "short_background", "background short"
    """The background was fitted to less than 5 s of data."""
    ONE_SIDED_BACKGROUND = "one_sided_background", "background on one side"
    """There are background data on one side of the burst only."""
    GIVEN_BACKGROUND = "given_background", "background from a file"
    """The background is that of a given file, not a fit of this analysis."""
    TEMPLATE_UNUSED = "template_unused", "orbit not used for the background"
    """Files of the orbit are given, but a template cannot be made of them; the detail says why."""
    EARTH = "earth", "the Earth crosses the field of view"
    """The Earth begins or ceases to occult the field of view during the background."""

    OTHER_SOURCE = "other_source", "left out: {subject} has another source than the burst"
    """An episode whose shares of detectors are not those of the burst: a source in another
    direction, or particles. Its times are used for neither burst nor background."""

    # Durations
    NO_EXCESS = "no_excess", "no significant excess"
    """No burst was found in the light curve."""
    FAINT = "faint", "faint: a weak tail may be missed"
    """The burst is below 20 sigma, where T90 is biased low."""
    SLOW_EMISSION = (
        "slow_emission",
        "slow emission after the burst is possible, T90 may be too short",
    )
    """The data hint at emission that decays after the last block; the detail is its limit."""
    WEAK_ENDS = (
        "weak_ends",
        "T90 rests on emission below 3 % of the background, which may be the background's own",
    )
    """Without the weak blocks at its ends, T90 is shorter by twice its error; the detail is how
    long it is then."""
    COARSE_BINS = "coarse_bins", "T50 has fewer than three bins of {detail} s"
    """The bins of a light curve do not resolve the burst; the errors contain their width, but what
    the burst does within a bin is not seen."""
    NO_PLATEAUS = "no_plateaus", "no T90 between plateaus: background on one side only"
    """The recipe of the GBM catalogue needs background on both sides of the burst, and a rise."""
    TRUNCATED = "truncated", "truncated {detail}"
    """The burst reaches an end of the data, or a gap."""
    TRUNCATED_BY = "truncated_by", "truncated by"
    """Cause of the end of the data that the burst reaches."""
    LOWER_LIMITS = "lower_limits", "durations are lower limits"
    """The burst is truncated."""
    GAP = "gap", "gap in the burst"
    """Part of the burst was not observed."""
    GAP_BY = "gap_by", "gap by"
    """Cause of a gap in the burst."""
    SLEW = "slew", "slew in the burst"
    """The satellite turned during the burst."""
    SEVERAL_EPISODES = "several_episodes", "several episodes"
    """The burst has quiet times."""
    PRECURSOR = "precursor", "precursor"
    """A fainter episode comes before the main one."""
    NO_PHOTONS = (
        "no_photons",
        "no photon fluence: a detector lacks a response, or the spectrum is too faint",
    )
    """Durations of the photons were asked for, but cannot be measured."""
    WHOLE_BURST_SPECTRUM = (
        "whole_burst_spectrum",
        "spectrum of the whole burst taken in {detail} intervals",
    )
    """Intervals too faint for a spectrum of their own take that of the whole burst."""

    # Character of the light curve
    FAILED = "failed", "no {subject}"
    """A quantity cannot be computed; the detail is the error."""
    UNEQUAL_BINS = "unequal_bins", "no {subject}: bins of unequal width"
    """A quantity needs bins of one width, which the data do not have."""
    NO_BANDS = "no_bands", "no soft and hard band defined"
    """No bands for hardness and lag are defined for the instrument."""
    NO_BAND_DATA = "no_band_data", "no data in the soft or the hard band"
    """The data do not cover both bands."""
    WEAK_BAND = "weak_band", "{subject} band not significant"
    """The soft or the hard band is below 3 sigma."""
    NO_CORRELATION = "no_correlation", "no correlation"
    """The cross-correlation of both bands has no significant peak."""
    POOR_LAG = "poor_lag", "lag poorly constrained"
    """More than 5 % of the replicas have no peak in the fitted range."""
    NO_VARIABILITY = "no_variability", "no variability detected"
    """No variation stands out of the noise at any time-scale."""
    WIDE_BINS = "wide_bins", "bins too wide"
    """No whole number of bins makes up the window of a peak rate."""
    NO_WINDOW = "no_window", "no window without gap"
    """No window of a peak rate was observed in full."""
    NO_DATA = "no_data", "no data"
    """There are no data for a peak rate."""
    T90_LOWER_LIMIT = "t90_lower_limit", "T90 is a lower limit"
    """The class rests on the T90 of a truncated burst, which cannot be named short."""
    CLASS_OF_OTHER_BAND = "class_of_other_band", "class from a T90 outside 50-300 keV"
    """The class rests on a T90 in another band than that of the known classes."""

    # Spectra
    NO_SPECTRAL_DATA = "no_spectral_data", "no spectral data"
    """There are no spectra, events or histories, so there are no spectral fits."""
    NO_INTERVAL = "no_interval", "no {subject} interval"
    """The light curves do not contain an interval of this name."""
    OTHER_INTERVAL = "other_interval", "interval {detail}: edges of bins or data"
    """A spectrum covers another interval than the one that was asked for."""
    INTERVALS_DIFFER = "intervals_differ", "intervals differ"
    """Spectra that are fitted together cover different times."""
    NOT_COVERED = "not_covered", "interval not fully covered"
    """There are gaps in the interval of a spectrum."""
    DEPLETED = "depleted", "depleted channels left out"
    """Channels have less than half of the counts of their neighbours."""
    NOT_FITTABLE = "not_fittable", "{detail}"
    """A spectrum cannot be fitted; the detail names it and says why."""
    NO_SYSTEMATICS = "no_systematics", "systematic errors count only in chi2"
    """A spectrum has systematic errors, which its Poisson statistic cannot use."""
    MIXED_STATISTICS = "mixed_statistics", "mixed statistics"
    """Spectra that are fitted together have different statistics."""
    AREA_FREE = "area_free", "area constants of missions free"
    """Effective-area constants between missions were fitted without being asked for."""
    NO_FIT = "no_fit", "no fit of {subject} interval"
    """No spectrum of an interval could be fitted."""

    # Fits
    NOT_CONVERGED = "not_converged", "not converged"
    """The search for the minimum, or for the errors, did not end."""
    POOR_FIT = "poor_fit", "poor fit"
    """The model does not fit; the detail gives statistic and degrees of freedom."""
    POOR_FITS = "poor_fits", "poor fit of {subject} spectrum"
    """No model fits the spectrum of an interval."""
    NONE_FITS = "none_fits", "none fits: all models are poor fits"
    """No model fits, so that none is preferred."""
    AT_LIMIT = "at_limit", "{subject} at its limit"
    """A parameter lies at the edge of what the model allows."""
    UNBOUNDED_BELOW = "unbounded_below", "{subject} unbounded below"
    """A parameter has no lower bound within its limits."""
    UNBOUNDED_ABOVE = "unbounded_above", "{subject} unbounded above"
    """A parameter has no upper bound within its limits."""
    OUTSIDE_BAND = "outside_band", "{subject} outside the band"
    """A peak or break energy lies outside the energies that were fitted."""
    NO_PEAK = "no_peak", "beta above -2: epeak_kev is no peak"
    """E^2 N(E) rises on both sides of Epeak."""
    EQUAL_INDICES = "equal_indices", "alpha equals beta: a power law"
    """Both indices of the model agree within 0.05."""
    NO_SIGNAL = "no_signal", "no significant signal"
    """The spectrum is less than 3 sigma above its background."""
    FEW_CHANNELS = "few_channels", "no more channels than parameters"
    """There are no degrees of freedom."""
    COVARIANCE_SINGULAR = "covariance_singular", "covariance singular"
    """Parameters are degenerate, so that there are no symmetric errors."""
    COVARIANCE_EXPECTED = "covariance_expected", "covariance from expected information"
    """The observed curvature is no covariance; the expected one was used."""
    AREA_AT_LIMIT = "area_at_limit", "area constant of {subject} at its limit"
    """An effective-area constant lies at the edge of what is allowed."""
    ROUGH_FLUX_ERRORS = "rough_flux_errors", "flux errors from covariance"
    """The likelihood profile of a flux cannot be traced."""

    # Notices
    NOTICE_FORM = "notice_form", "notice: {detail}"
    """A notice has another form than it should; the detail says how it was read."""
    NOTICE_NOT_USED = "notice_not_used", "{detail}: not used"
    """A value of a notice is wrong, and is not used."""
    NOTICE_DOUBTFUL = "notice_doubtful", "{detail}"
    """A value of a notice is wrong or missing; the detail says what was taken for it."""

    # Quick look
    PACKETS_LEFT_OUT = "packets_left_out", "{subject} left out"
    """Packets that contradict the others, or that cannot be used; the detail says why."""
    STRAY_PACKETS = "stray_packets", "made more than an hour from the others"
    """Packets whose time on board is far from that of the others."""
    STRAY_NUMBERS = (
        "stray_numbers",
        "number far from the others, no packets counted as missing",
    )
    """Packets whose number is far from that of the others."""
    T0_NOT_TAKEN = "t0_not_taken", "t0 of the notices not taken: {detail} that of the packets"
    """The reference time of the notices is more than an hour from the data."""
    FAINT_SPECTRUM = "faint_spectrum", "no spectrum: fainter than {detail} sigma"
    """The burst is too faint for the coarse spectrum of the quick look."""
    NO_SPECTRUM = "no_spectrum", "no spectrum"
    """The coarse spectrum of the quick look cannot be fitted; the detail says why."""
    EARLIER_UPDATE = (
        "earlier_update",
        "{subject} could not be analysed, the update before stands",
    )
    """The newest data could not be analysed; the detail is the reason."""


LEFT_OUT = frozenset(
    {
        FlagCode.UNREADABLE,
        FlagCode.OTHER_CONTENT,
        FlagCode.SUPERSEDED,
        FlagCode.SAME_DATA,
        FlagCode.SAME_COUNTS,
        FlagCode.SAME_RESPONSE,
        FlagCode.NO_GOOD_EVENT,
        FlagCode.NO_EXPOSURE,
        FlagCode.NOT_USED,
    }
)
"""Codes of files and data that were left out."""
TRUNCATED = frozenset({FlagCode.TRUNCATED, FlagCode.TRUNCATED_BY})
"""Codes of a burst that reaches an end of the data."""
