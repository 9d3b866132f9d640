// Any number of the run: pick an indicator and a scenario, see A, B and B − A with intervals, click for the ledger.
import { dots, type Dot } from './charts';
import { button, h, segments, select } from './dom';
import { tableButtons, type Sheet } from './downloads';
import { detectable, text, unitText } from './format';
import type { Ledger } from './ledger';
import { Results, type Row } from './results';
import type { Payload } from './types';

const SECOND = '#0b62a8', FIRST = '#5b6470';
const key = (r: Row): string => [r.actor, r.target, r.goods, r.asset].join('\n');

/** A number that opens the ledger. */
export function number(row: Row | undefined, ledger: Ledger, p: Payload, signed = false): HTMLElement {
  if (!row) return h('span', { class: 'none' }, 'not in the results');
  return h('button', { type: 'button', class: 'number', 'data-number': p.results.row[row.at], onclick: () => ledger.show(row) }, text(row, signed, p.ranges.includes(row.scenario)));
}

export function changeWords(row: Row | undefined): string { return row && !detectable(row) ? 'no detectable change' : ''; }

export class Explorer {
  readonly root = h('section', { class: 'explorer' });
  private indicator: string;
  private variant = '';
  private scenario: string;
  private year: number;
  private filter = '';
  private most = 12;
  private look: 'change' | 'level' = 'change';
  private readonly body = h('div');
  private readonly controls = h('div', { class: 'map-controls' });

  constructor(private readonly p: Payload, private readonly results: Results, private readonly ledger: Ledger) {
    this.scenario = p.headline;
    this.year = p.year;
    const there = this.present();
    this.indicator = there.find(e => e.indicator === 'corridor_flow')?.indicator ?? there[0]?.indicator ?? '';
    this.variant = results.variants(this.indicator)[0] ?? '';
    this.root.append(h('h2', { id: 'explore' }, 'Every number of this run'), h('p', {}, 'Choose what to look at. Dots are medians, lines are 90 % intervals; blue rises, orange falls, grey shows no detectable change. Click a number for its ledger.'), this.controls, this.body);
    this.draw();
  }

  private present(): Payload['catalogue'] { const words = new Set(this.p.results.words.indicator); return this.p.catalogue.filter(e => words.has(e.indicator)); }

  private draw(): void {
    const { p, results } = this, others = p.scenarios.filter(x => x.id !== p.baseline), variants = results.variants(this.indicator);
    if (!variants.includes(this.variant)) this.variant = variants[0] ?? '';
    const find = h('input', { type: 'search', value: this.filter, placeholder: 'Filter rows', 'aria-label': 'Filter rows', oninput: (() => { this.filter = find.value.toLowerCase(); this.fill(); }) as EventListener });
    this.controls.replaceChildren(
      select('Indicator', this.present().map(e => [e.indicator, `${p.families[e.family] ?? e.family}: ${e.label}`]), this.indicator, v => { this.indicator = v; this.draw(); }),
      ...(variants.length > 1 ? [select('Part', variants.map(v => [v, v || 'all']), this.variant, v => { this.variant = v; this.fill(); })] : []),
      ...(others.length ? [select('B is', others.map(x => [x.id, x.label]), this.scenario, v => { this.scenario = v; this.fill(); })] : []),
      ...(p.years.length > 1 ? [select('Year', p.years.map(y => [String(y), String(y)]), String(this.year), v => { this.year = Number(v); this.fill(); })] : []),
      ...(others.length ? [segments('Chart and order', [['change', 'B − A'], ['level', 'A and B']], this.look, v => { this.look = v as 'change'; this.fill(); })] : []),
      find,
    );
    this.fill();
  }

