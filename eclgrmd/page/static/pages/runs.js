// The runs of a burst, and what changed between two of them, in sigma.
import { html, useState } from "../preact.js";
import { withQuery } from "../api.js";
import { number, ofMeasurement } from "../format.js";
import { Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";
import { TaskTable } from "./tasks.js";

const json = (value) => (value === null || value === undefined ? "–" : JSON.stringify(value));

export function Comparison({ before, after }) {
  const [all, setAll] = useState(false);
  const resource = useResource(before && after && before !== after ? withQuery("compare", { task: [before, after] }) : null);
  return html`
    <${Shown} resource=${resource} what="comparison">${(found) => {
      const differ = found.values.filter((each) => each.difference !== 0);
      const rows = all ? found.values : differ;
      return html`
        <p role="status">${found.same ? "All values agree to the bit." : `${differ.length} of ${found.values.length} values differ.`}</p>
        <${Table} caption="Keys of the configuration that differ" rows=${found.configuration} empty="The configurations are the same." columns=${[
          ["Key", (each) => html`<code>${each.pointer}</code>`],
          [before, (each) => json(each.before), "wide"],
          [after, (each) => json(each.after), "wide"],
        ]} />
        <label class="inline"><input type="checkbox" checked=${all} onChange=${() => setAll(!all)} />also values that are the same</label>
        <${Table} caption="Values; far less than 1 σ is expected where only the method changed" rows=${rows} empty="No value differs." columns=${[
          ["Value", (each) => `${each.name}${each.unit ? ` (${each.unit})` : ""}`],
          [before, (each) => ofMeasurement(each.before), "number"],
          [after, (each) => ofMeasurement(each.after), "number"],
          ["Difference", (each) => number(each.difference), "number"],
          ["in σ", (each) => number(each.sigma, 2), "number"],
        ]} />
        ${found.inputs.length ? html`<p>Files that differ: ${found.inputs.join(", ")}</p>` : null}
        ${found.flags_new.length ? html`<p>New doubts: ${found.flags_new.join("; ")}</p>` : null}
        ${found.flags_gone.length ? html`<p>Doubts that are gone: ${found.flags_gone.join("; ")}</p>` : null}
        ${found.software.length ? html`<p>Software: ${found.software.map((each) => `${each.pointer} ${json(each.before)} → ${json(each.after)}`).join(", ")}</p>` : null}
      `;
    }}<//>
  `;
}

export function Runs({ burst, run, who, onChange }) {
  const done = burst.tasks.filter((task) => task.state === "done").map((task) => task.id);
  const [pair, setPair] = useState(["", ""]);
  const other = done.filter((each) => each !== run?.id).at(-1) ?? "";
  const [before, after] = [pair[0] || run?.rerun_of || other, pair[1] || run?.id];
  const choice = (label, value, set) => html`
    <label>${label}<select value=${value} onChange=${(event) => set(event.target.value)}>${done.map((each) => html`<option value=${each}>${each}</option>`)}</select></label>`;
  return html`
    <${TaskTable} tasks=${burst.tasks} who=${who} onChange=${onChange} caption="Runs, oldest first" />
    ${done.length > 1
      ? html`<h3>What changed</h3>
          <div class="row">${choice("from", before, (value) => setPair([value, after]))} ${choice("to", after, (value) => setPair([before, value]))}</div>
          <${Comparison} key=${`${before} ${after}`} before=${before} after=${after} />`
      : html`<p class="hint">A second run can be compared with this one.</p>`}
  `;
}
