// Finding numbers in the results that travel with the page.
import type { Payload } from './types';
import type { Estimate } from './format';

export type Row = Estimate & { at: number; scenario: string; indicator: string; variant: string; year: number; actor: string; target: string; goods: string; asset: string };
const MINUS = 'minus-baseline';
const ECONOMIC = new Set(['flows', 'cost', 'control', 'welfare', 'appraisal']);

export class Results {
  private readonly byRow = new Map<number, number>();
  constructor(readonly p: Payload) { p.results.row.forEach((row, i) => this.byRow.set(row, i)); }

  get size(): number { return this.p.results.row.length; }

  at(i: number): Row {
    const r = this.p.results, w = r.words;
    return {
      at: i, scenario: w.scenario[r.scenario[i]], indicator: w.indicator[r.indicator[i]], variant: w.variant[r.variant[i]], year: r.year[i],
      actor: w.actor[r.actor[i]], target: w.target[r.target[i]], goods: w.goods[r.goods[i]], asset: w.asset[r.asset[i]], unit: w.unit[r.unit[i]],
      value: r.value[i], low: r.low[i], high: r.high[i],
    };
  }

  /** The row of results.parquet with this number, if it is in the page. */
  row(number: number): Row | undefined { const i = this.byRow.get(number); return i === undefined ? undefined : this.at(i); }

  where(test: { scenario?: string; indicator?: string; variant?: string; year?: number }): Row[] {
    const r = this.p.results, w = r.words, out: Row[] = [];
    const scenario = test.scenario === undefined ? null : w.scenario.indexOf(test.scenario), indicator = test.indicator === undefined ? null : w.indicator.indexOf(test.indicator);
    const variant = test.variant === undefined ? null : w.variant.indexOf(test.variant);
    for (let i = 0; i < r.row.length; i++) {
      if (indicator !== null && r.indicator[i] !== indicator) continue;
      if (scenario !== null && r.scenario[i] !== scenario) continue;
      if (variant !== null && r.variant[i] !== variant) continue;
      if (test.year !== undefined && r.year[i] !== test.year) continue;
      out.push(this.at(i));
    }
    return out;
  }

  variants(indicator: string): string[] {
    const seen = new Set(this.where({ indicator }).map(r => r.variant).filter(v => !v.endsWith(MINUS)));
    return [...seen].sort();
  }

  static minus(variant: string): string { return variant ? `${variant}-${MINUS}` : MINUS; }
  static isChange(row: Row): boolean { return row.variant.endsWith(MINUS); }

  subject(row: Row): string {
    const p = this.p, name = (id: string): string => p.actors[id] ?? id, family = p.catalogue.find(e => e.indicator === row.indicator)?.family ?? '';
    // whose trade or account: zones may hold more than the country that names them
    const whose = ECONOMIC.has(family) ? (p.economies[row.target] ?? name(row.target)) : name(row.target);
    const asset = row.asset ? (p.corridors[row.asset]?.label ?? p.assets[row.asset] ?? row.asset) : '';
    const who = row.actor && row.target ? `${name(row.actor)} over ${whose}` : row.actor ? name(row.actor) : whose;
    return [asset, who, row.goods].filter(Boolean).join(', ') || 'all';
  }

  scenario(id: string): string { return this.p.scenarios.find(x => x.id === id)?.label ?? id; }
}