  private fill(): void {
    const { p, results, ledger } = this, entry = p.catalogue.find(e => e.indicator === this.indicator);
    const get = (scenario: string, variant: string): Map<string, Row> => new Map(results.where({ scenario, indicator: this.indicator, variant, year: this.year }).map(r => [key(r), r]));
    const a = get(p.baseline, this.variant), b = get(this.scenario, this.variant), d = get(this.scenario, Results.minus(this.variant));
    const whole = [...new Set([...a.keys(), ...b.keys(), ...d.keys()])];
    const words = (k: string): string => results.subject((b.get(k) ?? a.get(k) ?? d.get(k))!);
    const moves = this.look === 'change' && d.size > 0;
    const size = (k: string): number => moves ? Math.abs(d.get(k)?.value ?? 0) + (d.has(k) && detectable(d.get(k)!) ? 1e12 : 0) : Math.max(Math.abs(a.get(k)?.value ?? 0), Math.abs(b.get(k)?.value ?? 0), Math.abs(d.get(k)?.value ?? 0));
    const general = whole.filter(k => !(b.get(k) ?? a.get(k) ?? d.get(k))!.goods || this.indicator.startsWith('pair_'));
    const rows = (this.filter ? whole : general.length ? general : whole).filter(k => !this.filter || words(k).toLowerCase().includes(this.filter)).sort((x, y) => size(y) - size(x) || (x < y ? -1 : 1));
    const shown = rows.slice(0, this.most), same = this.scenario === p.baseline || !p.scenarios.some(x => x.id !== p.baseline);
    const dot = (row: Row | undefined): Dot['values'][number] => row ? { value: p.ranges.includes(row.scenario) ? null : row.value, low: row.low, high: row.high, text: text(row, false, p.ranges.includes(row.scenario)), open: () => ledger.show(row) } : null;
    const range = p.ranges.includes(this.scenario);
    const series = [{ label: results.scenario(p.baseline), colour: FIRST, hollow: true }, ...(same ? [] : [{ label: results.scenario(this.scenario), colour: SECOND }])];
    const share = entry?.unit === '1', unit = unitText(entry?.unit ?? '');
    const picture = moves
      ? dots(`${entry?.label ?? this.indicator} ${this.year}, ${results.scenario(this.scenario)} minus ${results.scenario(p.baseline)}`, `${share ? 'percentage points' : unit}, B − A`, shown.filter(k => d.has(k)).map(k => { const r = d.get(k)!; return { label: words(k), colour: r.low > 0 ? p.gain : r.high < 0 ? p.loss : p.other, values: [{ value: range ? null : r.value, low: r.low, high: r.high, text: text(r, true, range) + (detectable(r) ? '' : '; no detectable change'), open: () => ledger.show(r) }] }; }), [{ label: 'B − A', colour: p.other }], share)
      : dots(`${entry?.label ?? this.indicator} ${this.year}`, unit, shown.map(k => ({ label: words(k), values: [dot(a.get(k)), ...(same ? [] : [dot(b.get(k))])] })), series, share);
    const table = h('div', { class: 'scroll' }, h('table', {}, h('caption', {}, `${entry?.label ?? this.indicator}${this.variant ? `, ${this.variant}` : ''}, ${this.year}`),
      h('thead', {}, h('tr', {}, ...['Of', results.scenario(p.baseline), ...(same ? [] : [results.scenario(this.scenario), 'B − A']), ''].map(t => h('th', { scope: 'col' }, t)))),
      h('tbody', {}, ...shown.map(k => h('tr', {}, h('th', { scope: 'row' }, words(k)), h('td', {}, number(a.get(k), ledger, p)), ...(same ? [] : [h('td', {}, number(b.get(k), ledger, p)), h('td', {}, d.has(k) ? number(d.get(k), ledger, p, true) : h('span', { class: 'none' }, this.year === p.year ? 'not compared' : 'compared in the horizon year only'))]), h('td', { class: 'small' }, same ? '' : changeWords(d.get(k))))))));
    this.body.replaceChildren(
      h('p', { class: 'small' }, entry?.description ?? ''),
      shown.length ? picture : h('p', {}, 'Nothing matches.'),
      table,
      h('div', { class: 'downloads' }, rows.length > shown.length ? button(`Show ${Math.min(rows.length, this.most + 30) - shown.length} more of ${rows.length}`, () => { this.most += 30; this.fill(); }) : null, ...tableButtons(p, `${entry?.label ?? this.indicator}, all rows`, () => this.sheet(rows.flatMap(k => [a.get(k), same ? undefined : b.get(k), same ? undefined : d.get(k)])), this.indicator)),
    );
  }

