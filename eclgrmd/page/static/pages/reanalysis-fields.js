// The fields of a re-analysis: every handle of the figure has its number here, too.
import { html } from "../preact.js";
import { band } from "../format.js";
import { MODELS, moved, ORDERS } from "./reanalysis-keys.js";

// A result's number has more digits than a field has room.
const shownText = (value) => String(Number(value.toPrecision(5)));

function Edges({ name, interval, onChange, unit = "s" }) {
  const field = (edge, label) => html`
    <label>${label} (${unit})
      <input type="number" aria-label=${`${name} ${label} (${unit})`} step="any" value=${shownText(interval[edge])} onChange=${(event) => {
        const value = event.target.valueAsNumber;
        if (Number.isFinite(value)) onChange(moved(interval, edge, value));
        event.target.value = shownText(moved(interval, edge, Number.isFinite(value) ? value : interval[edge])[edge]);
      }} />
    </label>`;
  return html`<span class="row" role="group" aria-label=${name}>${field(0, "from")} ${field(1, "to")}</span>`;
}

function Boxes({ legend, names, chosen, onChange }) {
  const toggle = (name) => onChange(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]);
  return html`
    <fieldset><legend>${legend}</legend>
      <span class="row">${names.map((name) => html`<label class="inline"><input type="checkbox" checked=${chosen.includes(name)} disabled=${chosen.length === 1 && chosen[0] === name} onChange=${() => toggle(name)} />${name}</label>`)}</span>
    </fieldset>`;
}

// `setOwn` sets what belongs to the instrument that is shown.
export function Fields({ instrument, shown, detectors, set, setOwn, onAdd }) {
  const background = (index, interval) => setOwn({ background: shown.background.map((each, i) => (i === index ? interval : each)) });
  const remove = (index) => setOwn({ background: shown.background.filter((_, i) => i !== index) });
  return html`
    <fieldset><legend>Background intervals of ${instrument}</legend>
      ${shown.background.map((each, i) => html`
        <div class="row">
          <span class="ordinal" aria-hidden="true">${i + 1}</span>
          <${Edges} name=${`Background ${i + 1}`} interval=${each} onChange=${(interval) => background(i, interval)} />
          ${shown.background.length > 1 ? html`<button type="button" aria-label=${`Remove background ${i + 1}`} title="Remove" onClick=${() => remove(i)}>✕</button>` : null}
        </div>`)}
      <div class="row">
        <button type="button" onClick=${onAdd}>Add an interval</button>
        <label>Background curve
          <select value=${shown.order === undefined ? "" : shown.order === null ? "smooth" : String(shown.order)}
            onChange=${({ target: { value } }) => setOwn({ order: value === "" ? undefined : value === "smooth" ? null : Number(value) })}>
            ${ORDERS.map(([value, text]) => html`<option value=${value}>${text}</option>`)}
          </select>
        </label>
      </div>
    </fieldset>
    <fieldset><legend>Interval of the spectrum</legend>
      <${Edges} name="Source" interval=${shown.source} onChange=${(source) => set({ source })} />
    </fieldset>
    ${shown.band
      ? html`<fieldset><legend>Energy band of T90 of ${instrument}: ${band(shown.band)}</legend>
          <${Edges} name="Band" unit="keV" interval=${shown.band} onChange=${(found) => setOwn({ band: found })} />
        </fieldset>`
      : null}
    <${Boxes} legend="Detectors" names=${detectors} chosen=${shown.detectors} onChange=${(found) => set({ detectors: found })} />
    <${Boxes} legend="Models, the first one is the reference" names=${MODELS} chosen=${shown.models} onChange=${(found) => set({ models: found })} />
  `;
}
