// The spectrum's change with time, below the light curves and with their time axis.
import { html, useMemo } from "../preact.js";
import { path } from "../api.js";
import { interval, many, ofMeasurement } from "../format.js";
import { Flags, Section, Shown, Table } from "../parts.js";
import { Plot } from "../plots/plot.js";
import { useResource } from "../resource.js";

const QUANTITIES = [
  ["epeak_kev", "Epeak (keV)", "curve-0", (point) => point.epeak_kev, true],
  ["alpha", "alpha", "curve-1", (point) => point.alpha, false],
  ["flux", "Flux (erg/cm²/s)", "curve-2", (point) => point.flux?.energy_erg, true],
];
const SERIES = [{ label: "value", hidden: true }];
const HEIGHT = 160;
const MOST_DECADES = 3;

function marksOf(points, [, , colour, value]) {
  const known = points.filter((point) => value(point)?.value != null);
  const values = known.map(value);
  return {
    kind: "points",
    colour,
    xs: known.map(({ interval_s: [start, stop] }) => (start + stop) / 2),
    lefts: known.map((point) => point.interval_s[0]),
    rights: known.map((point) => point.interval_s[1]),
    ys: values.map((each) => each.value),
    lows: values.map((each) => each.value - (each.err_minus ?? 0)),
    highs: values.map((each) => each.value + (each.err_plus ?? 0)),
  };
}

// The scale follows the values, not the errors of the worst point.
export function rangeOf(marks, log) {
  const values = marks.flatMap((mark) => mark.ys).filter((each) => Number.isFinite(each) && (!log || each > 0));
  if (!values.length) return [log ? 0.1 : 0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (log) return [low / 2, high * 2];
  const margin = 0.25 * (high - low) || 0.5;
  return [low - margin, high + margin];
}

// Without the points that a fit has left far from all others.
function near(mark) {
  const middle = [...mark.ys].sort((one, other) => one - other)[mark.ys.length >> 1];
  return { ...mark, ys: mark.ys.filter((each) => Math.abs(Math.log10(each / middle)) <= MOST_DECADES) };
}

function Quantity({ points, quantity, view }) {
  const [, label, , , log] = quantity;
  const marks = useMemo(() => [marksOf(points, quantity)], [points]);
  const shown = useMemo(() => (log ? marks.map(near) : marks), [marks]);
  const range = useMemo(() => () => rangeOf(shown, log), [shown]);
  const data = useMemo(() => [[marks[0].xs[0], marks[0].xs.at(-1)], [null, null]], [marks]);
  if (!marks[0].xs.length) return null;
  const beyond = marks[0].ys.length - shown[0].ys.length;
  return html`
    ${beyond ? html`<p class="hint">${label}: ${many(beyond, "point")} far outside the figure, see the table.</p>` : null}
    <${Plot} label=${`${label} with time`} height=${HEIGHT} xLabel="Seconds after T0" yLabel=${label} logY=${log} data=${data} series=${SERIES} marks=${marks} yRange=${range} view=${view} syncKey="times" />`;
}

export function Evolution({ task, view }) {
  const resource = useResource(path("task", task, "evolution"));
  const number = resource.data?.points.length ?? 0;
  if (!number && !resource.error) return null;
  return html`
    <${Section} id="evolution" title="Evolution of the spectrum" aside=${many(number, "interval")} open=${true}>
      <${Shown} resource=${resource} what="evolution">${({ points }) => html`
        <figure>
          <figcaption>${points[0].model}, 1σ errors</figcaption>
          ${QUANTITIES.map((each) => html`<${Quantity} key=${each[0]} points=${points} quantity=${each} view=${view} />`)}
        </figure>
        <details><summary>The same as a table</summary>
          <${Table} caption="Evolution of the spectrum" rows=${points} columns=${[
            ["Interval", (each) => interval(each.interval_s)],
            ["Epeak (keV)", (each) => ofMeasurement(each.epeak_kev), "number"],
            ["alpha", (each) => ofMeasurement(each.alpha), "number"],
            ["beta", (each) => ofMeasurement(each.beta), "number"],
            ["Flux (erg/cm²/s)", (each) => ofMeasurement(each.flux?.energy_erg), "number"],
            ["Doubts", (each) => html`<${Flags} flags=${each.flags} />`, "wide"],
          ]} />
        </details>`}<//>
    <//>
  `;
}
