// One task: its state changes, inputs, configuration, log and products.
import { html, useCallback } from "../preact.js";
import { path } from "../api.js";
import { utc } from "../format.js";
import { Badge, Facts, Section, Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";
import { address } from "../route.js";
import { ProductTable } from "./files.js";
import { Logs } from "./logs.js";
import { elapsed, TaskActions } from "./tasks.js";

export function TaskPage({ route, who }) {
  const concerns = useCallback((event) => event.task === route.id, [route.id]);
  const resource = useResource(path("task", route.id), { concerns });
  const changed = useCallback(
    (task) => {
      if (task.id === route.id) resource.again();
      else location.hash = address("task", task.id);
    },
    [route.id, resource.again],
  );
  return html`
    <h1>Task ${route.id}</h1>
    <${Shown} resource=${resource} what="task">${(task) => html`
      <p><${Badge} state=${task.state} />${task.superseded_by ? html`<${Badge} state="superseded" />` : null} ${task.reason}</p>
      <${TaskActions} task=${task} who=${who} onChange=${changed} />
      <${Facts} facts=${[
        ["Burst", html`<a href=${address("burst", task.burst_id, { run: task.state === "done" ? task.id : "" })}>${task.burst_id}</a>`],
        ["Analysis", task.analysis],
        ["Origin", task.origin],
        ["Again from", task.rerun_of && html`<a href=${address("task", task.rerun_of)}>${task.rerun_of}</a>`],
        ["Superseded by", task.superseded_by && html`<a href=${address("task", task.superseded_by)}>${task.superseded_by}</a>`],
        ["Still missing", task.incomplete],
        ["Attempts", task.attempts],
        ["Took", elapsed(task)],
        ["Figures", `${task.figures.state}${task.figures.reason ? `: ${task.figures.reason}` : ""}`],
      ]} />
      <${Section} id="changes" title="State changes" open=${true}>
        <${Table} caption="State changes" rows=${task.changes} columns=${[
          ["When", (each) => utc(each.at), "number"],
          ["State", (each) => html`<${Badge} state=${each.state} />`],
          ["Reason", (each) => each.reason, "wide"],
        ]} />
      <//>
      <${Section} id="log" title="Log" open=${task.state === "failed"}><${Logs} task=${task.id} /><//>
      <${Section} id="keys" title="Own keys and inputs">
        <pre tabindex="0" aria-label="Own keys">${JSON.stringify(task.configuration, null, 1)}</pre>
        <${Table} caption="Inputs" rows=${task.inputs} columns=${[
          ["Name", (each) => each.name],
          ["SHA-256", (each) => html`<code>${each.sha256 ?? "the newest"}</code>`, "hash"],
        ]} />
      <//>
      <${Section} id="products" title="Products" aside=${String(task.products.length)}>
        <${ProductTable} products=${task.products} />
      <//>
    `}<//>
  `;
}
