// Texts to finish and send: a draft of a circular whose every number leads to its product, and the
// summary of the run.
import { html, useMemo } from "../preact.js";
import { getText, path } from "../api.js";
import { band, measured, ofWidth, utc } from "../format.js";
import { Copy, Shown } from "../parts.js";
import { useResource } from "../resource.js";
import { productPath } from "./files.js";

const MODELS = { band: "the Band function", cpl: "a power law with an exponential cutoff", pl: "a power law" };

// A sentence is a list of words: plain text, or [number, name of its product].
function sentences(result, products) {
  const named = (pattern, kind) => products.find((each) => each.kind === kind && pattern.test(each.name)) ?? products.find((each) => each.name === "result.json");
  const { burst, durations, spectra } = result;
  const found = [[`${burst.id}: results of the full data. T0 = `, [utc(burst.t0), named(/./, "none")], "."]];
  for (const each of durations.filter((one) => one.t90.value_s !== null)) {
    const curve = named(new RegExp(`^${each.instrument}-LC-64MS`), "light_curve");
    found.push([
      `In ${each.instrument} (${band(each.band_kev)}), T90 = `, [ofWidth(each.t90), curve],
      " and T50 = ", [ofWidth(each.t50), curve], ", from T0",
      [`${each.t90.start_s < 0 ? "−" : "+"}${Math.abs(each.t90.start_s).toFixed(2)} s`, curve], ".",
    ]);
    if (each.character?.morphology) found.push([each.character.morphology.sentence]);
  }
  const fits = spectra[0];
  const model = fits?.models.find((each) => each.preferred) ?? fits?.models[0];
  if (model) found.push(...spectrum(fits, model, named));
  found.push(["Errors are 1 sigma."]);
  return found;
}

function spectrum(fits, model, named) {
  const fit = named(new RegExp(`-${model.name}\\.fits$`), "fit");
  const [start, stop] = fits.interval_s;
  const words = [`The spectrum from T0${start < 0 ? "−" : "+"}${Math.abs(start).toFixed(2)} s to T0+${stop.toFixed(2)} s is fit by ${MODELS[model.name] ?? model.name}`];
  const free = Object.entries(model.parameters).filter(([name, each]) => each.free && name !== "amplitude");
  free.forEach(([name, each], i) => {
    const label = name === "epeak_kev" ? "Epeak" : name;
    words.push(`${i ? ", " : " with "}${label} = `, [measured(each.value, each.err_minus, each.err_plus, each.unit), fit]);
  });
  words.push(` (${fits.statistic} ${model.statistic_value.toFixed(1)} for ${model.dof} d.o.f.).`);
  const fluence = model.fluence_erg[0];
  const told = fluence ? [[`The fluence in ${band(fluence.band_kev)} is `, [measured(fluence.value, fluence.err_minus, fluence.err_plus, "erg/cm²"), fit], "."]] : [];
  return [words, ...told];
}

const plain = (words) => words.map((each) => (Array.isArray(each) ? each[0] : each)).join("");

function Circular({ result, products }) {
  const told = useMemo(() => sentences(result, products), [result, products]);
  const text = `[DRAFT: check, finish, sign.]\n\n${told.map(plain).join("\n\n")}\n`;
  return html`
    <h3>Draft of a circular</h3>
    <div class="draft">[DRAFT: check, finish, sign.]
      ${told.map((words) => html`<p>${words.map((each) => (Array.isArray(each) ? html`<a href=${productPath(each[1])} title=${`From ${each[1].name}`}>${each[0]}</a>` : each))}</p>`)}
    </div>
    <${Copy} text=${text} label="Copy the draft" />
  `;
}

export function Drafts({ run, burst }) {
  const result = useResource(path("products", run.id, "result.json"));
  const summary = useResource(path("products", run.id, "summary.txt"), { fetcher: getText });
  const products = useMemo(() => burst.products.filter((each) => each.task_id === run.id), [burst, run.id]);
  return html`
    <${Shown} resource=${result} what="result">${(found) => html`<${Circular} result=${found} products=${products} />`}<//>
    <h3>Summary</h3>
    <${Shown} resource=${summary} what="summary">${(text) => html`<pre tabindex="0" aria-label="Summary">${text}</pre><${Copy} text=${text} label="Copy the summary" />`}<//>
  `;
}
