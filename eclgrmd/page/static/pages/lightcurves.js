// Light curves of a run: bands, detectors, background with its error, blocks, T90 and T50.
import { html, useEffect, useMemo, useRef, useState } from "../preact.js";
import { withQuery } from "../api.js";
import { band, number } from "../format.js";
import { Failure, Table, Wait } from "../parts.js";
import { Plot, PlotTools } from "../plots/plot.js";
import { useSettledRange, View } from "../plots/view.js";
import { useResource } from "../resource.js";
import { asColumns, blockSteps } from "./curve-columns.js";

const POINTS = 3000;
const SHORT = 0.05;
const MOST_ROWS = 200;
const HEIGHTS = { first: 280, other: 170 };
const BINS = [0.001, 0.004, 0.016, 0.064, 0.256, 1, 4];
const SERIES = [
  { label: "Rate (counts/s)", colour: "curve-0", stepped: true },
  { label: "Background (counts/s)", colour: "background-curve", width: 1.5 },
  { label: "its +1σ", hidden: true },
  { label: "its −1σ", hidden: true },
];
const BANDS = [{ series: [3, 4], colour: "background-error" }];

// The times that all figures of a burst show together; the zoom survives new data.
export function useBurstView(measured) {
  const view = useRef(null);
  const spans = (measured?.instruments ?? []).map((each) => each.span_s);
  if (!spans.length) return null;
  const home = [Math.min(...spans.map(([start]) => start)), Math.max(...spans.map(([, stop]) => stop))];
  if (view.current) {
    view.current.setHome(home);
    return view.current;
  }
  view.current = new View(home);
  const burst = measured.instruments[0].duration.t100_s;
  // A short burst in long data would be a line.
  if (burst && burst[1] - burst[0] < SHORT * (home[1] - home[0])) view.current.focus(burst);
  return view.current;
}

// Keeps the last data while finer or newer ones are fetched.
function useKept(resource, key) {
  const kept = useRef({ key: null, data: null });
  if (resource.data) kept.current = { key, data: resource.data };
  return kept.current.key === key ? kept.current.data : null;
}

function useCurves(source, chosen, view, concerns) {
  const range = useSettledRange(view);
  const margin = range ? range[1] - range[0] : 0;
  const window = range ? { start_s: range[0] - margin, stop_s: range[1] + margin } : {};
  const resource = useResource(withQuery(`${source}/light-curves`, { ...chosen, ...window, points: POINTS }), { concerns });
  const kept = useKept(resource, JSON.stringify([source, chosen.instrument, [chosen.band_kev].flat().length, chosen.separate, chosen.detector]));
  return { found: kept, error: resource.error, loading: resource.loading, range };
}

// The interface takes energies to the eV.
const bandText = (band) => band.map((each) => Number(each.toFixed(3))).join("-");

export function durationMarks(duration) {
  const marks = [];
  for (const [name, width, colour, line] of [["T90", duration.t90, "t90", 0], ["T50", duration.t50, "t50", 1]]) {
    if (width.start_s === null) continue;
    marks.push({ kind: "region", from: width.start_s, to: width.stop_s, colour, label: name, line, edges: true, dash: [4, 3] });
  }
  return marks;
}

function backgroundMarks(duration) {
  return (duration.background.intervals_s ?? []).map(([from, to]) => ({ kind: "region", from, to, colour: "background-curve", alpha: 0.07 }));
}

function CurveTable({ curve, range }) {
  const rows = [];
  let more = 0;
  curve.start_s.forEach((start, i) => {
    if (range && (curve.stop_s[i] < range[0] || start > range[1])) return;
    if (rows.length < MOST_ROWS) rows.push(i);
    else more += 1;
  });
  return html`
    <${Table} caption=${`Bins shown, ${band(curve.band_kev)}`} rows=${rows} columns=${[
      ["From (s)", (i) => number(curve.start_s[i], 6), "number"],
      ["To (s)", (i) => number(curve.stop_s[i], 6), "number"],
      ["Counts", (i) => number(curve.counts[i], 6), "number"],
      ["Live time (s)", (i) => number(curve.exposure_s[i], 4), "number"],
      ["Background", (i) => number(curve.background_counts?.[i], 5), "number"],
      ["its error", (i) => number(curve.background_error_counts?.[i]), "number"],
    ]} />
    ${more ? html`<p class="hint">${more} more bins: zoom in, or take the FITS file of the light curve.</p>` : null}
  `;
}

function Curve({ curve, item, isMeasured, isFirst, view, range, extra }) {
  const data = useMemo(() => asColumns(curve), [curve]);
  const marks = useMemo(() => {
    const steps = isMeasured ? blockSteps(item, curve) : null;
    return [...(extra.marks ?? [...backgroundMarks(item.duration), ...durationMarks(item.duration)]), ...(steps ? [steps] : [])];
  }, [curve, item, isMeasured, extra.marks]);
  const name = `${curve.detectors.join(" + ")}, ${band(curve.asked_kev ?? curve.band_kev)}`;
  return html`
    <figure>
      <figcaption>${name}, bins of ${number(curve.bin_s)} s${curve.decimated ? " (of each group of bins the lowest and the highest are drawn: zoom in for all)" : ""}</figcaption>
      <${Plot} label=${`Light curve of ${name}`} height=${isFirst ? HEIGHTS.first : HEIGHTS.other} xLabel="Seconds after T0" yLabel="counts/s"
        data=${data} series=${SERIES} bands=${BANDS} marks=${marks} handles=${extra.handles ?? []} onDrag=${extra.onDrag} view=${view} syncKey="times" legend=${isFirst} />
      <details><summary>The same as a table</summary><${CurveTable} curve=${curve} range=${range ?? view.range} /></details>
    </figure>
  `;
}

