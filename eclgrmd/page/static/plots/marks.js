// Our plugin of uPlot: error bars, steps, bands and shaded intervals, and edges to be dragged.
import { font } from "./fonts.js";

const GRIP = { mouse: 9, touch: 24, pen: 16 };
const HANDLE_PX = 10;

// Kinds of marks; each has a `colour` (a CSS variable) and times or energies as plain arrays.
const DRAW = {
  // Interval over the whole height: from, to, alpha.
  region(pen, mark) {
    const [left, right] = [pen.x(mark.from), pen.x(mark.to)];
    pen.context.globalAlpha = mark.alpha ?? 0.16;
    pen.context.fillRect(left, pen.box.top, right - left, pen.box.height);
    pen.context.globalAlpha = 1;
    if (mark.edges) {
      for (const at of [left, right]) pen.path([[at, pen.box.top], [at, pen.box.top + pen.box.height]], mark);
    }
    // Neighbours would write over each other; what has edges is named in any case.
    if (mark.label && (mark.edges || right - left > pen.context.measureText(mark.label).width)) {
      pen.context.fillText(mark.label, Math.max(left, pen.box.left) + 4 * pen.ratio, pen.box.top + (14 + 14 * (mark.line ?? 0)) * pen.ratio);
    }
  },
  // Curve: xs, ys.
  line(pen, mark) {
    pen.path(mark.xs.map((x, i) => [pen.x(x), pen.y(mark.ys[i])]), mark);
  },
  // Histogram: starts, stops, ys.
  steps(pen, mark) {
    const path = [];
    mark.starts.forEach((start, i) => {
      path.push([pen.x(start), pen.y(mark.ys[i])], [pen.x(mark.stops[i]), pen.y(mark.ys[i])]);
    });
    pen.path(path, mark);
  },
  // Band between two curves: xs, lows, highs.
  area(pen, mark) {
    const { context } = pen;
    context.globalAlpha = mark.alpha ?? 0.25;
    context.beginPath();
    mark.xs.forEach((x, i) => context.lineTo(pen.x(x), pen.y(mark.highs[i])));
    for (let i = mark.xs.length - 1; i >= 0; i--) context.lineTo(pen.x(mark.xs[i]), pen.y(mark.lows[i]));
    context.fill();
    context.globalAlpha = 1;
  },
  // Points with error bars: xs, ys, lows, highs, and lefts, rights for the widths.
  points(pen, mark) {
    mark.xs.forEach((at, i) => {
      const [x, y] = [pen.x(at), pen.y(mark.ys[i])];
      if (mark.lefts) pen.path([[pen.x(mark.lefts[i]), y], [pen.x(mark.rights[i]), y]], mark);
      if (mark.lows) pen.path([[x, pen.y(mark.lows[i])], [x, pen.y(mark.highs[i])]], mark);
      pen.context.fillRect(x - 2 * pen.ratio, y - 2 * pen.ratio, 4 * pen.ratio, 4 * pen.ratio);
    });
  },
};

function penOf(plot, colours) {
  const { ctx: context, bbox: box } = plot;
  const ratio = window.devicePixelRatio;
  const floor = plot.scales.y.distr === 3 ? plot.scales.y.min / 10 : -Infinity;
  return {
    context,
    box,
    ratio,
    x: (value) => plot.valToPos(value, "x", true),
    // What a logarithmic axis cannot show lies below its lower end.
    y: (value) => plot.valToPos(Math.max(value, floor), "y", true),
    path(points, mark) {
      context.lineWidth = (mark.width ?? 1.25) * ratio;
      context.setLineDash((mark.dash ?? []).map((each) => each * ratio));
      context.beginPath();
      for (const [x, y] of points) context.lineTo(x, y);
      context.stroke();
    },
    use(mark) {
      context.strokeStyle = context.fillStyle = colours(mark.colour);
      context.font = font(ratio);
      context.textAlign = "left";
      context.textBaseline = "alphabetic";
    },
  };
}

// `get()` returns { marks, handles, onDrag }: what is drawn may change without a new figure.
export function marksPlugin(get, colours) {
  let held = null;

  function draw(plot, under) {
    const pen = penOf(plot, colours);
    const { context, box } = pen;
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    for (const mark of get().marks) {
      if ((mark.kind === "region") !== under) continue;
      pen.use(mark);
      DRAW[mark.kind](pen, mark);
    }
    if (!under) for (const handle of get().handles) drawHandle(pen, handle);
    context.restore();
  }

  function drawHandle(pen, handle) {
    pen.use(handle);
    const at = pen.x(handle.value);
    const [top, size] = [pen.box.top, HANDLE_PX * pen.ratio];
    pen.path([[at, top], [at, top + pen.box.height]], { width: handle.id === held ? 3 : 1.5 });
    const middle = top + pen.box.height / 2;
    pen.context.fillRect(at - size / 2, middle - 1.5 * size, size, 3 * size);
  }

  function nearest(plot, event) {
    const reach = GRIP[event.pointerType] ?? GRIP.mouse;
    const at = event.clientX - plot.over.getBoundingClientRect().left;
    const distance = (handle) => Math.abs(plot.valToPos(handle.value, "x") - at);
    const found = [...get().handles].sort((one, other) => distance(one) - distance(other))[0];
    return found && distance(found) <= reach ? found : null;
  }

  function value(plot, event) {
    return plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x");
  }

  function listen(plot) {
    const { over } = plot;
    over.addEventListener("pointerdown", (event) => {
      const handle = nearest(plot, event);
      if (!handle) return;
      event.stopImmediatePropagation();
      event.preventDefault();
      held = handle.id;
      over.setPointerCapture(event.pointerId);
    });
    over.addEventListener("pointermove", (event) => {
      if (held === null) {
        over.style.cursor = nearest(plot, event) ? "ew-resize" : "";
        return;
      }
      event.stopImmediatePropagation();
      get().onDrag(held, value(plot, event), false);
    });
    const drop = (event) => {
      if (held === null) return;
      event.stopImmediatePropagation();
      get().onDrag(held, value(plot, event), true);
      held = null;
    };
    over.addEventListener("pointerup", drop);
    over.addEventListener("pointercancel", drop);
  }

  return {
    hooks: {
      drawClear: (plot) => draw(plot, true),
      draw: (plot) => draw(plot, false),
      ready: listen,
    },
  };
}
