// The range of x that figures show together. It changes many times a second while one drags, so
// figures follow it directly; `settled` is for what takes longer, such as fetching finer bins.
import { useEffect, useState } from "../preact.js";

const SETTLE_MS = 200;
const LARGEST_ZOOM = 1e5;
const ROOM = 1;

export class View {
  constructor(home, { log = false } = {}) {
    this.log = log;
    this.home = home;
    this.range = home;
    this.zoomed = false;
    this.listeners = new Set();
    this.frame = 0;
  }

  // New data may change what "everything" is; a zoomed view stays where it is.
  setHome(home) {
    if (home[0] === this.home[0] && home[1] === this.home[1]) return;
    this.home = home;
    if (!this.zoomed) this.show(home);
  }

  set(range) {
    const [low, high] = range.map((each) => this.forward(each));
    const [first, last] = this.home.map((each) => this.forward(each));
    const whole = last - first;
    const width = Math.min(Math.max(high - low, whole / LARGEST_ZOOM), whole);
    const start = Math.min(Math.max((low + high - width) / 2, first), last - width);
    this.zoomed = width < whole * (1 - 1e-9);
    this.show([this.back(start), this.back(start + width)]);
  }

  show(range) {
    this.range = range;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      for (const each of this.listeners) each(this.range);
    });
  }

  // Zooms about a place, which is a share of the width.
  zoom(factor, at = 0.5) {
    const [low, high] = this.range.map((each) => this.forward(each));
    const middle = low + at * (high - low);
    this.set([this.back(middle - (middle - low) * factor), this.back(middle + (high - middle) * factor)]);
  }

  pan(share) {
    const [low, high] = this.range.map((each) => this.forward(each));
    const [first, last] = this.home.map((each) => this.forward(each));
    const step = Math.min(Math.max(share * (high - low), first - low), last - high);
    this.set([this.back(low + step), this.back(high + step)]);
  }

  // Shows a part with some room beside it.
  focus([start, stop]) {
    const room = ROOM * (stop - start);
    this.set([Math.max(start - room, this.home[0]), Math.min(stop + room, this.home[1])]);
  }

  reset() {
    this.zoomed = false;
    this.show(this.home);
  }

  follow(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  forward(value) {
    return this.log ? Math.log(value) : value;
  }

  back(value) {
    return this.log ? Math.exp(value) : value;
  }
}

export function useSettledRange(view) {
  const [range, setRange] = useState(null);
  useEffect(() => {
    let timer = 0;
    const settle = () => setRange(view.zoomed ? view.range : null);
    settle();
    const stop = view.follow(() => {
      clearTimeout(timer);
      timer = setTimeout(settle, SETTLE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [view]);
  return range;
}
