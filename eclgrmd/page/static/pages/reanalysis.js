// Re-analysis: intervals to be dragged in the light curve, and results that follow.
import { html, useCallback, useMemo, useState } from "../vendor/preact-htm.js";
import { path } from "../api.js";
import { useResource } from "../resource.js";
import { durationMarks, LightCurves } from "./lightcurves.js";
import { usePreview } from "./preview.js";
import { Fields } from "./reanalysis-fields.js";
import { Findings } from "./reanalysis-findings.js";
import { changesOf, moved, rounded, UNTOUCHED } from "./reanalysis-keys.js";
import { Submit } from "./reanalysis-submit.js";

// What the run used stands for what nobody has touched.
function shownOf(draft, item, fits, run) {
  const { duration } = item;
  const models = fits?.models.map((each) => each.name) ?? run.configuration.spectral?.models ?? ["band", "cpl", "pl"];
  return {
    background: draft.background ?? duration.background.intervals_s ?? [],
    source: draft.source ?? fits?.interval_s ?? duration.t100_s ?? [0, 1],
    band: draft.band ?? duration.band_kev,
    detectors: draft.detectors ?? item.detectors,
    models: draft.models ?? models,
  };
}

function handlesOf(shown) {
  const pair = (name, [from, to], colour) => [
    { id: `${name}/0`, value: from, colour },
    { id: `${name}/1`, value: to, colour },
  ];
  return [...shown.background.flatMap((each, i) => pair(`background/${i}`, each, "background-curve")), ...pair("source", shown.source, "source")];
}

function marksOf(shown, duration) {
  return [
    ...shown.background.map(([from, to], i) => ({ kind: "region", from, to, colour: "background-curve", alpha: 0.12, label: `background ${i + 1}`, line: 3 })),
    { kind: "region", from: shown.source[0], to: shown.source[1], colour: "source", alpha: 0.1, label: "spectrum", line: 2 },
    ...durationMarks(duration),
  ];
}

export function Reanalysis({ burst, run, measured, view }) {
  const [draft, setDraft] = useState(UNTOUCHED);
  const [instrument, setInstrument] = useState(measured.instruments[0].duration.instrument);
  const spectra = useResource(path("task", run.id, "spectra"));
  const fits = spectra.data?.fits;
  const item = measured.instruments.find((each) => each.duration.instrument === instrument) ?? measured.instruments[0];
  const shown = shownOf(draft, item, fits, run);
  const changes = useMemo(() => changesOf(draft), [draft]);
  const found = usePreview(burst, run.id, changes);
  const set = useCallback((part) => setDraft((last) => ({ ...last, ...part })), []);
  const duration = found.preview?.durations.find((each) => each.instrument === instrument) ?? item.duration;
  const onDrag = (id, value) => {
    const [name, ...rest] = id.split("/");
    const at = rounded(value, view.range[1] - view.range[0]);
    if (name === "source") set({ source: moved(shown.source, Number(rest[0]), at) });
    else set({ background: shown.background.map((each, i) => (i === Number(rest[0]) ? moved(each, Number(rest[1]), at) : each)) });
  };
  const add = () => {
    const [start, stop] = view.range;
    const width = stop - start;
    set({ background: [...shown.background, [rounded(start + 0.75 * width, width), rounded(start + 0.95 * width, width)]] });
  };
  const extra = { marks: useMemo(() => marksOf(shown, duration), [draft, duration, fits, item]), handles: handlesOf(shown), onDrag, onInstrument: setInstrument, band: draft.band };
  const span = measured.instruments.map((each) => each.duration.band_kev).filter(Boolean);
  const known = [...span, ...item.bands_kev, ...(shown.band ? [shown.band] : [])];
  const limits = [Math.max(1, Math.min(...known.map(([low]) => low))), Math.max(...known.map(([, high]) => high))];
  return html`
    <p>Drag the edges of the <strong>background</strong> intervals (red) and of the <strong>spectrum</strong> (green), or type numbers. Nothing is stored until you submit.</p>
    <div class="columns">
      <div><${LightCurves} source=${path("task", run.id)} measured=${measured} view=${view} extra=${extra} />
        <h2>Result</h2>
        <${Findings} measured=${measured} fits=${fits} found=${found} />
      </div>
      <div>
        <${Fields} shown=${shown} limits=${limits} detectors=${item.detectors} draft=${draft} set=${set} onAdd=${add} />
        <div class="row"><button type="button" onClick=${() => setDraft(UNTOUCHED)}>Undo all changes</button></div>
      </div>
    </div>
    <${Submit} run=${run} changes=${changes} />
  `;
}
