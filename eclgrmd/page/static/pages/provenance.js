// Which data, which keys and which software made the numbers of a run.
import { html } from "../preact.js";
import { path } from "../api.js";
import { utc } from "../format.js";
import { Facts, Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";

function leaves(value, pointer = "") {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return [[pointer, value]];
  return Object.entries(value).flatMap(([key, each]) => leaves(each, `${pointer}/${key}`));
}

export function Provenance({ run }) {
  const resource = useResource(path("products", run.id, "result.json"));
  return html`
    <${Shown} resource=${resource} what="provenance">${({ inputs, process, software, configuration }) => html`
      <${Facts} facts=${[
        ["Made", utc(process.created_utc)],
        ["Stream", process.dstream],
        ["Observation", process.obs_id],
        ["Processing version", String(process.proc_ver)],
        ["Again from", process.rerun_of],
        ["Trigger time of a notice", process.trigger_utc],
        ["Processor", process.processor],
        ["Checksum of the configuration", html`<code>${process.configuration_sha256}</code>`],
      ]} />
      <${Table} caption="Files that were analysed" rows=${[...inputs, ...process.calibration.filter((each) => !inputs.some((one) => one.sha256 === each.sha256))]} columns=${[
        ["File", (each) => each.name],
        ["Kind", (each) => each.kind],
        ["SHA-256", (each) => html`<code>${each.sha256}</code>`, "hash"],
      ]} />
      <${Table} caption="Steps, in their order" rows=${process.steps} columns=${[
        ["Step", (each) => each.name],
        ["Outcome", (each) => (each.reused ? "taken from an earlier run" : "computed")],
        ["Depends on (checksum)", (each) => html`<code>${each.key.slice(0, 16)}</code>`],
        ["Outcome (checksum)", (each) => html`<code>${each.sha256.slice(0, 16)}</code>`],
      ]} />
      <${Table} caption="Configuration, with the layer that each value comes from" rows=${leaves(configuration)} columns=${[
        ["Key", ([pointer]) => html`<code>${pointer}</code>`],
        ["Value", ([, value]) => JSON.stringify(value), "wide"],
        ["From", ([pointer]) => process.sources[pointer] ?? "built in"],
      ]} />
      <${Facts} facts=${Object.entries(software)} />
    `}<//>
  `;
}
