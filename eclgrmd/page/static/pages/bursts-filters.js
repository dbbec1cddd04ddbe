// Search, filters and order of the bursts; all of them live in the address.
import { html, useCallback, useEffect, useRef } from "../preact.js";
import { setQuery } from "../route.js";

const TYPING_MS = 300;
const STATES = ["new", "open", "done", "failed", "withdrawn"];
const CLASSES = ["short", "long", "unsure"];
const INSTRUMENTS = ["ECL", "GRM", "GBM", "BAT", "BATSE", "KONUS"];
const BOUNDS = [
  ["min_t90_s", "T90 from (s)", "number"],
  ["max_t90_s", "T90 to (s)", "number"],
  ["min_epeak_kev", "Epeak from (keV)", "number"],
  ["max_epeak_kev", "Epeak to (keV)", "number"],
  ["min_fluence_erg", "Fluence from (erg/cm²)", "number"],
  ["max_fluence_erg", "Fluence to (erg/cm²)", "number"],
  ["t0_from", "T0 from (UTC)", "date"],
  ["t0_to", "T0 before (UTC)", "date"],
];
export const ORDERS = {
  "-created": "Newest first",
  "-t0": "T0, latest first",
  t0: "T0, earliest first",
  "-t90": "T90, longest first",
  t90: "T90, shortest first",
  "-epeak": "Epeak, highest first",
  epeak: "Epeak, lowest first",
  "-fluence": "Fluence, brightest first",
  fluence: "Fluence, faintest first",
  id: "Name",
};
export const FIRST_ORDER = "-created";
export const FILTERS = ["text", "state", "class", "instrument", ...BOUNDS.map(([key]) => key)];

export function Filters({ query }) {
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const typed = useCallback((event) => {
    const { name, value } = event.target;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQuery({ [name]: value.trim() }), TYPING_MS);
  }, []);
  const chosen = useCallback((event) => setQuery({ [event.target.name]: event.target.value }), []);
  const clear = useCallback(() => setQuery(Object.fromEntries(FILTERS.map((key) => [key, ""]))), []);
  const set = FILTERS.filter((key) => query.get(key));
  const folded = set.filter((key) => key !== "text").length;
  const choice = (name, label, values) => html`
    <label>${label}
      <select name=${name} value=${query.get(name) ?? ""} onChange=${chosen}>
        <option value="">any</option>
        ${values.map((each) => html`<option value=${each}>${each}</option>`)}
      </select>
    </label>`;
  return html`
    <search>
      <div class="row">
        <label>Search<input type="search" name="text" value=${query.get("text") ?? ""} onInput=${typed} placeholder="burst, file or task" maxlength="100" /></label>
        <label>Order
          <select name="sort" value=${query.get("sort") ?? FIRST_ORDER} onChange=${chosen}>
            ${Object.entries(ORDERS).map(([value, text]) => html`<option value=${value}>${text}</option>`)}
          </select>
        </label>
        ${set.length ? html`<button type="button" onClick=${clear}>Clear ${set.length} filter${set.length > 1 ? "s" : ""}</button>` : null}
      </div>
      <details open=${folded > 0}>
        <summary>Filters${folded ? ` (${folded})` : ""}</summary>
        <div class="row">
          ${choice("state", "State", STATES)} ${choice("class", "Class", CLASSES)}
          ${choice("instrument", "Instrument", INSTRUMENTS)}
          ${BOUNDS.map(
            ([key, label, type]) => html`<label>${label}<input type=${type} step="any" min=${type === "number" ? 0 : undefined} name=${key} value=${query.get(key) ?? ""} onInput=${typed} /></label>`,
          )}
        </div>
      </details>
    </search>
  `;
}
