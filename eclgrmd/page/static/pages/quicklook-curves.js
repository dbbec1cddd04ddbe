// Light curves of the quick look: of all packets, or of the first ones.
import { html, useCallback, useEffect, useState } from "../preact.js";
import { path, withQuery } from "../api.js";
import { Failure, Wait } from "../parts.js";
import { useResource } from "../resource.js";
import { LightCurves, useBurstView } from "./lightcurves.js";

export function QuickCurves({ burst, packets }) {
  const label = packets === undefined ? "Light curves of the quick look" : "Light curves of the first packets";
  const where = path("bursts", burst, "vhf");
  const concerns = useCallback((event) => packets === undefined && event.burst === burst, [burst, packets]);
  const durations = useResource(withQuery(`${where}/durations`, { packets }), { concerns });
  const [kept, setKept] = useState(null);
  useEffect(() => {
    if (durations.data) setKept({ packets, data: durations.data });
  }, [durations.data]);
  const view = useBurstView(kept?.data);
  if (durations.error) return html`<${Failure} error=${durations.error} what="Cannot draw the packets" />`;
  if (!kept || !view) return html`<${Wait} what="light curves" />`;
  return html`<${LightCurves} source=${where} more=${{ packets: kept.packets }} measured=${kept.data} view=${view} concerns=${concerns} label=${label} />`;
}
