// The quick look of a burst: what its packets and notices have told so far.
import { html, useCallback } from "../vendor/preact-htm.js";
import { API, getText, path } from "../api.js";
import { bytes, measured, number, ofWidth, utc } from "../format.js";
import { Badge, Copy, Facts, Flags, Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";

const MEANINGS = {
  receiving: "More packets are expected: these numbers are not final.",
  final: "No packet came for so long that none is expected. The full data will refine the numbers.",
  withdrawn: "A notice retracted the burst.",
  superseded: "The full data have been analysed: their results stand.",
};

function Circular({ burst, product }) {
  const resource = useResource(path("bursts", burst, "vhf", "products", String(product.proc_ver), product.name), { fetcher: getText });
  return html`
    <h3>Draft of a circular (quick look)</h3>
    <${Shown} resource=${resource} what="draft">${(text) => html`<pre class="draft" tabindex="0" aria-label="Draft of a circular">${text}</pre><${Copy} text=${text} label="Copy the draft" />`}<//>
  `;
}

export function QuickLook({ burst, look }) {
  const concerns = useCallback((event) => event.burst === burst, [burst]);
  const products = useResource(path("bursts", burst, "vhf", "products"), { concerns });
  const newest = look.newest;
  const spectrum = newest?.spectrum?.models?.[0];
  return html`
    <p><${Badge} state=${look.state === "withdrawn" ? "withdrawn" : look.state === "superseded" ? "superseded" : "not final"} title=${MEANINGS[look.state]} /> ${MEANINGS[look.state]}</p>
    <${Facts} facts=${[
      ["Version", String(look.version)],
      ["Changed", utc(look.changed_at)],
      ["Why", look.reason],
      ["Missing packets", newest ? String(newest.missing) : ""],
      ["Class", newest?.classification?.name],
      spectrum ? [`Epeak, ${spectrum.name}`, spectrum.parameters.epeak_kev ? measured(spectrum.parameters.epeak_kev.value, spectrum.parameters.epeak_kev.err_minus, spectrum.parameters.epeak_kev.err_plus, "keV") : ""] : ["", ""],
    ]} />
    ${newest
      ? html`<${Table} caption="Durations so far" rows=${newest.instruments} columns=${[
          ["Instrument", (each) => each.instrument],
          ["Burst is", (each) => each.progress],
          ["T90", (each) => ofWidth(each.duration.t90), "number"],
          ["T50", (each) => ofWidth(each.duration.t50), "number"],
          ["σ", (each) => number(each.duration.significance), "number"],
          ["Data until (s)", (each) => number(each.until_s, 4), "number"],
        ]} /><${Flags} flags=${newest.flags} />`
      : html`<p class="hint">No packet with a light curve came yet.</p>`}
    <${Shown} resource=${products} what="products of the quick look">${({ products: found }) => {
      const current = found.filter((each) => each.proc_ver === look.proc_ver);
      const circular = current.find((each) => each.name.endsWith("circular.txt"));
      return html`
        ${circular ? html`<${Circular} key=${circular.sha256} burst=${burst} product=${circular} />` : null}
        <${Table} caption="Products of the quick look" rows=${current} empty="No product yet." columns=${[
          ["File", (each) => html`<a href=${`${API}/${path("bursts", burst, "vhf", "products", String(each.proc_ver), each.name)}`} download=${each.name}>${each.name}</a>`],
          ["Size", (each) => bytes(each.size), "number"],
          ["State", (each) => each.state],
          ["SHA-256", (each) => html`<code>${each.sha256}</code>`, "hash"],
        ]} />
      `;
    }}<//>
    ${look.notices ? html`<details><summary>Notices</summary><pre tabindex="0" aria-label="Notices">${JSON.stringify(look.notices, null, 1)}</pre></details>` : null}
  `;
}
