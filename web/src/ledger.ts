// The drawer that says of any number what it is, where it comes from and how to get it again.
import { copying, recipeOf, runPython, type Recipe } from './copying';
import { button, h } from './dom';
import { detectable, fixed, parts, text, unitText } from './format';
import { Results, type Row } from './results';
import { colour, type Flows } from './scene';
import type { Payload } from './types';

const RIGHTS: Record<string, string> = { sovereign: 'sovereign on the ground', security: 'security', operator: 'runs the line', customs: 'customs', owner: 'owner', toll: 'toll', finance: 'finance' };

export class Ledger {
  private readonly box: HTMLElement;
  private opener: Element | null = null;
  constructor(private readonly p: Payload, private readonly results: Results, private readonly flows: Flows) {
    document.getElementById('ledger')?.remove();
    this.box = h('aside', { class: 'ledger', id: 'ledger', hidden: true, role: 'dialog', 'aria-modal': 'false', 'aria-labelledby': 'ledger-title', tabindex: '-1' });
    document.body.append(this.box);
    addEventListener('keydown', e => { if (e.key === 'Escape' && !this.box.hidden) this.close(); });
  }

  close(): void { this.box.hidden = true; document.body.classList.remove('with-ledger'); (this.opener as HTMLElement | null)?.focus?.(); }

  open(title: string, ...content: (Node | null)[]): void {
    if (this.box.hidden) this.opener = document.activeElement;
    this.box.replaceChildren(
      h('div', { class: 'ledger-head' }, h('h2', { id: 'ledger-title' }, title), button('Close', () => this.close(), { 'aria-label': 'Close (Escape)' })),
      ...content.filter((x): x is Node => x !== null),
    );
    this.box.hidden = false;
    document.body.classList.add('with-ledger');
    this.box.scrollTop = 0;
    this.box.focus();
  }

  private list(rows: [string, Node | string][]): HTMLElement {
    return h('dl', {}, ...rows.flatMap(([key, value]) => [h('dt', {}, key), h('dd', {}, value)]));
  }

  private factsOf(ids: string[], heading: string): HTMLElement | null {
    const known = ids.filter(id => this.p.facts[id]);
    if (!known.length) return null;
    return h('section', {}, h('h3', {}, heading), h('ul', { class: 'facts' }, ...known.slice(0, 24).map(id => {
      const [words, source] = this.p.facts[id];
      const [label, url] = this.p.sources[source] ?? [source, ''];
      const linked = /^https?:\/\//.test(url) ? h('a', { href: url, rel: 'noreferrer', target: '_blank' }, label) : h('span', {}, label);
      return h('li', {}, h('b', {}, id), ` ${words} `, h('span', { class: 'source' }, '(', linked, ')'));
    })), known.length > 24 ? h('p', { class: 'small' }, `${known.length - 24} more facts; see facts.csv of the case.`) : null);
  }

  private command(recipe: Recipe): HTMLElement { return h('section', {}, h('h3', {}, 'Get this number again'), copying(recipe)); }

  /** What drives a number: the cells of an input, its interval, and the facts and sources behind it. */
  input(id: string): void {
    const found = this.p.inputs[id];
    if (!found) return;
    const basis = Object.entries(found.basis).filter(([, n]) => n).map(([word, n]) => `${n} ${word}`).join(', ');
    const span = found.interval && found.interval.map(v => Number(v.toPrecision(4)));
    this.open(found.label,
      this.list([
        ['Input', id],
        ['Drawn for', found.table ? `${found.table}, ${found.column}${found.n_rows > 1 ? `, ${found.n_rows} rows` : ''}` : 'a change of the scenario, or a score of its own'],
        ...(span ? [['Interval', `${span[1]} ${found.unit} (${span[0]} to ${span[2]})`] as [string, string]] : []),
        ['Basis', basis || 'none given'], ['Kind', 'input of the case, uncertain'],
        ...(found.rows.length ? [['Rows', `${found.rows.join(', ')}${found.n_rows > found.rows.length ? ` and ${found.n_rows - found.rows.length} more` : ''}`] as [string, string]] : []),
      ]),
      found.ground ? h('section', {}, h('h3', {}, 'Ground'), h('p', {}, found.ground)) : null,
      this.factsOf(found.facts, 'Facts it rests on'),
      found.facts.length || !found.sources.length ? null : h('section', {}, h('h3', {}, 'Sources'), h('ul', {}, ...found.sources.map(x => h('li', {}, x)))),
    );
  }

  row(number: number): void {
    const row = this.results.row(number);
    if (row) this.show(row);
    else this.open('Not in this file', h('p', {}, `Row ${number} of results.parquet was left out to keep the file small; the run folder has it.`));
  }

