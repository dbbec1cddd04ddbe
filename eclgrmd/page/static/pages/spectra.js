// The fitted spectra of an interval: counts with folded model, residuals, energy distribution.
import { html, useMemo, useState } from "../preact.js";
import { path, withQuery } from "../api.js";
import { interval, number } from "../format.js";
import { Failure, Table, Wait } from "../parts.js";
import { Plot, PlotTools } from "../plots/plot.js";
import { View } from "../plots/view.js";
import { useResource } from "../resource.js";
import { rangeOf } from "./evolution.js";
import { Models } from "./models.js";

const SERIES = [{ label: "value", hidden: true }];
const HEIGHTS = { counts: 320, residuals: 160, energy: 280 };
const DECADES = 5;
const middle = (low, high) => Math.sqrt(low * high);

// Points of the count spectra, with the folded model if there is one of this name.
export function countMarks(spectra, model) {
  return spectra.flatMap((each, i) => {
    const folded = each.models.find((one) => one.model === model);
    const xs = each.low_kev.map((low, j) => middle(low, each.high_kev[j]));
    const [ys, errors] = [each.net_per_s_kev, each.net_error_per_s_kev];
    const colour = `curve-${i % 4}`;
    const points = { kind: "points", colour, xs, lefts: each.low_kev, rights: each.high_kev, ys, lows: ys.map((y, j) => y - errors[j]), highs: ys.map((y, j) => y + errors[j]) };
    return [points, ...(folded ? [{ kind: "steps", colour, width: 1.5, starts: each.low_kev, stops: each.high_kev, ys: folded.folded_per_s_kev }] : [])];
  });
}

export function ColourKey({ names }) {
  return html`<ul class="key">${names.map((text, i) => html`<li><i style=${{ "--colour": `var(--curve-${i % 4})` }}></i>${text}</li>`)}</ul>`;
}

function residualMarks(spectra, model) {
  const zero = { kind: "line", colour: "faint", dash: [4, 3], xs: [1e-3, 1e9], ys: [0, 0] };
  const points = spectra.map((each, i) => {
    const ys = each.models.find((one) => one.model === model)?.residual_sigma ?? [];
    const xs = ys.map((_, j) => middle(each.low_kev[j], each.high_kev[j]));
    return { kind: "points", colour: `curve-${i % 4}`, xs, lefts: each.low_kev, rights: each.high_kev, ys, lows: ys.map((y) => y - 1), highs: ys.map((y) => y + 1) };
  });
  return [zero, ...points];
}

function energyMarks(curves) {
  return curves.flatMap((each, i) => {
    const colour = `curve-${i % 4}`;
    return [
      { kind: "area", colour, xs: each.energy_kev, lows: each.low_erg_per_cm2_s, highs: each.high_erg_per_cm2_s },
      { kind: "line", colour, width: 2, xs: each.energy_kev, ys: each.value_erg_per_cm2_s },
    ];
  });
}

function Figure({ label, yLabel, marks, yRange, logY, height, view, home }) {
  const data = useMemo(() => [home, [null, null]], [home]);
  return html`<${Plot} label=${label} height=${height} xLabel="Energy (keV)" yLabel=${yLabel} logX logY=${logY} data=${data} series=${SERIES} marks=${marks} yRange=${yRange} view=${view} syncKey="energies" />`;
}

export const positive = (marks) => {
  const [low, high] = rangeOf(marks.filter((mark) => mark.kind === "points" || mark.kind === "line"), true);
  return () => [Math.max(low, high / 10 ** DECADES), high];
};
const symmetric = (marks) => {
  const most = Math.max(3, ...marks.slice(1).flatMap((mark) => mark.ys.map(Math.abs)));
  return () => [-1.15 * most, 1.15 * most];
};

