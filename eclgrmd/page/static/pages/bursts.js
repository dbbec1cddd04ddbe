// The list of bursts, newest first and live.
import { html, useCallback, useEffect, useState } from "../preact.js";
import { API, getJson, path, withQuery } from "../api.js";
import { many, moment, NONE, number, utc } from "../format.js";
import { Ago, Badge, Failure, Shown } from "../parts.js";
import { useResource } from "../resource.js";
import { address } from "../route.js";
import { FILTERS, FIRST_ORDER, Filters } from "./bursts-filters.js";
import { begin, markSeen, novelty } from "./seen.js";

const PAGE = 50;
// Columns with values: heading, text, class.
const VALUES = [
  ["Instrument", (burst) => burst.instrument ?? NONE, ""],
  ["Class", (burst) => burst.class ?? NONE, ""],
  ["Significance (σ)", (burst) => number(burst.significance), "number"],
  ["T90 (s)", (burst) => number(burst.t90_s), "number"],
  ["Epeak (keV)", (burst) => number(burst.epeak_kev), "number"],
  ["Fluence (erg/cm²)", (burst) => number(burst.fluence_erg), "number"],
];
const everything = (event) => event.kind !== "status";

function asked(query, limit) {
  const filters = Object.fromEntries(FILTERS.map((key) => [key, query.get(key)]));
  return withQuery("bursts", { sort: query.get("sort") ?? FIRST_ORDER, limit, ...filters });
}

// One page after the other, as one list; a live event fetches all of them again.
async function fetchPages(where, options) {
  const bursts = [];
  const wanted = Number(new URL(where, location).searchParams.get("limit"));
  const first = where.replace(/limit=\d+/, `limit=${Math.min(wanted, 1000)}`);
  for (let next = first; next; ) {
    const page = await getJson(next, options);
    bursts.push(...page.bursts);
    next = page.next;
    if (bursts.length >= wanted || !next) return { bursts, more: Boolean(next) };
  }
  return { bursts, more: false };
}

function Row({ burst }) {
  const t0 = burst.t0_utc ?? burst.trigger_utc;
  const news = novelty(burst);
  const gone = burst.state === "withdrawn";
  return html`
    <tr role="row" class=${gone ? "gone" : undefined}>
      <td role="cell" class="whole">
        <a class="id" href=${address("burst", burst.id)}>${burst.id}</a>${" "}
        <${Badge} state=${burst.state} />
        ${burst.stream === "vhf" ? html`<${Badge} state="not final" title="Measured by the quick look; the full data have not been analysed." />` : null}
        ${burst.record ? html`<span class="badge good" title=${`Accepted by ${burst.record.by}: ${burst.record.reason}`}>of record</span>` : null}
        ${burst.claim ? html`<span class="badge busy" title=${burst.claim.note || "No note."}>taken by ${burst.claim.by}</span>` : null}
        ${news ? html`<${Badge} state=${news} />` : null}
      </td>
      <td role="cell" class="whole">
        ${t0 ? html`${utc(t0)} <span class="small">(<${Ago} at=${moment(t0)} />)</span>` : html`<span class="small">T0 unknown; named <${Ago} at=${moment(burst.created_at)} /></span>`}
      </td>
      <td role="cell" class="picture">${burst.t90_s === null ? null : html`<img src=${`${API}/${path("bursts", burst.id, "thumbnail")}`} alt="" loading="lazy" width="120" height="40" />`}</td>
      ${VALUES.map(([name, text, kind]) => {
        const value = text(burst);
        return html`<td role="cell" class=${`${kind} ${value === NONE ? "none" : ""}`} data-name=${name}>${value}</td>`;
      })}
      <td role="cell" class="small whole">
        ${many(burst.data_files, "file")}, ${many(burst.tasks, "task")}, ${many(burst.products, "product")}
      </td>
    </tr>
  `;
}

function List({ found, onMore }) {
  const [, setRound] = useState(0);
  const { bursts, more } = found;
  useEffect(() => begin(bursts), [bursts]);
  const news = bursts.filter(novelty);
  const seen = useCallback(() => {
    markSeen(bursts);
    setRound((last) => last + 1);
  }, [bursts]);
  if (!bursts.length) return html`<p>No burst fits. Clear a filter, or send data: see <a href="/api">the interface</a>.</p>`;
  const heads = ["Burst", "T0", "Light curve", ...VALUES.map(([name]) => name), "Holds"];
  return html`
    ${news.length
      ? html`<p class="said warn">${news.length} changed since you last looked. <button type="button" onClick=${seen}>Mark all as seen</button></p>`
      : null}
    <table class="bursts" role="table">
      <caption>${many(bursts.length, "burst")}${more ? ", and more" : ""}</caption>
      <thead role="rowgroup">
        <tr role="row">${heads.map((each) => html`<th role="columnheader" scope="col">${each}</th>`)}</tr>
      </thead>
      <tbody role="rowgroup">${bursts.map((each) => html`<${Row} key=${each.id} burst=${each} />`)}</tbody>
    </table>
    ${more ? html`<button type="button" onClick=${onMore}>Show more</button>` : null}
  `;
}

export function Bursts({ route }) {
  const [limit, setLimit] = useState(PAGE);
  const resource = useResource(asked(route.query, limit), { concerns: everything, fetcher: fetchPages });
  const [last, setLast] = useState(null);
  useEffect(() => {
    if (resource.data) setLast(resource.data);
  }, [resource.data]);
  const more = useCallback(() => setLimit((value) => value + PAGE), []);
  const shown = resource.data ?? last;
  return html`
    <h1>Bursts</h1>
    <${Filters} query=${route.query} />
    ${shown
      ? html`<${Failure} error=${resource.error} what="Cannot load the bursts" />
          <${List} found=${shown} onMore=${more} />`
      : html`<${Shown} resource=${resource} what="bursts">${() => null}<//>`}
  `;
}
