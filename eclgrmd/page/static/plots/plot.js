// A figure with axes: uPlot with our plugins, in the colours of the theme and the width there is.
import { html, useEffect, useRef, useState } from "../preact.js";
import { tick } from "../format.js";
import { Failure, Wait } from "../parts.js";
import { font, scaled } from "./fonts.js";
import { gesturesPlugin, pressed } from "./gestures.js";
import { marksPlugin } from "./marks.js";
import { powersBetween } from "./ticks.js";
import { usePlotLibrary } from "./uplot.js";

const HELP =
  "Arrow keys pan, plus and minus zoom, 0 shows everything. Mouse: drag to pan, Shift and drag to zoom, wheel with Ctrl to zoom. Touch: drag and pinch.";
const NO_MARKS = [];

// Returns the present value of a colour that the style sheet names.
function colourReader() {
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const known = new Map();
  return {
    read(name) {
      if (!known.has(name)) {
        probe.style.color = `var(--${name})`;
        known.set(name, getComputedStyle(probe).color);
      }
      return known.get(name);
    },
    forget: () => known.clear(),
    remove: () => probe.remove(),
  };
}

function axis(scale, label, colours, { log, size }) {
  const stroke = () => colours("faint");
  const line = { stroke: () => colours("grid"), width: 1 };
  const fonts = { font: font(), labelFont: font(), labelSize: scaled(18), size: scaled(size) };
  const values = (_, splits) => splits.map((each) => (each === null ? "" : tick(each)));
  if (!log) return { scale, label, stroke, values, grid: line, ticks: line, ...fonts, space: scaled(scale === "x" ? 45 : 20) };
  const splits = (plot) => powersBetween(plot.scales[scale].min, plot.scales[scale].max).map(([each]) => each);
  const named = (plot) => powersBetween(plot.scales[scale].min, plot.scales[scale].max).map(([each, isNamed]) => (isNamed ? tick(each) : ""));
  return { scale, label, stroke, splits, values: named, filter: (_, all) => all, grid: line, ticks: line, ...fonts };
}

function seriesOf(Library, colours, each) {
  const paths = each.stepped ? Library.paths.stepped({ align: 1 }) : undefined;
  return {
    label: each.label,
    stroke: each.hidden ? undefined : () => colours(each.colour),
    width: each.width ?? 1.25,
    dash: each.dash,
    paths,
    points: { show: false },
    show: true,
    spanGaps: false,
    value: (_, value) => (value === null || value === undefined ? "–" : value.toPrecision(4)),
  };
}

// Leaves room above the curve, and shows zero where it is near.
function withRoom(low, high) {
  if (low === null) return [0, 1];
  const room = 0.08 * (high - low) || 1;
  return [low > 0 && low < 0.3 * high ? 0 : low - room, high + room];
}

function optionsOf(Library, props, colours, get) {
  const { xLabel, yLabel, series = [], bands = [], logX = false, logY = false, height, syncKey, legend } = props;
  const named = { value: (_, value) => (value === null || value === undefined ? "–" : value.toPrecision(6)) };
  return {
    width: 300,
    height: scaled(height),
    legend: { show: Boolean(legend), live: true },
    cursor: { drag: { x: false, y: false }, sync: syncKey ? { key: syncKey, scales: ["x", null] } : undefined, points: { size: 5 } },
    scales: {
      x: { time: false, distr: logX ? 3 : 1, auto: false, range: (_, low, high) => [low, high] },
      y: { distr: logY ? 3 : 1, range: (_, low, high) => get().yRange?.() ?? withRoom(low, high) },
    },
    axes: [
      axis("x", xLabel, colours, { log: logX, size: 34 }),
      axis("y", yLabel, colours, { log: logY, size: 58 }),
    ],
    series: [{ label: xLabel, ...named }, ...series.map((each) => seriesOf(Library, colours, each))],
    bands: bands.map((each) => ({ series: each.series, fill: () => colours(each.colour) })),
    plugins: [marksPlugin(get, colours), gesturesPlugin(() => get().view)],
  };
}