export function SpectrumTable({ spectra, model }) {
  return spectra.map((each) => {
    const fit = each.models.find((one) => one.model === model);
    return html`<${Table} caption=${`${each.detector}, live time ${number(each.exposure_s, 4)} s`} rows=${each.low_kev.map((_, i) => i)} columns=${[
      ["From (keV)", (i) => number(each.low_kev[i], 4), "number"],
      ["To (keV)", (i) => number(each.high_kev[i], 4), "number"],
      ["Net (counts/s/keV)", (i) => number(each.net_per_s_kev[i]), "number"],
      ["Error", (i) => number(each.net_error_per_s_kev[i], 2), "number"],
      [model || "Model", (i) => number(fit?.folded_per_s_kev[i]), "number"],
      ["Residual (σ)", (i) => number(fit?.residual_sigma[i], 2), "number"],
    ]} />`;
  });
}

function Drawn({ found, model, onModel }) {
  const home = useMemo(() => {
    const low = Math.min(...found.spectra.flatMap((each) => each.low_kev[0] ?? []));
    const high = Math.max(...found.spectra.flatMap((each) => each.high_kev.at(-1) ?? []));
    return [Math.max(low, 0.1), high];
  }, [found]);
  const view = useMemo(() => new View(home, { log: true }), [home]);
  const made = useMemo(() => {
    const all = { counts: countMarks(found.spectra, model), residuals: residualMarks(found.spectra, model), energy: energyMarks(found.curves) };
    return { ...all, ranges: { counts: positive(all.counts), residuals: symmetric(all.residuals), energy: positive(all.energy) } };
  }, [found, model]);
  const names = found.fits.models.map((each) => each.name);
  return html`
    <label>Model drawn <select value=${model} onChange=${(event) => onModel(event.target.value)}>${names.map((each) => html`<option value=${each}>${each}</option>`)}</select></label>
    <${PlotTools} view=${view} />
    <div class="columns halves">
      <figure>
        <figcaption>Net counts with the folded ${model}, and residuals</figcaption>
        <${ColourKey} names=${found.spectra.map((each) => each.detector)} />
        <${Figure} label="Count spectrum with folded model" yLabel="counts/s/keV" logY marks=${made.counts} yRange=${made.ranges.counts} height=${HEIGHTS.counts} view=${view} home=${home} />
        <${Figure} label="Residuals" yLabel="residual (σ)" logY=${false} marks=${made.residuals} yRange=${made.ranges.residuals} height=${HEIGHTS.residuals} view=${view} home=${home} />
      </figure>
      <figure>
        <figcaption>Energy distribution E²N(E) of the models with 1σ bands</figcaption>
        <${ColourKey} names=${found.curves.map((each) => each.model)} />
        <${Figure} label="Energy distribution of the models" yLabel="erg/cm²/s" logY marks=${made.energy} yRange=${made.ranges.energy} height=${HEIGHTS.energy} view=${view} home=${home} />
      </figure>
    </div>
    <details><summary>The same as tables</summary><${SpectrumTable} spectra=${found.spectra} model=${model} /></details>
  `;
}

export function Spectra({ task }) {
  const [number, setNumber] = useState(0);
  const [wanted, setWanted] = useState("");
  const { data: found, error, loading } = useResource(withQuery(path("task", task, "spectra"), { interval: number || undefined }));
  if (error) return error.status === 404 || error.status === 409 ? html`<p class="hint">${error.message}</p>` : html`<${Failure} error=${error} what="Cannot load the spectra" />`;
  if (loading || !found) return html`<${Wait} what="spectra" />`;
  const preferred = found.fits.models.find((each) => each.preferred) ?? found.fits.models[0];
  const model = found.fits.models.some((each) => each.name === wanted) ? wanted : preferred?.name;
  return html`
    ${found.intervals.length > 1
      ? html`<label>Interval<select value=${number} onChange=${(event) => setNumber(Number(event.target.value))}>
          ${found.intervals.map((each, i) => html`<option value=${i}>${each.kind}, ${interval(each.interval_s)}</option>`)}
        </select></label>`
      : html`<p>${found.intervals[0].kind}, ${interval(found.intervals[0].interval_s)}</p>`}
    ${found.spectra.length ? html`<${Drawn} key=${number} found=${found} model=${model} onModel=${setWanted} />` : html`<p class="hint">No spectrum can be drawn.</p>`}
    <${Models} fits=${found.fits} />
  `;
}