  show(row: Row): void {
    const { p, results } = this, entry = p.catalogue.find(e => e.indicator === row.indicator);
    const change = Results.isChange(row), range = p.ranges.includes(row.scenario), [value, interval] = parts(row, change, range);
    const points = change && row.unit === '1' ? 'percentage points' : unitText(row.unit);
    const corridor = p.corridors[row.asset];
    const keys = [row.asset && `asset:${row.asset}`, row.asset.includes('>') && `asset:${row.asset.split('>').pop()}`, row.actor && `actor:${row.actor}`, row.target && `actor:${row.target}`].filter((k): k is string => !!k);
    const facts = [...new Set([...(corridor?.links ?? []).flatMap(id => p.links.find(l => l.id === id)?.facts ?? []), ...keys.flatMap(k => p.subjects[k] ?? [])])];
    this.open(entry?.label ?? row.indicator,
      h('p', { class: 'ledger-value' }, value ? `${value} ${points}` : `${interval} ${points}`),
      this.list([
        ['Of', results.subject(row)],
        ['Scenario', change ? `${results.scenario(row.scenario)} minus ${results.scenario(p.baseline)}, draw by draw` : results.scenario(row.scenario)],
        ...(row.variant && row.variant !== 'minus-baseline' ? [['Part', row.variant.replace(/-?minus-baseline$/, '')] as [string, string]] : []),
        ['Year', String(row.year)], ['Unit', unitText(row.unit)],
        ['90 % interval', `${interval} ${points}${change && !detectable(row) ? ': no detectable change' : ''}`],
        ['Kind', `simulated: ${range ? 'range' : 'median'} over ${p.draws} draws, seed ${p.seed}`],
        ['Evidence to', p.evidence],
      ]),
      h('section', {}, h('h3', {}, 'How computed'), h('p', {}, entry?.description ?? 'The catalogue of indicators does not describe it.'), h('p', { class: 'small' }, `Model: ${p.model}. Every uncertain input is drawn anew in each draw, the same draws in all scenarios. Row ${p.results.row[row.at]} of results.parquet: ${row.indicator}${row.variant ? `, ${row.variant}` : ''}.`)),
      this.command(recipeOf(p, row)),
      this.factsOf(facts, 'Facts that its inputs rest on'),
    );
  }

  link(i: number, scenario: string, year: number): void {
    const { p } = this, link = p.links[i], a = this.flows.of(p.baseline, year).get(i), b = this.flows.of(scenario, year).get(i);
    const holders = (of: Record<string, string[]>): Node | string => {
      const entries = Object.entries(of);
      return entries.length ? h('ul', { class: 'plain' }, ...entries.map(([who, rights]) => h('li', {}, `${p.actors[who] ?? who}: ${rights.map(r => RIGHTS[r] ?? r).join(', ')}`))) : 'nobody in the case';
    };
    this.open(link.label,
      this.list([
        ['Mode', p.modes[link.mode]?.label ?? link.mode],
        ['Sovereign', h('span', {}, h('i', { class: 'swatch', style: `background:${colour(p, link)}` }), link.holder ? (p.actors[link.holder] ?? link.holder) : link.territory.length ? 'ground of several states' : 'high seas')],
        [Object.keys(link.other).length ? `Can close it, ${this.results.scenario(p.baseline)}` : 'Can close it', holders(link.closers)],
        ...Object.entries(link.other).filter(([id]) => id === scenario).map(([id, of]) => [`Can close it, ${this.results.scenario(id)}`, holders(of)] as [string, Node | string]),
        ...(p.unknown_rights.includes(scenario) ? [['', 'Rights under this scenario are not known here; those of the baseline are shown.'] as [string, string]] : []),
        ...(Object.keys(link.claimed).length ? [['Claims a right that does not count', holders(link.claimed)] as [string, Node | string]] : []),
        ...(a ? [[`A, ${this.results.scenario(p.baseline)}, ${year}`, text(a, false, p.ranges.includes(p.baseline))] as [string, string]] : []),
        ...(scenario !== p.baseline ? [[`B, ${this.results.scenario(scenario)}, ${year}`, text(b, false, p.ranges.includes(scenario))] as [string, string]] : []),
        ...(scenario !== p.baseline && a && b ? [['B − A, of the medians', `${fixed(b.value - a.value, 2, true)} Mt/yr`] as [string, string]] : []),
      ]),
      h('section', {}, h('h3', {}, 'How computed'), h('p', {}, `Freight of all classes on the link, both directions together: demand of each pair of zones spread over its permitted routes by cost, under capacities. ${p.draws ? 'Median and 90 % interval over the draws.' : 'One solve at central values: no interval.'}`),
        link.ground ? h('p', { class: 'small' }, `Ground of its time, cost and capacity (${link.basis}): ${link.ground}`) : null),
      this.command({ cli: p.command, python: p.draws ? `${runPython(p)}\nprint(run.flows.query("link == '${link.id}' and year == ${year}"))` : `import mackinder\n\nprint(mackinder.read_case("${p.case}").table("links").query("link_id == '${link.id}'").T)` }),
      this.factsOf(link.facts, 'Facts that its inputs rest on'),
    );
  }
}
