// Re-analysis: intervals to be dragged in the figures, and results that follow.
import { html, useCallback, useMemo, useState } from "../preact.js";
import { path } from "../api.js";
import { useResource } from "../resource.js";
import { useSettled } from "../settled.js";
import { durationMarks, LightCurves } from "./lightcurves.js";
import { usePreview } from "./preview.js";
import { BandFigure } from "./reanalysis-band.js";
import { Fields } from "./reanalysis-fields.js";
import { Findings } from "./reanalysis-findings.js";
import { changesOf, moved, rounded, UNTOUCHED } from "./reanalysis-keys.js";
import { Submit } from "./reanalysis-submit.js";

const BAND_SETTLES_MS = 150;

// What the run used stands for what nobody has touched.
function shownOf(draft, item, fits, run, detectors) {
  const { duration } = item;
  const own = draft.own[duration.instrument] ?? {};
  const models = fits?.models.map((each) => each.name) ?? run.configuration.spectral?.models ?? ["band", "cpl", "pl"];
  return {
    background: own.background ?? duration.background.intervals_s ?? [],
    order: own.order,
    band: own.band ?? duration.band_kev,
    source: draft.source ?? fits?.interval_s ?? duration.t100_s ?? [0, 1],
    detectors: draft.detectors ?? detectors,
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

// The instruments combined have the keys of each of them.
const isSingle = (item) => item.detectors.every((each) => !each.includes("+"));

// Energies that the band may have: those of the spectra and of the bands that are known.
function limitsOf(item, spectra, band) {
  const known = [...item.bands_kev, ...(item.duration.band_kev ? [item.duration.band_kev] : []), ...(band ? [band] : [])];
  const lows = [...known.map(([low]) => low), ...spectra.map((each) => each.low_kev[0])];
  const highs = [...known.map(([, high]) => high), ...spectra.map((each) => each.high_kev.at(-1))];
  return [Math.max(1, Math.min(...lows)), Math.max(...highs)];
}

export function Reanalysis({ burst, run, measured, view }) {
  const [draft, setDraft] = useState(UNTOUCHED);
  const [instrument, setInstrument] = useState(measured.instruments.find(isSingle).duration.instrument);
  const fitted = useResource(path("task", run.id, "spectra"));
  const fits = fitted.data?.fits;
  const items = useMemo(() => measured.instruments.filter(isSingle), [measured]);
  const item = items.find((each) => each.duration.instrument === instrument) ?? items[0];
  const detectors = useMemo(() => [...new Set(items.flatMap((each) => each.detectors))], [items]);
  const shown = shownOf(draft, item, fits, run, detectors);
  const changes = useMemo(() => changesOf(draft, items.length === 1), [draft, items]);
  const found = usePreview(burst, run.id, changes);
  const set = useCallback((part) => setDraft((last) => ({ ...last, ...part })), []);
  const setOwn = useCallback(
    (part) => setDraft((last) => ({ ...last, own: { ...last.own, [instrument]: { ...last.own[instrument], ...part } } })),
    [instrument],
  );
  const duration = found.preview?.durations.find((each) => each.instrument === instrument) ?? item.duration;
  const onDrag = (id, value) => {
    const [name, ...rest] = id.split("/");
    const at = rounded(value, view.range[1] - view.range[0]);
    if (name === "source") set({ source: moved(shown.source, Number(rest[0]), at) });
    else setOwn({ background: shown.background.map((each, i) => (i === Number(rest[0]) ? moved(each, Number(rest[1]), at) : each)) });
  };
  const add = () => {
    const [start, stop] = view.range;
    const width = stop - start;
    setOwn({ background: [...shown.background, [rounded(start + 0.75 * width, width), rounded(start + 0.95 * width, width)]] });
  };
  const extra = {
    marks: useMemo(() => marksOf(shown, duration), [draft, duration, fits, item]),
    handles: handlesOf(shown),
    onDrag,
    onInstrument: setInstrument,
    band: useSettled(draft.own[instrument]?.band, BAND_SETTLES_MS),
  };
  const spectra = useMemo(() => fitted.data?.spectra.filter((each) => item.detectors.includes(each.detector)) ?? [], [fitted.data, item]);
  const [lowest, highest] = limitsOf(item, spectra, shown.band);
  return html`
    <p>Drag the edges of the <strong>background</strong> intervals (red) and of the <strong>spectrum</strong> (green) in the light curve, and those of the energy <strong>band</strong> (violet) in the spectrum, or type numbers. Nothing is stored until you submit.</p>
    <div class="columns">
      <div><${LightCurves} source=${path("task", run.id)} measured=${{ ...measured, instruments: items }} view=${view} extra=${extra} />
        ${shown.band && html`<${BandFigure} instrument=${item.duration.instrument} spectra=${spectra} model=${fits?.models[0]?.name ?? ""} lowest=${lowest} highest=${highest} band=${shown.band} onChange=${(band) => setOwn({ band })} />`}
        <h2>Result</h2>
        <${Findings} measured=${measured} fits=${fits} found=${found} />
      </div>
      <div>
        <${Fields} instrument=${item.duration.instrument} shown=${shown} detectors=${detectors} set=${set} setOwn=${setOwn} onAdd=${add} />
        <div class="row"><button type="button" onClick=${() => setDraft(UNTOUCHED)}>Undo all changes</button></div>
      </div>
    </div>
    <${Submit} run=${run} changes=${changes} />
  `;
}
