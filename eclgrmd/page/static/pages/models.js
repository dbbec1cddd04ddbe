// Fitted models side by side: parameters, statistic, comparison, fluxes.
import { html } from "../preact.js";
import { band, measured, number, ofMeasurement } from "../format.js";
import { Badge, Flags, Table } from "../parts.js";

const parameter = (each, unit) => (each ? (each.free ? measured(each.value, each.err_minus, each.err_plus, unit) : `${number(each.value)} (fixed)`) : "–");

export function Models({ fits }) {
  const { models } = fits;
  const names = [...new Set(models.flatMap((each) => Object.keys(each.parameters)))];
  const unit = (name) => models.find((each) => each.parameters[name])?.parameters[name].unit ?? "";
  const heads = models.map((each) => each.name);
  const row = (label, cell) => [label, cell];
  const rows = [
    ...names.map((name) => row(`${name}${unit(name) ? ` (${unit(name)})` : ""}`, (each) => html`${parameter(each.parameters[name])}${each.parameters[name]?.at_limit ? html` <${Badge} state="at its limit" />` : null}`)),
    row("Statistic / dof", (each) => `${number(each.statistic_value, 5)} / ${each.dof}`),
    row("BIC", (each) => number(each.bic, 5)),
    row("AIC", (each) => number(each.aic, 5)),
    row("Goodness of fit, p", (each) => (each.goodness ? `${number(each.goodness.p_value, 2)} (${each.goodness.simulated} simulated)` : "–")),
    row("Preferred?", (each) => html`${each.preferred ? html`<strong>preferred: </strong>` : null}${each.reason}`),
    row("Likelihood ratios", (each) => each.likelihood_ratios.map((ratio) => `over ${ratio.simpler}: ${number(ratio.improvement)} for ${ratio.extra_parameters}, p = ${number(ratio.p_value, 2)}`).join("; ") || "–"),
  ];
  const bands = models[0]?.flux ?? [];
  const fluxes = bands.flatMap((flux, i) => [
    row(`Flux ${band(flux.band_kev)} (erg/cm²/s)`, (each) => ofMeasurement(each.flux[i]?.energy_erg)),
    row(`Flux ${band(flux.band_kev)} (ph/cm²/s)`, (each) => ofMeasurement(each.flux[i]?.photon)),
    row(`Fluence ${band(flux.band_kev)} (erg/cm²)`, (each) => ofMeasurement(each.fluence_erg[i])),
  ]);
  const table = (caption, found) => html`<${Table} caption=${caption} rows=${found} columns=${[
    ["", ([label]) => label],
    ...heads.map((name, i) => [name, ([, cell]) => cell(models[i]), "number"]),
  ].map(([head, ...rest]) => [head || "Quantity", ...rest])} />`;
  return html`
    ${table(`Parameters and comparison; 1σ errors by profile likelihood; ${fits.statistic}; preferred: ${fits.preferred || "none converged"}`, rows)}
    ${fluxes.length ? table("Fluxes and fluences", fluxes) : null}
    <${Flags} flags=${[...fits.flags, ...models.flatMap((each) => each.flags.map((flag) => ({ ...flag, text: `${each.name}: ${flag.text}` })))]} />
  `;
}
