// Durations of all instruments, with what is doubtful about them.
import { html } from "../preact.js";
import { band, interval, number, ofMeasurement, ofWidth } from "../format.js";
import { Flags, Table } from "../parts.js";

export function Durations({ measured }) {
  const rows = measured.instruments.map((each) => each.duration);
  return html`
    <${Table} caption="T90 and T50, with 1σ errors" rows=${rows} columns=${[
      ["Instrument", (each) => `${each.instrument} (${each.detectors.join(", ")})`],
      ["Band", (each) => band(each.band_kev)],
      ["T90", (each) => (each.t90.value_s === null && each.upper_limit_counts !== null ? `nothing significant; below ${number(each.upper_limit_counts)} counts (3σ)` : ofWidth(each.t90)), "number"],
      ["from T0", (each) => interval([each.t90.start_s, each.t90.stop_s])],
      ["T50", (each) => ofWidth(each.t50), "number"],
      ["of photons: T90", (each) => (each.photon_fluence ? ofWidth(each.photon_fluence.t90) : "–"), "number"],
      ["inside T100: T90", (each) => (each.t90_inside_t100 ? ofWidth(each.t90_inside_t100) : "–"), "number"],
      ["Net counts", (each) => ofMeasurement(each.net_counts), "number"],
      ["σ", (each) => number(each.significance), "number"],
    ]} />
    ${rows.map((each) => html`
      ${each.flags.length ? html`<h3>What is doubtful: ${each.instrument}</h3>` : null}
      <${Flags} flags=${each.flags} />
      <${Character} duration=${each} />`)}
    <p class="hint">Method: ${rows[0].method}. “Inside T100” is the definition of Swift's catalogue, “of photons” that of Fermi-GBM's.</p>
  `;
}

function Character({ duration }) {
  const found = duration.character;
  if (!found) return null;
  const values = [
    ...found.peak_rates.map((each) => [`peak rate in ${number(each.scale_s * 1000)} ms`, ofMeasurement(each.rate_counts_per_s, "counts/s")]),
    found.hardness ? [`hardness, ${band(found.hardness.hard_band_kev)} over ${band(found.hardness.soft_band_kev)}`, ofMeasurement(found.hardness.ratio)] : null,
    found.lag ? ["lag of soft behind hard photons", ofMeasurement(found.lag.lag_s, "s")] : null,
    found.variability ? ["minimum variability time-scale", found.variability.upper_limit_s === null ? ofMeasurement(found.variability.scale_s, "s") : `below ${number(found.variability.upper_limit_s)} s (2σ)`] : null,
    found.classification ? ["class", `${found.classification.name}, P(short) = ${number(found.classification.probability_short, 2)}`] : null,
  ].filter(Boolean);
  return html`
    <details><summary>Character of the light curve of ${duration.instrument}</summary>
      <p>${found.morphology?.sentence}</p>
      <${Table} caption=${`Character, ${duration.instrument}`} rows=${values} columns=${[["Quantity", ([name]) => name], ["Value", ([, value]) => value, "number"]]} />
      <${Flags} flags=${found.flags} />
    </details>
  `;
}
