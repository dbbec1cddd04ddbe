// Preact, its hooks and htm, which classic scripts of index.html have loaded.
const { h, render } = window.preact;
const { useCallback, useEffect, useMemo, useRef, useState } = window.preactHooks;
const html = window.htm.bind(h);

export { html, render, useCallback, useEffect, useMemo, useRef, useState };
