// What a preview found, beside what the run found, with the differences in sigma.
import { html } from "../preact.js";
import { measured, number, ofWidth } from "../format.js";
import { Flags, Table } from "../parts.js";

// The difference over both errors that face each other, as the daemon's comparison has it.
function sigmas(before, after) {
  if (before?.value == null || after?.value == null) return null;
  const rises = after.value >= before.value;
  const errors = [rises ? before.plus : before.minus, rises ? after.minus : after.plus];
  if (errors.some((each) => each == null)) return null;
  const spread = Math.hypot(...errors);
  return spread > 0 ? (after.value - before.value) / spread : null;
}

const ofTime = (width) => width && { value: width.value_s, minus: width.err_minus_s, plus: width.err_plus_s };
const ofParameter = (each) => each && { value: each.value, minus: each.err_minus, plus: each.err_plus };
const text = (each, unit) => (each ? measured(each.value, each.minus, each.plus, unit) : "–");

function rowsOf(measuredBefore, fitsBefore, preview) {
  const rows = [];
  for (const after of preview.durations) {
    const before = measuredBefore.instruments.find((each) => each.duration.instrument === after.instrument)?.duration;
    for (const name of ["t90", "t50"]) {
      rows.push([`${name.toUpperCase()} ${after.instrument}`, "s", ofTime(before?.[name]), ofTime(after[name])]);
    }
  }
  const model = preview.spectra[0]?.models[0];
  const old = fitsBefore?.models.find((each) => each.name === model?.name);
  for (const [name, each] of Object.entries(model?.parameters ?? {})) {
    rows.push([`${model.name} ${name}`, each.unit, ofParameter(old?.parameters[name]), ofParameter(each)]);
  }
  return rows;
}

export function Findings({ measured: before, fits, found }) {
  const { preview, error, busy } = found;
  if (error) return html`<p class="said bad" role="alert">${error.message}</p>`;
  if (!preview) return html`<p class="hint" role="status">${busy ? "The first preview starts a worker: it takes a few seconds…" : "Drag an edge in the figure, or change a number: T90 and the fit follow."}</p>`;
  if (!preview.quick) return html`<p class="said warn" role="status">${preview.reason}</p>`;
  const rows = rowsOf(before, fits, preview);
  const model = preview.spectra[0]?.models[0];
  return html`
    <div aria-live="polite" aria-busy=${busy}>
      <${Table} caption=${`Preview with ${preview.replicas} replicas, computed in ${number(preview.elapsed_s, 2)} s${busy ? "; a newer one is on its way" : ""}`} rows=${rows} columns=${[
        ["Value", ([name]) => name],
        ["Run", ([, unit, old]) => text(old, unit), "number"],
        ["Preview", ([, unit, , now]) => html`<strong>${text(now, unit)}</strong>`, "number"],
        ["σ", ([, , old, now]) => number(sigmas(old, now), 2), "number"],
      ]} />
      ${model ? html`<p class="hint">${model.name}: ${preview.spectra[0].statistic} ${number(model.statistic_value, 5)} for ${model.dof} dof. T90 ${ofWidth(preview.durations[0]?.t90)}</p>` : null}
      <${Flags} flags=${[...new Map(preview.durations.flatMap((each) => each.flags).map((each) => [each.text, each])).values()]} />
    </div>
  `;
}
