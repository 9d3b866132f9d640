// Numbers as the Python side prints them (report/estimate.py): two significant digits of the interval, at most three decimals.
/** A value of null is a range without a middle: war and collapse. */
export type Estimate = { value: number | null; low: number; high: number; unit: string };
export type Known = Estimate & { value: number };

export function decimalsFor(low: number, high: number, value: number): number {
  const width = Math.abs(high - low);
  const [scale, digits] = width > 0 ? [width, 2] : [Math.abs(value), 3];
  if (!(scale > 0) || !Number.isFinite(scale)) return 0;
  return Math.min(3, Math.max(0, digits - 1 - Math.floor(Math.log10(scale))));
}

export function fixed(value: number, decimals: number, signed = false): string {
  const scaled = Math.abs(value) * 10 ** decimals;
  const half = scaled % 1 === 0.5 && Math.floor(scaled) % 2 === 0; // ties to even, as Python does
  const digits = half ? (Math.floor(scaled) / 10 ** decimals).toFixed(decimals) : Math.abs(value).toFixed(decimals);
  const [whole, part] = digits.split('.');
  const text = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ' ') + (part ? `.${part}` : '');
  if (Number(digits) === 0) return text;
  return value < 0 ? `−${text}` : signed ? `+${text}` : text;
}

export const detectable = (e: Estimate): boolean => e.low > 0 || e.high < 0;
export const unitText = (unit: string): string => (unit === '1' ? '%' : unit);

export function parts(e: Estimate, signed = false, range = false): [string, string] {
  const f = e.unit === '1' ? 100 : 1;
  if (e.value === null) return parts({ ...e, value: 0 }, signed, true);
  const places = range ? 0 : decimalsFor(e.low * f, e.high * f, e.value * f);
  const interval = `${fixed(e.low * f, places, signed)} to ${fixed(e.high * f, places, signed)}`;
  return range ? ['', interval] : [fixed(e.value * f, places, signed), interval];
}

export function text(e: Estimate | undefined, signed = false, range = false): string {
  if (!e) return 'not in the results';
  const [value, interval] = parts(e, signed, range);
  const unit = signed && e.unit === '1' ? 'percentage points' : unitText(e.unit);
  return range || e.value === null ? `${interval} ${unit}` : `${value} ${unit} (${interval})`;
}