// While one pans, figures out of sight need not follow: they are drawn when they come into sight.
function onlyInSight(place, draw) {
  let isInSight = true;
  let late = null;
  const show = (range) => {
    if (isInSight) draw(range);
    else late = range;
  };
  const watcher = new IntersectionObserver((entries) => {
    isInSight = entries.at(-1).isIntersecting;
    if (isInSight && late) draw(late);
    if (isInSight) late = null;
  });
  watcher.observe(place);
  return { show, stop: () => watcher.disconnect() };
}

function create(Library, place, latest, reader) {
  const get = () => ({ marks: NO_MARKS, handles: NO_MARKS, ...latest.current });
  const plot = new Library(optionsOf(Library, latest.current, reader.read, get), latest.current.data, place);
  const fit = () => plot.setSize({ width: Math.max(place.clientWidth, 100), height: scaled(latest.current.height) });
  const watcher = new ResizeObserver(fit);
  watcher.observe(place);
  const draw = ([min, max]) => plot.setScale("x", { min, max });
  const { show, stop: stopLooking } = onlyInSight(place, draw);
  show(latest.current.view.range);
  const stop = latest.current.view.follow(show);
  const recolour = () => {
    reader.forget();
    plot.redraw(false, true);
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", recolour);
  window.addEventListener("themechange", recolour);
  const destroy = () => {
    watcher.disconnect();
    stopLooking();
    stop();
    dark.removeEventListener("change", recolour);
    window.removeEventListener("themechange", recolour);
    plot.destroy();
  };
  return { plot, show, destroy };
}

// Properties: label, height, xLabel, yLabel, logX, logY, data (columns of uPlot), series, bands,
// marks, handles, onDrag, yRange, view, syncKey, legend.
export function Plot(props) {
  const { library, error } = usePlotLibrary();
  const place = useRef(null);
  const made = useRef(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = JSON.stringify([props.xLabel, props.yLabel, props.logX, props.logY, props.series, props.bands, props.height]);
  useEffect(() => {
    if (!library) return undefined;
    const reader = colourReader();
    made.current = create(library, place.current, latest, reader);
    return () => {
      made.current.destroy();
      made.current = null;
      reader.remove();
    };
  }, [library, shape, props.view]);
  useEffect(() => {
    if (!made.current) return;
    made.current.plot.setData(props.data, false);
    made.current.show(props.view.range);
  }, [props.data]);
  useEffect(() => {
    made.current?.show(props.view.range);
  }, [props.marks, props.handles, props.yRange]);
  return html`
    <${Failure} error=${error} />
    ${library || error ? null : html`<${Wait} what="figure" />`}
    <div class="plot" ref=${place} tabindex="0" role="group" aria-roledescription="figure to zoom" aria-label=${`${props.label}. ${HELP}`}
      style=${{ minHeight: `${scaled(props.height)}px` }} onKeyDown=${(event) => pressed(event, props.view)}></div>
  `;
}

export function PlotTools({ view, children }) {
  const [zoomed, setZoomed] = useState(view.zoomed);
  useEffect(() => view.follow(() => setZoomed(view.zoomed)), [view]);
  const button = (label, text, act) => html`<button type="button" aria-label=${label} title=${label} onClick=${act}>${text}</button>`;
  return html`
    <div class="tools" role="group" aria-label="Zoom">
      ${button("Zoom in", "+", () => view.zoom(0.5))} ${button("Zoom out", "−", () => view.zoom(2))}
      ${button("Earlier or lower", "◀", () => view.pan(-0.4))} ${button("Later or higher", "▶", () => view.pan(0.4))}
      <button type="button" disabled=${!zoomed} onClick=${() => view.reset()}>Show everything</button>
      ${children}
    </div>
  `;
}
