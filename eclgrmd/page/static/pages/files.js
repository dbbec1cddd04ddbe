// Files: what was received, and what was made, with checksums.
import { html, useMemo, useState } from "../preact.js";
import { API, path } from "../api.js";
import { bytes, utc } from "../format.js";
import { Badge, Table } from "../parts.js";

const MOST_ROWS = 40;

export function productPath(product) {
  return `${API}/${path("products", product.task_id, product.name)}`;
}

function link(product) {
  if (product.cleaned_at) return html`${product.name} <span class="hint">cleaned ${utc(product.cleaned_at)}</span>`;
  return html`<a href=${productPath(product)} download=${product.name}>${product.name}</a>`;
}

// A result has hundreds of products, most of them of few kinds: the others come first.
function rareFirst(products) {
  const many = new Map();
  for (const { kind } of products) many.set(kind, (many.get(kind) ?? 0) + 1);
  return [...products].sort((one, other) => many.get(one.kind) - many.get(other.kind));
}

// The first products are shown, and those that one looks for.
export function ProductTable({ products }) {
  const [wanted, setWanted] = useState("");
  const ordered = useMemo(() => rareFirst(products), [products]);
  const found = ordered.filter((each) => `${each.name} ${each.kind}`.toLowerCase().includes(wanted.toLowerCase()));
  const rest = found.length - MOST_ROWS;
  return html`
    ${products.length > MOST_ROWS
      ? html`<label>Find a product<input type="search" value=${wanted} onInput=${(event) => setWanted(event.target.value.trim())} placeholder="part of its name or kind" /></label>`
      : null}
    <${Table} caption="Products, to download" rows=${found.slice(0, MOST_ROWS)} empty=${products.length ? "No product fits." : "No product yet."} columns=${[
      ["File", link, "name"],
      ["Kind", (each) => each.kind],
      ["Size", (each) => bytes(each.size), "number"],
      ["Made", (each) => utc(each.created_at), "number"],
      ["SHA-256", (each) => html`<code>${each.sha256}</code>`, "hash"],
    ]} />
    ${rest > 0 ? html`<p class="hint">${rest} more: type a part of a name above.</p>` : null}
  `;
}

export function DataTable({ data, unused }) {
  const reasons = new Map(unused.map((each) => [each.name, each.reason]));
  return html`<${Table} caption="Received files" rows=${data} empty="No file was received." columns=${[
    ["File", (each) => each.name, "name"],
    ["State", (each) => html`<${Badge} state=${each.state} />`],
    ["Why", (each) => each.reason || reasons.get(each.name) || "", "wide"],
    ["Kind", (each) => [each.kind, each.instrument].filter(Boolean).join(", ")],
    ["Size", (each) => bytes(each.size), "number"],
    ["Received", (each) => utc(each.received_at), "number"],
    ["SHA-256", (each) => html`<code>${each.sha256}</code>`, "hash"],
  ]} />`;
}