function Choice({ items, chosen, onChoose }) {
  const item = items[chosen.index];
  const set = (changes) => onChoose({ ...chosen, ...changes });
  const toggle = (name, value) => {
    const now = chosen[name];
    set({ [name]: now.includes(value) ? now.filter((each) => each !== value) : [...now, value] });
  };
  const box = (name, value, text) => html`<label class="inline"><input type="checkbox" checked=${chosen[name].includes(value)} onChange=${() => toggle(name, value)} />${text}</label>`;
  return html`
    <div class="row">
      <label>Instrument
        <select value=${chosen.index} onChange=${(event) => onChoose({ ...chosen, index: Number(event.target.value), bands: [], detectors: [] })}>
          ${items.map((each, i) => html`<option value=${i}>${each.duration.instrument} (${each.duration.detectors.join(", ")})</option>`)}
        </select>
      </label>
      ${item.series === "events"
        ? html`<label>Bins<select value=${chosen.bin} onChange=${(event) => set({ bin: event.target.value })}>
            <option value="">to fit the width</option>
            ${BINS.map((each) => html`<option value=${each}>${each} s</option>`)}
          </select></label>`
        : null}
      ${item.bands_kev.length
        ? html`<fieldset><legend>Bands (none: the measured one)</legend>${item.bands_kev.map((each) => box("bands", each.join("-"), band(each)))}</fieldset>`
        : null}
      ${item.detectors.length > 1
        ? html`<fieldset><legend>Detectors (none: those of T90)</legend>
            ${item.detectors.map((each) => box("detectors", each, each))}
            <label class="inline"><input type="checkbox" checked=${chosen.separate} onChange=${() => set({ separate: !chosen.separate })} />one curve for each</label></fieldset>`
        : null}
    </div>
  `;
}

function Key({ hasBackground }) {
  const entries = [
    ["curve-0", "rate"],
    ...(hasBackground ? [["background-curve", "background with 1σ band; pale: where it was fitted"]] : []),
    ["curve-2", "Bayesian blocks"],
    ["t90", "T90"],
    ["t50", "T50"],
  ];
  return html`<ul class="key">${entries.map(([colour, text]) => html`<li><i style=${{ "--colour": `var(--${colour})` }}></i>${text}</li>`)}</ul>`;
}

// `source` is the path of a run or of a quick look, `more` what else to ask for; `extra` may replace
// the marks and add handles to be dragged; `concerns` says which live events change the curves.
export function LightCurves({ source, more = {}, measured, view, extra = {}, concerns, label = "Light curves" }) {
  const [chosen, setChosen] = useState({ index: 0, bands: [], detectors: [], separate: false, bin: "" });
  const items = measured.instruments;
  const item = items[Math.min(chosen.index, items.length - 1)];
  useEffect(() => extra.onInstrument?.(item.duration.instrument), [item]);
  const query = {
    ...more,
    instrument: item.duration.instrument,
    band_kev: chosen.bands.length || !extra.band ? chosen.bands : bandText(extra.band),
    detector: chosen.detectors,
    separate: chosen.separate || undefined,
    bin_s: item.series === "events" ? chosen.bin : undefined,
  };
  const { found, error, loading, range } = useCurves(source, query, view, concerns);
  const isMeasured = !extra.band && !chosen.bands.length && !chosen.detectors.length && !chosen.separate;
  return html`
    <section aria-label=${label}>
      <${PlotTools} view=${view}>
        ${item.duration.t100_s ? html`<button type="button" onClick=${() => view.focus(item.duration.t100_s)}>Show the burst</button>` : null}
        <details class="choice"><summary>${item.duration.instrument}: bands, detectors, bins</summary><${Choice} items=${items} chosen=${chosen} onChoose=${setChosen} /></details>
        <span class="hint" role="status">${loading && found ? "Fetching new bins…" : ""}</span><//>
      <${Failure} error=${error} what="Cannot load the light curves" />
      ${found ? found.left_out.map((each) => html`<p class="said warn">${each}</p>`) : null}
      ${found
        ? html`<${Key} hasBackground=${found.curves.some((each) => each.background_counts)} />
            ${found.curves.map((curve, i) => html`<${Curve} key=${`${curve.detectors}${chosen.bands.length ? curve.asked_kev : ""}`} curve=${curve} item=${item} isMeasured=${isMeasured} isFirst=${i === 0} view=${view} range=${range} extra=${extra} />`)}`
        : loading ? html`<${Wait} what="light curves" />` : null}
    </section>
  `;
}
