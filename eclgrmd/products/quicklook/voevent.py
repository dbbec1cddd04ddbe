"""Draft of a `refined` notice as VOEvent 2.0, in the form of the mission's public notices.

The parameters of duration, class, hardness, peak rate and spectrum are our own: no public notice
has them.
"""

from collections.abc import Iterator

from lxml import etree

from eclgrmd.formats.notices.voevent import NAMESPACE
from eclgrmd.model.quicklook.notice import BurstNotices
from eclgrmd.model.quicklook.updates import InstrumentUpdate, QuickLookUpdate

__all__ = ["voevent_draft"]

_Value = tuple[str, object, str]
"""Name, value and unit."""
_AUTHOR = "ivo://org.svom/fsc"
_NAMES = {"ECL": "ECLAIRs", "GRM": "GRM"}


def voevent_draft(
    update: QuickLookUpdate, notices: BurstNotices | None, date_utc: str
) -> bytes | None:
    """Return the draft, with only measured values; None: there is none."""
    seen = update.of(update.reference)
    if seen is None:
        return None
    root = etree.Element(
        f"{{{NAMESPACE}}}VOEvent",
        {"version": "2.0", "role": "observation"}
        | {"ivorn": f"{_AUTHOR}#{update.burst_id}_eclgrm-refined"},
        nsmap={"voe": NAMESPACE},
    )
    who = etree.SubElement(root, "Who")
    _text(who, "AuthorIVORN", _AUTHOR)
    _text(who, "Date", date_utc)
    what = etree.SubElement(root, "What")
    _params(what, [("Instrument", _NAMES.get(seen.instrument, seen.instrument), "")])
    _group(what, "Svom_Identifiers", [("Burst_Id", update.burst_id, "")])
    _group(what, "Temporal_Info", _temporal(seen))
    _group(what, "Classification_Info", _class(update))
    _group(what, "Hardness_Info", _hardness(seen))
    _group(what, "Spectral_Info", _spectral(update))
    _where_when(root, update, notices)
    how = etree.SubElement(root, "How")
    _text(how, "Description", "DRAFT of a refined notice, not sent; quick look at VHF data")
    if notices is not None and notices.ivorns:
        citations = etree.SubElement(root, "Citations")
        for ivorn in notices.ivorns:
            _text(citations, "EventIVORN", ivorn).set("cite", "followup")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = text
    return element


def _group(parent: etree._Element, name: str, values: Iterator[_Value] | list[_Value]) -> None:
    known = [value for value in values if value[1] is not None]
    if known:
        group = etree.SubElement(parent, "Group")
        group.set("name", name)
        _params(group, known)


def _params(parent: etree._Element, values: list[_Value]) -> None:
    for name, value, unit in values:
        parameter = etree.SubElement(parent, "Param")
        parameter.set("name", name)
        parameter.set("value", f"{value:.6g}" if isinstance(value, float) else str(value))
        if unit:
            parameter.set("unit", unit)


def _temporal(seen: InstrumentUpdate) -> Iterator[_Value]:
    duration = seen.duration
    low, high = duration.band_kev or (None, None)
    yield "Lower_Energy_Bound", low, "keV"
    yield "Upper_Energy_Bound", high, "keV"
    yield "SNR", duration.significance, "sigma"
    for name, width in (("T90", duration.t90), ("T50", duration.t50)):
        yield name, width.value_s, "s"
        yield f"{name}_Err_Minus", width.err_minus_s, "s"
        yield f"{name}_Err_Plus", width.err_plus_s, "s"
        yield f"{name}_Start", width.start_s, "s"
    yield "Progress", seen.progress, ""
    for peak in seen.peak_rates:
        name = f"Peak_Rate_{round(1000 * peak.scale_s)}ms"
        yield name, peak.rate_counts_per_s.value, "ct.s^-1"


def _class(update: QuickLookUpdate) -> Iterator[_Value]:
    if update.classification is not None:
        yield "Class", update.classification.name, ""
        yield "Probability_Short", update.classification.probability_short, ""


def _hardness(seen: InstrumentUpdate) -> Iterator[_Value]:
    if seen.hardness is None:
        return
    (soft_low, soft_high), (hard_low, hard_high) = (
        seen.hardness.soft_band_kev,
        seen.hardness.hard_band_kev,
    )
    yield "Hardness_Ratio", seen.hardness.ratio.value, ""
    yield "Hardness_Ratio_Err_Minus", seen.hardness.ratio.err_minus, ""
    yield "Hardness_Ratio_Err_Plus", seen.hardness.ratio.err_plus, ""
    yield "Soft_Band", f"{soft_low:g}-{soft_high:g}", "keV"
    yield "Hard_Band", f"{hard_low:g}-{hard_high:g}", "keV"


def _spectral(update: QuickLookUpdate) -> Iterator[_Value]:
    if update.spectrum is None:
        return
    fit = update.spectrum.models[0]
    yield "Model", "cutoff power law", ""
    yield "Interval_Start", update.spectrum.interval_s[0], "s"
    yield "Interval_Stop", update.spectrum.interval_s[1], "s"
    for name, key, unit in (("Alpha", "alpha", ""), ("Epeak", "epeak_kev", "keV")):
        parameter = fit.parameters[key]
        yield name, parameter.value, unit
        yield f"{name}_Err_Minus", parameter.err_minus, unit
        yield f"{name}_Err_Plus", parameter.err_plus, unit
    for fluence in fit.fluence_erg:
        low, high = fluence.band_kev
        yield f"Fluence_{low:g}_{high:g}", fluence.value, "erg.cm^-2"


def _where_when(
    root: etree._Element, update: QuickLookUpdate, notices: BurstNotices | None
) -> None:
    data = etree.SubElement(etree.SubElement(root, "WhereWhen"), "ObsDataLocation")
    etree.SubElement(data, "ObservatoryLocation").set("id", "GEOLEO")
    location = etree.SubElement(data, "ObservationLocation")
    etree.SubElement(location, "AstroCoordSystem").set("id", "UTC-ICRS-GEO")
    coordinates = etree.SubElement(location, "AstroCoords")
    coordinates.set("coord_system_id", "UTC-ICRS-GEO")
    time = etree.SubElement(coordinates, "Time")
    time.set("unit", "s")
    _text(etree.SubElement(time, "TimeInstant"), "ISOTime", update.t0_utc.removesuffix("Z"))
    position = None if notices is None else notices.position
    if position is None:
        return
    place = etree.SubElement(coordinates, "Position2D")
    place.set("unit", "deg")
    _text(place, "Name1", "RA")
    _text(place, "Name2", "Dec")
    value = etree.SubElement(place, "Value2")
    _text(value, "C1", f"{position.ra_deg:.4f}")
    _text(value, "C2", f"{position.dec_deg:.4f}")
    error = -1.0 if position.error_deg is None else position.error_deg
    _text(place, "Error2Radius", f"{error:.4f}")
