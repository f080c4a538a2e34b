// Units and numbers as people write them: "micrometer" → "µm", 0.30000000000000004 → "0.3".

const kSymbols: { [unit: string]: string } = {
  angstrom: "Å",
  picometer: "pm",
  nanometer: "nm",
  micrometer: "µm",
  millimeter: "mm",
  centimeter: "cm",
  meter: "m",
  kilometer: "km",
  inch: "in",
  nanosecond: "ns",
  microsecond: "µs",
  millisecond: "ms",
  second: "s",
  minute: "min",
  hour: "h",
  day: "d",
  pixel: "px",
};

/** OME-NGFF unit name → symbol; an unknown one stays as it is, none is "". */
export function unitSymbol(unit: string | null | undefined): string {
  if (unit === null || unit === undefined) return "";
  return kSymbols[unit.toLowerCase()] ?? unit;
}

/** Up to `digits` significant digits, without trailing zeros; exponents only where plain digits would be silly. */
export function formatNumber(value: number, digits = 5): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e");
  const rounded = Number(value.toPrecision(digits));
  return size >= 10 ** digits ? String(Math.round(value)) : String(rounded);
}

export function formatQuantity(value: number, unit: string | null | undefined, digits = 5): string {
  const symbol = unitSymbol(unit);
  return symbol === "" ? formatNumber(value, digits) : `${formatNumber(value, digits)} ${symbol}`;
}
