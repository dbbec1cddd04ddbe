// The time machine: what the quick look knew of a burst, update by update.
import { html, useCallback, useEffect, useState } from "../preact.js";
import { path } from "../api.js";
import { measured, number, utc } from "../format.js";
import { Facts, Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";
import { useSettled } from "../settled.js";
import { QuickCurves } from "./quicklook-curves.js";

const STEP_MS = 900;
const SETTLE_MS = 150;

function Then({ row }) {
  return html`
    <${Facts} facts=${[
      ["Update", String(row.version)],
      ["Recorded", utc(row.at)],
      ["T0 as known then", utc(row.t0_utc)],
      ["Class", row.class ?? "unknown"],
      ["Epeak", row.epeak_kev === null ? "unknown" : `${number(row.epeak_kev)} keV`],
      ["Announced because", row.why || "not announced"],
    ]} />
    <${Table} caption="Known then" rows=${row.instruments} empty="No light curve had come." columns=${[
      ["Instrument", (each) => each.instrument],
      ["Burst is", (each) => each.progress],
      ["Data until (s)", (each) => number(each.until_s, 4), "number"],
      ["σ", (each) => number(each.significance), "number"],
      ["T90", (each) => measured(each.t90_s, each.t90_err_minus_s, each.t90_err_plus_s, "s"), "number"],
      ["T50", (each) => (each.t50_s === null ? "–" : `${number(each.t50_s)} s`), "number"],
    ]} />
  `;
}

export function TimeMachine({ burst }) {
  const concerns = useCallback((event) => event.burst === burst, [burst]);
  const resource = useResource(`${path("bursts", burst, "vhf", "history")}?limit=1000`, { concerns });
  const [at, setAt] = useState(null);
  const [plays, setPlays] = useState(false);
  const last = (resource.data?.rows.length ?? 0) - 1;
  const index = Math.max(0, Math.min(at ?? last, last));
  useEffect(() => {
    if (!plays) return undefined;
    if (index >= last) {
      setPlays(false);
      return undefined;
    }
    const timer = setTimeout(() => setAt(index + 1), STEP_MS);
    return () => clearTimeout(timer);
  }, [plays, index, last]);
  const packets = useSettled(resource.data?.rows[index]?.packets ?? 0, SETTLE_MS);
  const play = () => {
    if (!plays && index >= last) setAt(0);
    setPlays(!plays);
  };
  return html`
    <${Shown} resource=${resource} what="history">${({ rows, packets: kept }) => {
      if (!rows.length) return html`<p class="hint">The quick look has no update yet.</p>`;
      const row = rows[index];
      const said = `T0 ${row.newest_met_s < row.t0_met_s ? "−" : "+"} ${number(Math.abs(row.newest_met_s - row.t0_met_s), 4)} s, ${row.packets} packets`;
      return html`
        <div class="row">
          <button type="button" class="main" onClick=${play}>${plays ? "Stop" : "Play"}</button>
          <label class="slider">Update ${index + 1} of ${rows.length}: ${said}
            <input type="range" min="0" max=${last} value=${index} aria-valuetext=${said} onInput=${(event) => {
              setPlays(false);
              setAt(event.target.valueAsNumber);
            }} />
          </label>
        </div>
        <${Then} row=${row} />
        ${kept && packets ? html`<${QuickCurves} burst=${burst} packets=${packets} />` : html`<p class="hint">The packets were cleaned: no figure can be made.</p>`}
      `;
    }}<//>
  `;
}
