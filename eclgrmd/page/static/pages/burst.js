// One burst: what is known of it, from the first number down to the log.
import { html, useCallback, useEffect, useState } from "../preact.js";
import { API, path } from "../api.js";
import { band, measured, moment, number, utc } from "../format.js";
import { may } from "../login.js";
import { Ago, Badge, Facts, Failure, Flags, Section, Shown, Wait } from "../parts.js";
import { useResource } from "../resource.js";
import { address, setQuery } from "../route.js";
import { PastedCircular } from "./circular.js";
import { Claim } from "./claim.js";
import { Drafts } from "./drafts.js";
import { Durations } from "./durations.js";
import { Evolution } from "./evolution.js";
import { DataTable, ProductTable } from "./files.js";
import { LightCurves, useBurstView } from "./lightcurves.js";
import { Logs } from "./logs.js";
import { Provenance } from "./provenance.js";
import { QuickHeadline, QuickLook } from "./quicklook.js";
import { Record, RecordNote } from "./record.js";
import { RestFrame } from "./restframe.js";
import { Runs } from "./runs.js";
import { markSeenNow } from "./seen.js";
import { Spectra } from "./spectra.js";
import { TimeMachine } from "./timemachine.js";
import { Trust } from "./trust.js";

// Loaded when somebody begins to re-analyse.
const loadReanalysis = () => import("./reanalysis.js").then((module) => module.Reanalysis);

// The run to be shown: the one in the address, else the result of record, else the newest that no
// later version replaces.
export function chosenRun({ tasks, record }, asked) {
  const wanted = asked ?? record?.task_id;
  const done = tasks.filter((task) => task.state === "done");
  const current = done.filter((task) => !task.superseded_by && !task.rerun_of);
  return done.find((task) => task.id === wanted) ?? current.at(-1) ?? done.at(-1) ?? null;
}

function Headline({ run }) {
  const found = run.summary;
  if (!found) return null;
  const of = (name, unit) => {
    const parameter = found.parameters?.[name];
    return parameter ? measured(...parameter, unit) : "";
  };
  return html`
    <div class="headline"><${Facts} facts=${[
      [`T90, ${found.instrument ?? ""} ${band(found.band_kev)}`, measured(found.t90_s, found.t90_err_minus_s, found.t90_err_plus_s, "s")],
      ["Epeak", of("epeak_kev", "keV")],
      ["Fluence", found.fluence_erg ? `${number(found.fluence_erg)} erg/cm²` : ""],
      ["Significance", found.significance ? `${number(found.significance)} σ` : ""],
      ["Class", found.classification],
      ["Fit", found.model ? `${found.model}, ${found.statistic} ${number(found.statistic_value, 5)} for ${found.dof} dof` : ""],
    ]} /></div>
    <${Flags} flags=${[...new Set(found.flags)].map((text) => ({ text }))} />
  `;
}

function RunChoice({ tasks, run }) {
  const done = tasks.filter((task) => task.state === "done");
  const text = (task) => `${task.id}${task.superseded_by ? " (superseded)" : ""}${task.rerun_of ? ` (again from ${task.rerun_of})` : ""}`;
  return html`
    <label>Run
      <select value=${run.id} onChange=${(event) => setQuery({ run: event.target.value })}>
        ${done.map((task) => html`<option value=${task.id}>${text(task)}</option>`)}
      </select>
    </label>
  `;
}

// The way to the re-analysis, and back.
function Change({ burst, run, who, changes }) {
  if (!may(who, "scientist")) return null;
  const [text, more] = changes ? ["Back to the result", ""] : ["Re-analyse: drag, and see T90 follow", "reanalyse"];
  return html`<a class="button" href=${address("burst", burst.id, { run: run.id }, more)}>${text}</a>`;
}

function useLater(load, wanted) {
  const [found, setFound] = useState({ part: null, error: null });
  useEffect(() => {
    if (!wanted || found.part) return;
    load().then(
      (part) => setFound({ part, error: null }),
      () => setFound({ part: null, error: new Error("this part of the page could not be loaded: reload the page") }),
    );
  }, [wanted]);
  return found;
}

function Result({ burst, run, route, who }) {
  const durations = useResource(path("task", run.id, "durations"));
  const view = useBurstView(durations.data);
  const wanted = route.more === "reanalyse";
  const { part: Reanalysis, error } = useLater(loadReanalysis, wanted);
  let curves = html`<${LightCurves} source=${path("task", run.id)} measured=${durations.data} view=${view} />`;
  if (wanted) {
    curves = Reanalysis ? html`<${Reanalysis} key=${run.id} burst=${burst.id} run=${run} measured=${durations.data} view=${view} />` : html`<${Wait} what="re-analysis" />`;
  }
  return html`
    <${Failure} error=${error} />
    <${Shown} resource=${durations} what="light curves">${() => (view ? curves : html`<p class="hint">This run measured no light curve.</p>`)}<//>
    ${wanted ? null : html`
      ${view ? html`<${Evolution} task=${run.id} view=${view} />` : null}
      <${Section} id="durations" title="Durations" open=${true}>
        ${durations.data ? html`<${Durations} measured=${durations.data} />` : null}
      <//>
      <${Section} id="spectra" title="Spectrum" open=${true}><${Spectra} key=${run.id} task=${run.id} /><//>
      <${Section} id="restframe" title="Rest frame"><${RestFrame} burst=${burst} run=${run} who=${who} /><//>
    `}
  `;
}

