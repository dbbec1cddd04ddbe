"""Draft of a GCN circular in sentences, for a person to finish and send."""

from collections.abc import Iterator
from textwrap import fill

from eclgrmd.model.quicklook.notice import BurstNotices
from eclgrmd.model.quicklook.updates import InstrumentUpdate, QuickLookUpdate
from eclgrmd.model.result import Parameter, Width
from eclgrmd.products.formatting import band_name

__all__ = ["circular_draft"]

_NAMES = {"ECL": "SVOM/ECLAIRs", "GRM": "SVOM/GRM"}
_WIDTH = 80


def circular_draft(update: QuickLookUpdate, notices: BurstNotices | None) -> bytes | None:
    """Return the draft, which states only measured values; None: there is none."""
    seen = update.of(update.reference)
    if seen is None:
        return None
    paragraphs = [fill(paragraph, _WIDTH) for paragraph in _paragraphs(update, notices)]
    head = f"SUBJECT: {_burst(update)}: {_name(seen)} quick-look analysis\n"
    note = "[DRAFT made by eclgrmd from VHF data. It was not sent: check, finish, sign.]\n"
    return "\n".join([note, head, *(f"{p}\n" for p in paragraphs)]).encode()


def _burst(update: QuickLookUpdate) -> str:
    return f"GRB (SVOM trigger {update.burst_id})"


def _name(seen: InstrumentUpdate) -> str:
    return _NAMES.get(seen.instrument, seen.instrument)


def _paragraphs(update: QuickLookUpdate, notices: BurstNotices | None) -> Iterator[str]:
    t0 = update.t0_utc.removesuffix("Z")
    yield (
        "Using data of the VHF alert network, we report on the burst "
        f"{update.burst_id} (T0 = {t0} UTC)."
    )
    if notices is not None and notices.position is not None:
        position = notices.position
        radius = "" if position.error_deg is None else f", uncertainty {position.error_deg:.3g} deg"
        yield (
            f"The position distributed by notice is R.A. = {position.ra_deg:.4f}, "
            f"Dec. = {position.dec_deg:.4f} deg (J2000{radius})."
        )
    for seen in sorted(update.instruments, key=lambda each: each.instrument != update.reference):
        if seen.duration.t90.value_s is not None:
            yield " ".join(_durations(seen))
    yield from _class(update)
    yield from _spectrum(update)
    remarks = "Errors are 1 sigma. These are results of a quick look; full data will refine them."
    if update.missing:
        remarks = f"{update.missing} packets have not been received. {remarks}"
    if left_out := sum(update.set_aside.values()):
        remarks = f"{left_out} packets have been left out as wrong. {remarks}"
    yield remarks


def _durations(seen: InstrumentUpdate) -> Iterator[str]:
    duration = seen.duration
    yield (
        f"{_name(seen)} sees the burst with a significance of {duration.significance:.1f} sigma; "
        f"T90 is {_width(duration.t90)} s ({band_name(duration.band_kev)}), starting at "
        f"T0{duration.t90.start_s:+.2f} s, and T50 {_width(duration.t50)} s."
    )
    if seen.progress == "rising":
        yield "The burst was still going on at the end of the data: these are lower limits."
    for peak in seen.peak_rates:
        rate = peak.rate_counts_per_s
        if rate.value is not None and peak.scale_s == 1.0:
            errors = f"(-{rate.err_minus:.0f}, +{rate.err_plus:.0f})"
            yield f"The 1-s peak count rate is {rate.value:.0f} {errors} counts/s."
    hardness = seen.hardness
    if hardness is not None and hardness.ratio.value is not None:
        soft, hard = hardness.soft_band_kev, hardness.hard_band_kev
        yield (
            f"The ratio of counts in {hard[0]:g}-{hard[1]:g} keV to those in "
            f"{soft[0]:g}-{soft[1]:g} keV is {hardness.ratio.value:.2f} "
            f"(-{hardness.ratio.err_minus:.2f}, +{hardness.ratio.err_plus:.2f})."
        )


def _class(update: QuickLookUpdate) -> Iterator[str]:
    named = update.classification
    if named is not None and named.probability_short is not None:
        what = "cannot be named short or long yet" if named.name == "unsure" else f"is {named.name}"
        yield (
            f"By its duration the burst {what} "
            f"(probability of the short class: {named.probability_short:.3f})."
        )


def _spectrum(update: QuickLookUpdate) -> Iterator[str]:
    if update.spectrum is None:
        return
    start, stop = update.spectrum.interval_s
    fit = update.spectrum.models[0]
    sentence = (
        f"The time-averaged spectrum from T0{start:+.1f} to T0{stop:+.1f} s, in few bands, "
        f"is fitted by a cutoff power law with index {_parameter(fit.parameters['alpha'], 2)} and "
        f"Epeak = {_parameter(fit.parameters['epeak_kev'], 0)} keV"
    )
    for fluence in fit.fluence_erg:
        if fluence.value is not None:
            low, high = fluence.band_kev
            sentence += f"; the fluence is {fluence.value:.2e} erg/cm2 ({low:g}-{high:g} keV)"
    yield sentence + "."


def _width(width: Width) -> str:
    digits = 2 if (width.value_s or 0.0) < 10.0 else 1
    low, high = width.err_minus_s or 0.0, width.err_plus_s or 0.0
    return f"{width.value_s:.{digits}f} (-{low:.{digits}f}, +{high:.{digits}f})"


def _parameter(parameter: Parameter, digits: int) -> str:
    low = "unbounded" if parameter.err_minus is None else f"{parameter.err_minus:.{digits}f}"
    high = "unbounded" if parameter.err_plus is None else f"{parameter.err_plus:.{digits}f}"
    return f"{parameter.value:.{digits}f} (-{low}, +{high})"
