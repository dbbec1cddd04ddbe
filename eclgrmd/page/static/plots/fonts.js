// Sizes in figures: they grow with the text, which is larger on a wall screen.
const FONT_REM = 0.75;
const DESIGNED_FOR_PX = 16;

const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
export const font = (ratio = 1) => `${FONT_REM * rem() * ratio}px system-ui, sans-serif`;
export const scaled = (pixels) => (pixels * rem()) / DESIGNED_FOR_PX;
