"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const link = (id, value) => {
    const text = JSON.stringify(value, null, 1);
    at(id).href = "data:application/json;charset=utf-8," + encodeURIComponent(text);
  };
  link("result", data.result);
  link("configuration", data.result.configuration);
  if (!data.curves.length) return;
  at("curve").hidden = false;

  const LEFT = 76, RIGHT = 990, TOP = 8, BOTTOM = 262;
  const plot = at("plot"), which = at("which"), bins = at("bins");
  const name = (band) => (band.kev ? band.kev.map((e) => +e.toPrecision(4)).join("–") + " keV" : "all energies");
  data.curves.forEach((curve, i) =>
    curve.bands.forEach((band, k) => which.add(new Option(`${curve.instrument} ${curve.detectors}, ${name(band)}`, `${i} ${k}`))));
  let view = null, shown = [];

  const chosen = () => {
    const [i, k] = which.value.split(" ").map(Number);
    return [data.curves[i], data.curves[i].bands[k]];
  };
  // Sum neighbouring bins; never across a gap in the data.
  const binned = (curve, band, factor) => {
    const found = [];
    let sum = null;
    for (let i = 0; i < curve.start.length; i++) {
      const gap = sum && curve.start[i] - sum.stop > 1e-4;
      if (!sum || sum.n === factor || gap) {
        sum = { start: curve.start[i], counts: 0, background: 0, live: 0, n: 0 };
        found.push(sum);
      }
      sum.stop = curve.stop[i];
      sum.counts += band.counts[i];
      sum.background += band.background ? band.background[i] : 0;
      sum.live += curve.live[i];
      sum.n += 1;
    }
    return found.filter((bin) => bin.live > 0);
  };
  const step = (range, wanted) => {
    const rough = range / wanted, power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  };
  const ticks = (low, high, wanted) => {
    const size = step(high - low, wanted), found = [];
    for (let k = Math.ceil(low / size - 1e-9); k * size <= high * (1 + 1e-12) + 1e-12; k++) found.push(+(k * size).toPrecision(12));
    return found;
  };
  const element = (tag, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    if (text !== undefined) made.textContent = text;
    plot.appendChild(made);
    return made;
  };
  const path = (points, value, x, y) => {
    let text = "", last = null;
    for (const bin of points) {
      const joined = last !== null && bin.start - last < 1e-4;
      text += `${joined ? "L" : "M"}${x(bin.start).toFixed(1)} ${y(value(bin)).toFixed(1)}H${x(bin.stop).toFixed(1)}`;
      last = bin.stop;
    }
    return text;
  };
  let x = null, time = null;

  const draw = () => {
    const [curve, band] = chosen();
    const whole = [curve.start[0], curve.stop[curve.stop.length - 1]];
    const [from, to] = view || whole;
    shown = binned(curve, band, Number(bins.value)).filter((bin) => bin.stop > from && bin.start < to);
    const rate = (bin) => bin.counts / bin.live, back = (bin) => bin.background / bin.live;
    const rates = shown.map(rate);
    let low = Math.min(...rates), high = Math.max(...rates);
    if (!(high > low)) { low -= 1; high += 1; }
    const room = 0.06 * (high - low);
    low -= room; high += room;
    x = (t) => LEFT + ((t - from) / (to - from)) * (RIGHT - LEFT);
    time = (px) => from + ((px - LEFT) / (RIGHT - LEFT)) * (to - from);
    const y = (r) => BOTTOM - ((r - low) / (high - low)) * (BOTTOM - TOP);
    plot.replaceChildren();
    const clip = element("clipPath", { id: "frame" });
    clip.appendChild(element("rect", { x: LEFT, y: TOP, width: RIGHT - LEFT, height: BOTTOM - TOP }));
    const [start, stop] = data.t90[curve.instrument] || [null, null];
    if (start !== null && stop !== null)
      element("rect", { x: x(start), y: TOP, width: Math.max(x(stop) - x(start), 0), height: BOTTOM - TOP, fill: "#cfe6f5", "clip-path": "url(#frame)" });
    for (const t of ticks(from, to, 10)) {
      element("path", { d: `M${x(t)} ${BOTTOM}v5`, stroke: "#333" });
      element("text", { x: x(t), y: BOTTOM + 19, "text-anchor": "middle" }, t);
    }
    for (const r of ticks(low, high, 5)) {
      element("path", { d: `M${LEFT} ${y(r)}h-5`, stroke: "#333" });
      element("text", { x: LEFT - 8, y: y(r) + 4, "text-anchor": "end" }, r);
    }
    const line = { fill: "none", "clip-path": "url(#frame)" };
    element("path", { ...line, d: path(shown, rate, x, y), stroke: "#333", "stroke-width": 1 });
    if (band.background) element("path", { ...line, d: path(shown, back, x, y), stroke: "#d55e00", "stroke-width": 1.5 });
    element("rect", { x: LEFT, y: TOP, width: RIGHT - LEFT, height: BOTTOM - TOP, fill: "none", stroke: "#333" });
    element("text", { x: (LEFT + RIGHT) / 2, y: BOTTOM + 36, "text-anchor": "middle" }, "seconds after T0; blue: T90, orange: background");
    element("text", { x: 14, y: (TOP + BOTTOM) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(TOP + BOTTOM) / 2})` }, "counts/s");
  };

  const pixel = (event) => {
    const box = plot.getBoundingClientRect();
    return Math.min(Math.max(((event.clientX - box.left) / box.width) * 1000, LEFT), RIGHT);
  };
  let begun = null, mark = null;
  plot.addEventListener("pointerdown", (event) => {
    begun = pixel(event);
    mark = element("rect", { x: begun, y: TOP, width: 0, height: BOTTOM - TOP, fill: "#0b5a8a", opacity: 0.25 });
  });
  plot.addEventListener("pointermove", (event) => {
    const px = pixel(event);
    if (begun !== null) {
      mark.setAttribute("x", Math.min(begun, px));
      mark.setAttribute("width", Math.abs(px - begun));
    }
    const bin = shown.find((each) => time(px) >= each.start && time(px) < each.stop);
    if (bin) {
      const error = Math.sqrt(Math.max(bin.counts, 0)) / bin.live;
      at("readout").textContent = `${bin.start.toFixed(3)} to ${bin.stop.toFixed(3)} s: ${(bin.counts / bin.live).toFixed(1)} ± ${error.toFixed(1)} counts/s`;
    }
  });
  window.addEventListener("pointerup", (event) => {
    if (begun === null) return;
    const [a, b] = [begun, pixel(event)].sort((one, other) => one - other);
    begun = null;
    if (b - a > 5) view = [time(a), time(b)];
    draw();
  });
  at("all").addEventListener("click", () => { view = null; draw(); });
  which.addEventListener("change", draw);
  bins.addEventListener("change", draw);
  const width = data.curves[0].stop[0] - data.curves[0].start[0];
  [1, 2, 4, 8, 16, 32, 64].forEach((factor) => bins.add(new Option(`${+(factor * width).toPrecision(3)} s`, factor)));
  // About 500 bins are legible on a page.
  bins.value = [1, 2, 4, 8, 16, 32, 64].find((factor) => data.curves[0].start.length / factor <= 700) || 64;
  draw();
})();
