// Loads uPlot when the first figure is shown; it is a classic script, which leaves one global.
import { useEffect, useState } from "../preact.js";

let loading = null;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const base = new URL("../vendor/", import.meta.url);
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("uPlot.min.css", base);
    const script = document.createElement("script");
    script.src = new URL("uPlot.iife.min.js", base);
    script.onload = () => resolve(window.uPlot);
    script.onerror = () => reject(new Error("the library for figures could not be loaded: reload the page"));
    document.head.append(style, script);
  });
  return loading;
}

export function usePlotLibrary() {
  const [found, setFound] = useState({ library: window.uPlot ?? null, error: null });
  useEffect(() => {
    if (found.library) return undefined;
    let gone = false;
    load().then(
      (library) => gone || setFound({ library, error: null }),
      (error) => gone || setFound({ library: null, error }),
    );
    return () => {
      gone = true;
    };
  }, []);
  return found;
}