export function BurstPage({ route, who }) {
  const concerns = useCallback((event) => event.burst === route.id, [route.id]);
  const resource = useResource(path("bursts", route.id), { concerns });
  useEffect(() => {
    if (resource.data) markSeenNow(route.id);
  }, [resource.data]);
  return html`
    <h1>${route.id}</h1>
    <${Shown} resource=${resource} what="burst">${(burst) => {
      const run = chosenRun(burst, route.query.get("run"));
      const t0 = burst.t0_utc ?? burst.vhf?.newest?.t0_utc ?? burst.trigger_utc;
      const open = burst.tasks.filter((task) => ["waiting", "queued", "running"].includes(task.state));
      // While one re-analyses, only what one needs for it is shown.
      const changes = run && route.more === "reanalyse";
      const isWithdrawn = burst.vhf?.state === "withdrawn";
      return html`
        <p>
          ${t0 ? html`T0 = ${utc(t0)} (<${Ago} at=${moment(t0)} />)` : "T0 unknown"}${" "}
          ${isWithdrawn ? html`<${Badge} state="withdrawn" />` : null}
          ${run ? (run.incomplete ? html`<${Badge} state="not final" title=${run.incomplete} />` : null) : html`<${Badge} state="not final" title="No analysis of the full data has a result." />`}
          ${run?.superseded_by ? html`<${Badge} state="superseded" />` : null}
        </p>
        ${run ? html`<${Headline} run=${run} />` : burst.vhf ? html`<${QuickHeadline} look=${burst.vhf} />` : null}
        <${RecordNote} burst=${burst} run=${run} />
        ${open.length ? html`<p class="said busy" role="status">In work: ${open.map((task, i) => html`${i ? ", " : ""}<a href=${address("task", task.id)}>${task.id}</a> (${task.state})`)}. The page follows.</p>` : null}
        ${run?.incomplete ? html`<p class="said warn">Not final: ${run.incomplete}</p>` : null}
        ${changes ? null : html`<${Claim} burst=${burst} who=${who} onChange=${resource.again} />`}
        ${run
          ? html`<div class="row"><${RunChoice} tasks=${burst.tasks} run=${run} />
              <${Change} burst=${burst} run=${run} who=${who} changes=${changes} />
              <a href=${`${API}/${path("task", run.id, "report")}`}>Report to mail</a>
              <a href=${`${API}/${path("task", run.id, "archive")}`}>All products (ZIP)</a></div>
              <${Result} burst=${burst} run=${run} route=${route} who=${who} />`
          : html`<p class="hint">No analysis has a result yet${burst.tasks.length ? "" : ": no task was sent"}.</p>`}
        ${changes ? null : html`<${Rest} burst=${burst} run=${run} who=${who} onChange=${resource.again} />`}
      `;
    }}<//>
  `;
}

// What is folded at first: texts, decisions, runs, files and how the numbers were made.
function Rest({ burst, run, who, onChange }) {
  return html`
    ${burst.vhf ? html`<${Section} id="quicklook" title="Quick look" aside=${`${burst.vhf.packets} packets`} open=${!run}><${QuickLook} burst=${burst.id} look=${burst.vhf} /><//>
      <${Section} id="timemachine" title="Time machine" aside="what was known when"><${TimeMachine} burst=${burst.id} /><//>` : null}
    ${run ? html`<${Section} id="drafts" title="Texts to send"><${Drafts} run=${run} burst=${burst} /><//>` : null}
    ${run ? html`<${Section} id="record" title="Result of record" aside=${burst.record ? burst.record.task_id : "none yet"}><${Record} key=${run.id} burst=${burst} run=${run} who=${who} onChange=${onChange} /><//>
      <${Section} id="trust" title="Trust" aside="coverage and spread"><${Trust} key=${run.id} run=${run} who=${who} /><//>
      <${Section} id="circular" title="Compare with a circular"><${PastedCircular} key=${run.id} burst=${burst} run=${run} /><//>` : null}
    <${Section} id="runs" title="Runs" aside=${String(burst.tasks.length)}><${Runs} burst=${burst} run=${run} who=${who} onChange=${onChange} /><//>
    <${Section} id="files" title="Files" aside=${`${burst.data.length} received, ${burst.products.length} made`}>
      <${DataTable} data=${burst.data} unused=${burst.unused} />
      <${ProductTable} products=${burst.products.filter((each) => !run || each.task_id === run.id)} />
    <//>
    ${run ? html`<${Section} id="provenance" title="Provenance"><${Provenance} run=${run} /><//>
      <${Section} id="log" title="Log"><${Logs} task=${run.id} /><//>` : null}
  `;
}
