// Files: what was received, and what was made, with checksums.
import { html } from "../vendor/preact-htm.js";
import { API, path } from "../api.js";
import { bytes, utc } from "../format.js";
import { Badge, Table } from "../parts.js";

export function productPath(product) {
  return `${API}/${path("products", product.task_id, product.name)}`;
}

function link(product) {
  if (product.cleaned_at) return html`${product.name} <span class="hint">cleaned ${utc(product.cleaned_at)}</span>`;
  return html`<a href=${productPath(product)} download=${product.name}>${product.name}</a>`;
}

export function ProductTable({ products }) {
  return html`<${Table} caption="Products, to download" rows=${products} empty="No product yet." columns=${[
    ["File", link],
    ["Kind", (each) => each.kind],
    ["Size", (each) => bytes(each.size), "number"],
    ["Made", (each) => utc(each.created_at)],
    ["SHA-256", (each) => html`<code>${each.sha256}</code>`, "hash"],
  ]} />`;
}

export function DataTable({ data, unused }) {
  const reasons = new Map(unused.map((each) => [each.name, each.reason]));
  return html`<${Table} caption="Received files" rows=${data} empty="No file was received." columns=${[
    ["File", (each) => each.name],
    ["State", (each) => html`<${Badge} state=${each.state} />`],
    ["Why", (each) => each.reason || reasons.get(each.name) || "", "wide"],
    ["Kind", (each) => [each.kind, each.instrument].filter(Boolean).join(", ")],
    ["Size", (each) => bytes(each.size), "number"],
    ["Received", (each) => utc(each.received_at)],
    ["SHA-256", (each) => html`<code>${each.sha256}</code>`, "hash"],
  ]} />`;
}
