// Zoom and pan of a figure by mouse, touch and keyboard.
const KEYS = {
  ArrowLeft: (view) => view.pan(-0.2),
  ArrowRight: (view) => view.pan(0.2),
  "+": (view) => view.zoom(0.5),
  "=": (view) => view.zoom(0.5),
  "-": (view) => view.zoom(2),
  0: (view) => view.reset(),
  Home: (view) => view.reset(),
};
const WHEEL = 0.0015;
const LEAST_PX = 5;

export function pressed(event, view) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(view);
}

// Drag: pan. Shift and drag: zoom to the interval. Pinch, or wheel with Ctrl or in a figure that has
// the focus: zoom. Double click: everything.
export function gesturesPlugin(getView) {
  const fingers = new Map();
  let chosen = null;

  const share = (plot, event) => {
    const box = plot.over.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  };

  function moved(plot, event) {
    const view = getView();
    const before = fingers.get(event.pointerId);
    const now = share(plot, event);
    fingers.set(event.pointerId, now);
    if (chosen !== null) {
      const width = plot.over.clientWidth;
      const [from, to] = [Math.min(chosen, now), Math.max(chosen, now)];
      plot.setSelect({ left: from * width, width: (to - from) * width, top: 0, height: plot.over.clientHeight }, false);
    } else if (fingers.size === 1) {
      view.pan(before - now);
    } else {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const [old, present] = [Math.abs(before - other), Math.abs(now - other)];
      if (present > 0.02 && old > 0.02) view.zoom(old / present, other);
    }
  }

  function ended(plot, event) {
    if (!fingers.delete(event.pointerId) || chosen === null) return;
    const now = share(plot, event);
    const [from, to] = [Math.min(chosen, now), Math.max(chosen, now)];
    chosen = null;
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    const width = plot.over.clientWidth;
    if ((to - from) * width < LEAST_PX) return;
    getView().set([plot.posToVal(from * width, "x"), plot.posToVal(to * width, "x")]);
  }

  function listen(plot) {
    const { over } = plot;
    over.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, share(plot, event));
      if (event.shiftKey) chosen = share(plot, event);
      over.setPointerCapture(event.pointerId);
    });
    over.addEventListener("pointermove", (event) => fingers.has(event.pointerId) && moved(plot, event));
    for (const name of ["pointerup", "pointercancel"]) over.addEventListener(name, (event) => ended(plot, event));
    over.addEventListener("dblclick", () => getView().reset());
    over.addEventListener(
      "wheel",
      (event) => {
        const isFocused = plot.root.closest(".plot")?.contains(document.activeElement);
        if (!event.ctrlKey && !isFocused) return;
        event.preventDefault();
        if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) getView().pan(event.deltaX * WHEEL);
        else getView().zoom(Math.exp(event.deltaY * WHEEL), share(plot, event));
      },
      { passive: false },
    );
  }

  return { hooks: { ready: listen } };
}
