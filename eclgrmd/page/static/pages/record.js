// The result of record: one run stands for its burst, with name and reason.
import { html, useCallback } from "../preact.js";
import { path, sendJson, withQuery } from "../api.js";
import { utc } from "../format.js";
import { may } from "../login.js";
import { Failure, Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";
import { address } from "../route.js";
import { useAct } from "./claim.js";

const DONE = {
  claimed: "took the burst",
  taken_over: "took the burst from another",
  released: "released the burst",
  accepted: "accepted a run",
  withdrawn: "withdrew the result of record",
};

export function RecordNote({ burst, run }) {
  const { record } = burst;
  if (!record) return null;
  const run_ = html`<a href=${address("burst", burst.id, { run: record.task_id })}>${record.task_id}</a>`;
  return html`<p class="said good">${record.task_id === run?.id ? "This is the result of record" : html`The result of record is ${run_}`}: accepted by ${record.by} on ${utc(record.at)}, because: ${record.reason}</p>`;
}

export function Record({ burst, run, who, onChange }) {
  const { busy, error, act } = useAct(onChange);
  const where = path("bursts", burst.id, "record");
  const isRecord = burst.record?.task_id === run.id;
  const decide = (event) => {
    event.preventDefault();
    const reason = event.target.elements.reason.value.trim();
    const work = isRecord ? () => sendJson("DELETE", withQuery(where, { reason })) : () => sendJson("POST", where, { task_id: run.id, reason });
    act(work);
  };
  const concerns = useCallback((event) => event.burst === burst.id && event.kind === "burst", [burst.id]);
  const decisions = useResource(path("bursts", burst.id, "decisions"), { concerns });
  return html`
    ${may(who, "scientist")
      ? html`<form class="row" onSubmit=${decide}>
          <label>Reason<input name="reason" required maxlength="500" size="40" /></label>
          <button class="main" disabled=${busy}>${isRecord ? "Withdraw the result of record" : `Accept ${run.id} as the result of record`}</button>
        </form>`
      : null}
    <${Failure} error=${error} what="Not done" />
    <${Shown} resource=${decisions} what="decisions">${({ decisions: rows }) => html`
      <${Table} caption="Who decided what" rows=${rows} empty="Nothing was decided yet." columns=${[
        ["When", (each) => utc(each.at), "number"],
        ["Who", (each) => each.who],
        ["What", (each) => `${DONE[each.kind] ?? each.kind}${each.task_id ? ` (${each.task_id})` : ""}`],
        ["Why", (each) => each.reason, "wide"],
      ]} />`}<//>
  `;
}
