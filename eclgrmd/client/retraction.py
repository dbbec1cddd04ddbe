"""The notice by which a person withdraws a burst."""

from xml.sax.saxutils import escape, quoteattr

from eclgrmd.clock import utc_now

__all__ = ["retraction"]

_NOTICE = """\
<?xml version="1.0" encoding="UTF-8"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" version="2.0" role="observation"
    ivorn={ivorn}>
  <Who><Date>{date}</Date></Who>
  <What>
    <Param name="Packet_Type" value="219"/>
    <Param name="Burst_Id" value={burst_id}/>
  </What>
  <Why><Description>{reason}</Description></Why>
  <Citations><EventIVORN cite="retraction">{cited}</EventIVORN></Citations>
</voe:VOEvent>
"""


def retraction(burst_id: str, reason: str) -> bytes:
    """Return a notice (VOEvent 2.0) that retracts a burst, dated now."""
    now = utc_now()
    ivorn = f"ivo://eclgrm/client#{burst_id}_{now:%Y%m%dT%H%M%S%f}_retraction"
    text = _NOTICE.format(
        ivorn=quoteattr(ivorn),
        date=now.isoformat(timespec="seconds"),
        burst_id=quoteattr(burst_id),
        reason=escape(reason),
        cited=escape(f"ivo://eclgrm/client#{burst_id}"),
    )
    return text.encode()
