// The fields of a re-analysis: every handle of the figure has its number here, too.
import { html } from "../vendor/preact-htm.js";
import { band } from "../format.js";
import { MODELS, moved, ORDERS } from "./reanalysis-keys.js";

const SLIDER_STEPS = 1000;

function Edges({ name, interval, onChange, unit = "s" }) {
  const field = (edge, label) => html`
    <label>${label} (${unit})
      <input type="number" step="any" value=${interval[edge]} onChange=${(event) => {
        const value = event.target.valueAsNumber;
        if (Number.isFinite(value)) onChange(moved(interval, edge, value));
        event.target.value = String(moved(interval, edge, Number.isFinite(value) ? value : interval[edge])[edge]);
      }} />
    </label>`;
  return html`<span class="row" role="group" aria-label=${name}>${field(0, `${name} from`)} ${field(1, `${name} to`)}</span>`;
}

// Two sliders on a logarithmic scale: dragged, or moved by the arrow keys.
function BandSliders({ limits, interval, onChange }) {
  const [low, high] = limits.map(Math.log);
  const position = (value) => Math.round((SLIDER_STEPS * (Math.log(value) - low)) / (high - low));
  const value = (at) => Number(Math.exp(low + ((high - low) * at) / SLIDER_STEPS).toPrecision(3));
  const slider = (edge, label) => html`
    <label>${label}
      <input type="range" min="0" max=${SLIDER_STEPS} value=${position(interval[edge])} aria-valuetext=${`${interval[edge]} keV`}
        onInput=${(event) => onChange(moved(interval, edge, value(event.target.valueAsNumber)))} />
    </label>`;
  return html`<span class="row">${slider(0, "lower energy")} ${slider(1, "upper energy")}</span>`;
}

function Boxes({ legend, names, chosen, onChange }) {
  const toggle = (name) => onChange(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]);
  return html`
    <fieldset><legend>${legend}</legend>
      <span class="row">${names.map((name) => html`<label class="inline"><input type="checkbox" checked=${chosen.includes(name)} disabled=${chosen.length === 1 && chosen[0] === name} onChange=${() => toggle(name)} />${name}</label>`)}</span>
    </fieldset>`;
}

export function Fields({ shown, limits, detectors, draft, set, onAdd }) {
  const background = (index, interval) => set({ background: shown.background.map((each, i) => (i === index ? interval : each)) });
  const remove = (index) => set({ background: shown.background.filter((_, i) => i !== index) });
  return html`
    <fieldset><legend>Background intervals</legend>
      ${shown.background.map((each, i) => html`
        <div class="row">
          <${Edges} name=${`Background ${i + 1}`} interval=${each} onChange=${(interval) => background(i, interval)} />
          ${shown.background.length > 1 ? html`<button type="button" onClick=${() => remove(i)}>Remove<span class="unseen"> background ${i + 1}</span></button>` : null}
        </div>`)}
      <div class="row">
        <button type="button" onClick=${onAdd}>Add an interval</button>
        <label>Background curve
          <select value=${draft.order === undefined ? "" : draft.order === null ? "smooth" : String(draft.order)}
            onChange=${({ target: { value } }) => set({ order: value === "" ? undefined : value === "smooth" ? null : Number(value) })}>
            ${ORDERS.map(([value, text]) => html`<option value=${value}>${text}</option>`)}
          </select>
        </label>
      </div>
    </fieldset>
    <fieldset><legend>Interval of the spectrum</legend>
      <${Edges} name="Source" interval=${shown.source} onChange=${(source) => set({ source })} />
    </fieldset>
    ${shown.band
      ? html`<fieldset><legend>Energy band of T90: ${band(shown.band)}</legend>
          <${Edges} name="Band" unit="keV" interval=${shown.band} onChange=${(found) => set({ band: found })} />
          <${BandSliders} limits=${limits} interval=${shown.band} onChange=${(found) => set({ band: found })} />
        </fieldset>`
      : null}
    <${Boxes} legend="Detectors" names=${detectors} chosen=${shown.detectors} onChange=${(found) => set({ detectors: found })} />
    <${Boxes} legend="Models, the first one is the reference" names=${MODELS} chosen=${shown.models} onChange=${(found) => set({ models: found })} />
  `;
}
