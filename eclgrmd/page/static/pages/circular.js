// A circular of another mission, pasted, beside the result, in sigma.
import { html, useState } from "../preact.js";
import { path, sendJson } from "../api.js";
import { band, number, ofMeasurement, utc } from "../format.js";
import { Failure, Table } from "../parts.js";
import { useAct } from "./claim.js";

const nothing = () => {};

function Found({ found }) {
  const missing = found.not_found.join(", ");
  return html`
    <p role="status">Read as a circular of ${found.instrument || "an instrument that was not recognised"}; errors of ${number(found.confidence)} % ${found.confidence_stated ? "(stated)" : "(its custom)"}, converted to 1σ.${missing ? ` Not found: ${missing}.` : ""}</p>
    <${Table} caption="The circular beside our result" rows=${found.quantities} empty="No value was read." columns=${[
      ["Value", ({ circular }) => `${circular.quantity}${circular.model ? `, ${circular.model}` : ""}${circular.band_kev ? `, ${band(circular.band_kev)}` : ""}`],
      ["Circular", ({ circular }) => (circular.utc ? utc(circular.utc) : ofMeasurement(circular.measurement, circular.unit)), "number"],
      ["Ours", (each) => (each.ours_utc ? utc(each.ours_utc) : ofMeasurement(each.ours, each.circular.unit)), "number"],
      ["Difference", (each) => number(each.difference), "number"],
      ["in σ", (each) => number(each.sigma, 2), "number"],
      ["To mind", (each) => each.note, "wide"],
    ]} />
  `;
}

export function PastedCircular({ burst, run }) {
  const [found, setFound] = useState(null);
  const { busy, error, act } = useAct(nothing);
  const compare = (event) => {
    event.preventDefault();
    const body = { text: event.target.elements.text.value, task: run.id };
    act(async () => setFound(await sendJson("POST", path("bursts", burst.id, "compare-circular"), body)));
  };
  return html`
    <form onSubmit=${compare}>
      <label class="whole">Text of the circular<textarea name="text" rows="8" maxlength="20000" required></textarea></label>
      <div class="row"><button class="main" disabled=${busy}>Compare with ${run.id}</button></div>
    </form>
    <${Failure} error=${error} what="Not compared" />
    ${found ? html`<${Found} found=${found} />` : null}
  `;
}