  private sheet(rows: (Row | undefined)[]): Sheet {
    const found = rows.filter((r): r is Row => !!r);
    return { name: this.indicator, head: ['scenario', 'indicator', 'variant', 'year', 'actor', 'target', 'goods', 'asset', 'unit', 'median', 'low_5', 'high_95'], rows: found.map(r => [r.scenario, r.indicator, r.variant, r.year, r.actor, r.target, r.goods, r.asset, r.unit, this.p.ranges.includes(r.scenario) ? null : r.value, r.low, r.high]) };
  }
}

/** Who gains and who loses in each scenario: those in which nobody in focus loses come first. */
export function gains(p: Payload, results: Results, ledger: Ledger): HTMLElement | null {
  const others = p.scenarios.filter(x => x.id !== p.baseline);
  const of = (scenario: string): Row[] => results.where({ scenario, indicator: 'welfare_account', variant: 'total-minus-baseline', year: p.year }).filter(r => p.focus.includes(r.target));
  const ranked = others.map(x => { const rows = of(x.id), up = rows.filter(r => r.low > 0), down = rows.filter(r => r.high < 0); return { ...x, rows, up, down }; })
    .filter(x => x.rows.length).sort((x, y) => Number(!!x.down.length) - Number(!!y.down.length) || y.up.length - x.up.length);
  if (!ranked.length) return null;
  const names = (rows: Row[]): string => rows.sort((x, y) => Math.abs(y.value ?? 0) - Math.abs(x.value ?? 0)).map(r => p.economies[r.target] ?? p.actors[r.target] ?? r.target).join('; ') || 'nobody';
  const holder = h('div');
  const show = (id: string): void => {
    const found = ranked.find(x => x.id === id)!, rows = [...found.rows].sort((x, y) => (y.value ?? 0) - (x.value ?? 0));
    holder.replaceChildren(dots(`Welfare account ${p.year}, ${found.label} minus ${results.scenario(p.baseline)}`, 'USD m a year, B − A', rows.map(r => ({ label: p.economies[r.target] ?? p.actors[r.target] ?? r.target, colour: r.low > 0 ? p.gain : r.high < 0 ? p.loss : '#868b93', values: [{ value: p.ranges.includes(id) ? null : r.value, low: r.low, high: r.high, text: text(r, true, p.ranges.includes(id)) + (detectable(r) ? '' : '; no detectable change'), open: () => ledger.show(r) }] })), [{ label: 'B − A', colour: '#5b6470' }], false));
  };
  const opened = ranked.some(x => x.id === p.headline) ? p.headline : ranked[0].id;
  show(opened);
  return h('div', { class: 'gains', id: 'gains' },
    h('p', {}, `Countries in focus whose account moves detectably in ${p.year} against “${results.scenario(p.baseline)}”: what changed costs, wages and prices are worth, fees, rents, less capital borne. Scenarios in which nobody in focus loses come first.`),
    h('div', { class: 'scroll' }, h('table', {}, h('caption', {}, 'Detectable gains and losses'), h('thead', {}, h('tr', {}, ...['Scenario', 'Gain', 'Lose', 'No detectable change'].map(t => h('th', { scope: 'col' }, t)))),
      h('tbody', {}, ...ranked.map(x => h('tr', {}, h('th', { scope: 'row' }, x.label), h('td', {}, names(x.up)), h('td', {}, names(x.down)), h('td', {}, names(x.rows.filter(r => !detectable(r))))))))),
    select('Scenario', ranked.map(x => [x.id, x.label]), opened, show), holder);
}
