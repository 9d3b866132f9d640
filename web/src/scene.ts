// What a map shows, independent of how it is drawn: one line per link with width, colour, dash and words.
import type { Link, Payload } from './types';
import { fixed, parts, type Known } from './format';

/** A, B, their difference, or A and B side by side (drawn as B where one line is asked for). */
export type Kind = 'a' | 'b' | 'd' | 's';
export type Shown = { kind: Kind; scenario: string; year: number };
export type Line = { link: number; width: number; colour: string; dash: string; shared: boolean; text: string; estimate: Known | null; idle: boolean };

const PX_AT_1_MT = 1.6;
export const SAMPLES = [1, 10, 50];
export const width = (mt: number): number => PX_AT_1_MT * Math.sqrt(Math.max(mt, 0));
const SMALLEST_MT = 0.005;
/** Differences below this are not drawn: they are noise of the solver and the eye. */
export const SMALLEST_CHANGE_MT = 0.02;

/** A link on ground of two states, or on which someone claims a right that does not count: drawn with a pale core. */
export const contested = (link: Link): boolean => Object.keys(link.claimed).length > 0;

export class Flows {
  private readonly byState = new Map<string, Map<number, Known>>();
  constructor(private readonly p: Payload) {}

  forget(): void { this.byState.clear(); }

  of(scenario: string, year: number): Map<number, Known> {
    const key = `${scenario}\n${year}`;
    let found = this.byState.get(key);
    if (!found) {
      found = new Map();
      const state = this.p.flows[String(year)]?.[scenario];
      if (state) state[0].forEach((link, i) => found!.set(link, { value: state[1][i], low: state[2][i], high: state[3][i], unit: 'Mt/yr' }));
      this.byState.set(key, found);
    }
    return found;
  }
}

export function scene(p: Payload, flows: Flows, shown: Shown): Line[] {
  const second = flows.of(shown.scenario, shown.year), first = flows.of(p.baseline, shown.year);
  return p.links.map((link, i) => {
    const a = first.get(i), b = second.get(i);
    const base = { link: i, dash: p.modes[link.mode]?.dash ?? '', shared: contested(link) };
    if (shown.kind === 'd') {
      const change = (b?.value ?? 0) - (a?.value ?? 0);
      const idle = Math.abs(change) < SMALLEST_CHANGE_MT;
      const words = `${link.label}: ${fixed(change, Math.abs(change) < 0.1 ? 3 : 2, true)} Mt/yr, difference of medians`;
      return { ...base, width: idle ? 0.5 : Math.max(0.8, width(Math.abs(change))), colour: idle ? '#b9b4a8' : change > 0 ? p.gain : p.loss, text: words, estimate: null, idle };
    }
    const e = (shown.kind === 'a' ? a : b) ?? null;
    const idle = !e || e.value < SMALLEST_MT;
    const range = p.ranges.includes(shown.kind === 'a' ? p.baseline : shown.scenario);
    const [value, interval] = e ? parts(e, false, range) : ['', ''];
    const words = e ? `${link.label}: ${value || interval} Mt/yr${!value ? '' : e.low === e.high ? ', central value' : ` (${interval})`}` : `${link.label}: no freight in the results`;
    return { ...base, width: idle ? 0.5 : Math.max(0.6, width(e.value)), colour: idle ? '#b9b4a8' : colour(p, link), text: words, estimate: e, idle };
  });
}

export const colour = (p: Payload, link: Link): string => p.colours[link.holder] ?? p.other;

/** Both ends of a link so that the line goes the short way, over the antimeridian if need be; the end nearer to Eurasia stays. */
export function ends(p: Payload, link: Link): [[number, number], [number, number]] {
  const a = p.places[link.from].at, b = p.places[link.to].at, gap = b[0] - a[0];
  if (Math.abs(gap) <= 180) return [a, b];
  return a[0] < b[0] ? [[a[0] + 360, a[1]], b] : [a, [b[0] + 360, b[1]]];
}
