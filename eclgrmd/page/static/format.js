// Numbers and times as text.
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
export const NONE = "–";

export function many(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

export function number(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return scientific(value, digits);
  const decimals = size === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return minus(value.toFixed(Math.min(decimals, 9)));
}

// The label of a tick: as short as the value allows.
export function tick(value) {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e6)) return minus(Number(value.toPrecision(4)).toLocaleString("en", { maximumFractionDigits: 9 }));
  const [mantissa, exponent] = Number(value.toPrecision(4)).toExponential().split("e");
  const power = `10${raised(Number(exponent))}`;
  return mantissa === "1" ? power : `${minus(mantissa)}×${power}`;
}

function scientific(value, digits) {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${minus(mantissa)}×10${raised(Number(exponent))}`;
}

function raised(exponent) {
  const digits = [...String(Math.abs(exponent))].map((each) => SUPERSCRIPTS[each]).join("");
  return (exponent < 0 ? "⁻" : "") + digits;
}

const minus = (text) => text.replace("-", "−");

// A value with its errors, all with the digits that the smaller error justifies.
export function measured(value, below, above, unit = "") {
  if (value === null || value === undefined) return NONE;
  const errors = [below, above].filter((each) => each > 0);
  const after = unit ? ` ${unit}` : "";
  if (!errors.length) return `${number(value)}${after} (no error)`;
  const size = Math.max(Math.abs(value), ...errors);
  const power = size < 1e-3 || size >= 1e6 ? Math.floor(Math.log10(size)) : 0;
  const scale = 10 ** power;
  const decimals = Math.min(9, Math.max(0, 1 - Math.floor(Math.log10(Math.min(...errors) / scale))));
  const text = (each) => minus((each / scale).toFixed(decimals));
  const down = below > 0 ? `−${text(below)}` : "−?";
  const up = above > 0 ? `+${text(above)}` : "+?";
  const spread = text(below ?? -1) === text(above ?? -2) ? `±${text(above)}` : `${down} ${up}`;
  if (!power) return `${text(value)} ${spread}${after}`;
  return `(${text(value)} ${spread})×10${raised(power)}${after}`;
}

export function ofMeasurement(found, unit) {
  return found ? measured(found.value, found.err_minus, found.err_plus, unit) : NONE;
}

export function ofWidth(width) {
  return width ? measured(width.value_s, width.err_minus_s, width.err_plus_s, "s") : NONE;
}

export function band(interval, unit = "keV") {
  return interval ? `${number(interval[0])}–${number(interval[1])} ${unit}` : "all channels";
}

export function interval(pair, unit = "s") {
  return pair ? `${number(pair[0], 4)} to ${number(pair[1], 4)} ${unit}` : NONE;
}

export function utc(text, { seconds = true } = {}) {
  if (!text) return NONE;
  const at = text.replace("T", " ").replace("Z", "");
  return `${at.slice(0, seconds ? 19 : 16)} UTC`;
}

export function moment(text) {
  return text ? Date.parse(text.endsWith("Z") ? text : `${text}Z`) : NaN;
}

// A time span in its two largest units.
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3600)];
  const [minutes, rest] = [Math.floor((seconds % 3600) / 60), seconds % 60];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${rest} s` : `${rest} s`;
}

export function bytes(size) {
  if (size < 1000) return `${size} B`;
  const power = Math.min(3, Math.floor(Math.log10(size) / 3));
  return `${number(size / 1000 ** power)} ${["B", "kB", "MB", "GB"][power]}`;
}
