// Two scenarios beside each other, live: what differs first, then sliders, map and numbers.
import { ApiError, ask, state } from './api';
import { bare, command, problem, type About, type Context, type Slider } from './app';
import { button, h, select } from './dom';
import { tableButtons } from './downloads';
import { fixed, unitText } from './format';
import { Ledger } from './ledger';
import { MapView } from './mapview';
import { Results } from './results';
import { Flows } from './scene';
import type { Payload } from './types';

type Answer = { sequence: number; year: number; links: string[]; flows: { first: number[]; second: number[] }; columns: string[]; rows: (string | number | null)[][]; seconds: { warm: number; solve: number }; solved: boolean };
type Number_ = { indicator: string; variant: string; actor: string; target: string; goods: string; asset: string; unit: string; first: number | null; second: number | null };

function payload(about: About, a: string, b: string): Payload {
  const label = (id: string): string => about.scenarios.find(s => s.id === id)?.label ?? id;
  return { ...bare(about), links: about.links.map(l => ({ ...l })), baseline: 'first', headline: 'second', years: [about.year], scenarios: [{ id: 'first', label: label(a) }, { id: 'second', label: a === b ? `${label(b)}, with your actions` : label(b) }], command: `mackinder compare ${a} ${b} --case ${about.case}` };
}

function pairs(answer: Answer): Number_[] {
  const found = new Map<string, Number_>();
  for (const [side, indicator, variant, actor, target, goods, asset, unit, value] of answer.rows) {
    const key = [indicator, variant, actor, target, goods, asset].join('\n');
    const row = found.get(key) ?? { indicator, variant, actor, target, goods, asset, unit, first: null, second: null } as Number_;
    row[side as 'first' | 'second'] = value as number | null;
    found.set(key, row);
  }
  return [...found.values()];
}

const SHOWN: [string, string][] = [['corridor_flow', ''], ['delivered_cost', ''], ['delivered_days', ''], ['welfare_account', 'total'], ['transit_fees', ''], ['pair_cost', ''], ['pair_days', ''], ['trade_tonnes', '']];

export function compareView({ about }: Context, root: HTMLElement): void {
  const names = about.scenarios.map(s => [s.id, s.label] as [string, string]), known = (id: string | null, other: string): string => (id && names.some(n => n[0] === id) ? id : other);
  let a = known(state.get('a'), about.baseline), b = known(state.get('b'), about.scenarios.find(s => s.id !== about.baseline)?.id ?? about.baseline);
  let corridor = state.get('corridor') ?? (about.corridors[b] ? b : Object.keys(about.corridors)[0]) ?? '', shown = state.get('show') ?? 'corridor_flow';
  const actions = read('x.', about.actions), assumptions = read('y.', about.assumptions);
  const differs = h('div', { class: 'differs' }), mapBox = h('div'), numbers = h('div', { class: 'numbers' }), stage = h('div', { class: 'stage' }), status = h('p', { class: 'busy', role: 'status' }), changed = h('p', { class: 'notice', hidden: true }, 'An assumption is moved: both A and B have changed, and with them the baseline.');
  let view: MapView, p: Payload, ledger: Ledger, flows: Flows, sequence = 0, running: AbortController | null = null, again = false, last: Answer | null = null;
  const same = h('div'), ranged = (): boolean => [a, b].some(id => about.scenarios.find(s => s.id === id)?.range_only);

  function read(prefix: string, sliders: Slider[]): Map<string, number> {
    const out = new Map<string, number>();
    for (const s of sliders) { const v = Number(state.get(prefix + s.slider_id) ?? NaN); if (Number.isFinite(v) && v >= s.low && v <= s.high) out.set(s.slider_id, v); }
    return out;
  }

  function slider(s: Slider, values: Map<string, number>, prefix: string): HTMLElement {
    const id = `slider-${prefix}${s.slider_id}`.replace('.', '-'), out = h('output', { for: id }), box = h('input', { type: 'range', id, min: s.low, max: s.high, step: s.step, value: values.get(s.slider_id) ?? s.start });
    const tell = (): void => { out.textContent = s.unit === 'x' ? `× ${fixed(Number(box.value), 2)}` : `${fixed(Number(box.value), 1)} ${s.unit}`; };
    tell();
    box.addEventListener('input', () => {
      tell();
      if (Number(box.value) === s.start) values.delete(s.slider_id); else values.set(s.slider_id, Number(box.value));
      state.set({ [prefix + s.slider_id]: values.has(s.slider_id) ? box.value : null });
      later();
    });
    return h('div', { class: 'slider' }, h('label', { for: id, title: s.meaning }, s.label), out, box);
  }

  let timer = 0;
  const later = (): void => { clearTimeout(timer); timer = window.setTimeout(() => void solve(), 60); };

  async function solve(): Promise<void> {
    recipe();
    if (running) { again = true; return; } // the answer under way is shown when it comes, then the newest question goes out
    const mine = ++sequence, asked = `${a} ${b}`, mover = new AbortController();
    running = mover;
    again = false;
    changed.hidden = assumptions.size === 0;
    status.className = 'busy computing';
    status.textContent = last ? 'Computing…' : 'Computing for the first time; a pair of scenarios that was never solved before takes a minute or more…';
    root.dataset.state = 'solving';
    stage.setAttribute('aria-busy', 'true');
    try {
      const answer = await ask<Answer>('api/live', { first: a, second: b, actions: Object.fromEntries(actions), corridor: actions.size ? corridor : null, assumptions: Object.fromEntries(assumptions), sequence: mine }, mover.signal);
      if (asked !== `${a} ${b}`) return;
      last = answer;
      paint(answer);
      if (again) return;
      status.className = 'busy';
      status.textContent = `Solved in ${fixed(answer.seconds.solve, 2)} s, at central values${answer.solved ? '' : '; the solver stopped before its tolerance, read with care'}.`;
      root.dataset.state = 'solved';
      root.dataset.sequence = String(mine);
    } catch (error) {
      if (asked !== `${a} ${b}` || (error instanceof DOMException && error.name === 'AbortError') || (error instanceof ApiError && error.status === 409)) return;
      status.replaceChildren(problem(error));
      root.dataset.state = 'failed';
    } finally {
      if (running === mover) { // else another pair was chosen meanwhile, and its question is under way
        running = null;
        if (again && root.contains(stage)) void solve(); else stage.removeAttribute('aria-busy');
      }
    }
  }

  /** What is on the screen, to be had again without it. */
  function recipe(): void {
    const set = (values: Map<string, number>): string => `{${[...values].map(([k, v]) => `"${k}": ${v}`).join(', ')}}`;
    const moved = actions.size + assumptions.size > 0;
    const python = `from mackinder.serve import Session\nfrom mackinder.serve.messages import LiveRequest\n\nasked = LiveRequest(first="${a}", second="${b}", actions=${set(actions)}, corridor=${actions.size ? `"${corridor}"` : 'None'}, assumptions=${set(assumptions)})\nanswer = Session("${about.case}").live(asked, "me")  # central values, as on this page`;
    same.replaceChildren(command(`mackinder compare ${a} ${b} --case ${about.case}`, python), moved ? h('p', { class: 'small' }, 'The command compares the two scenarios as they are, with intervals; sliders that were moved are in the Python alone.') : '');
  }

  function paint(answer: Answer): void {
    const at = new Map(p.links.map((l, i) => [l.id, i]));
    const side = (values: number[]): [number[], number[], number[], number[]] => { const i: number[] = [], v: number[] = []; answer.links.forEach((id, k) => { const n = at.get(id); if (n !== undefined) { i.push(n); v.push(values[k]); } }); return [i, v, v, v]; };
    p.flows[String(answer.year)] = { first: side(answer.flows.first), second: side(answer.flows.second) };
    flows.forget();
    view.refresh();
    table(answer);
  }

  function table(answer: Answer): void {
    const [indicator, variant] = SHOWN.find(x => x[0] === shown) ?? SHOWN[0], entry = about.catalogue.find(e => e.indicator === indicator);
    const change = (r: Number_): number => (r.second ?? 0) - (r.first ?? 0), f = entry?.unit === '1' ? 100 : 1;
    const rows = pairs(answer).filter(r => r.indicator === indicator && r.variant === variant && (!r.target || about.focus.includes(r.target) || !about.focus.length)).sort((x, y) => Math.abs(change(y)) - Math.abs(change(x))).slice(0, 30);
    const name = (r: Number_): string => [r.asset && (about.corridors[r.asset]?.label ?? r.asset), about.actors[r.actor] ?? r.actor, about.economies[r.target] ?? about.actors[r.target] ?? r.target, r.goods].filter(Boolean).join(', ');
    const words = (v: number | null, signed = false): string => (v === null ? 'none' : Math.abs(v * f) < 5e-4 ? '0' : fixed(v * f, Math.abs(v * f) >= 100 ? 0 : Math.abs(v * f) >= 1 ? 1 : 3, signed));
    const open = (r: Number_) => (): void => ledger.open(entry?.label ?? indicator, h('p', { class: 'ledger-value' }, `B − A: ${words(change(r), true)} ${unitText(r.unit)}`), h('dl', {}, ...[['Of', name(r)], ['A', `${words(r.first)} ${unitText(r.unit)}`], ['B', `${words(r.second)} ${unitText(r.unit)}`], ['Year', String(answer.year)], ['Kind', 'simulated, one solve at central values: no interval. Run with intervals before you rely on it.']].flatMap(([k, v]) => [h('dt', {}, k), h('dd', {}, v)])), h('h3', {}, 'How computed'), h('p', {}, entry?.description ?? ''), same.firstElementChild?.cloneNode(true) ?? null);
    const only = indicator === 'welfare_account';
    if (ranged()) { numbers.replaceChildren(h('p', { class: 'notice' }, 'A scenario of war or collapse is told as a range, never as one number: run with intervals to see it. The map shows where freight would go.')); return; }
    numbers.replaceChildren(h('div', { class: 'map-controls' }, select('Numbers', SHOWN.filter(x => answer.rows.some(r => r[1] === x[0])).map(x => [x[0], about.catalogue.find(e => e.indicator === x[0])?.label ?? x[0]]), indicator, v => { shown = v; state.set({ show: v }); table(answer); }), ...tableButtons(p, `${entry?.label ?? indicator}, central values`, () => ({ name: `${entry?.label ?? indicator}, central values`, head: ['of', 'A', 'B', 'B_minus_A', 'unit'], rows: rows.map(r => [name(r), r.first, r.second, change(r), r.unit]) }))),
      h('div', { class: 'scroll' }, h('table', {}, h('caption', {}, `${entry?.label ?? indicator}, ${answer.year}, ${unitText(entry?.unit ?? '')}, central values`), h('thead', {}, h('tr', {}, ...['Of', ...(only ? [] : ['A', 'B']), 'B − A'].map(t => h('th', { scope: 'col' }, t)))),
        h('tbody', {}, ...rows.map(r => h('tr', {}, h('th', { scope: 'row' }, name(r) || 'all'), ...(only ? [] : [h('td', {}, words(r.first)), h('td', {}, words(r.second))]), h('td', {}, h('button', { type: 'button', class: 'number', onclick: open(r) }, words(change(r), true)))))))));
  }

  async function what(): Promise<void> {
    differs.replaceChildren(h('p', { class: 'small' }, 'Comparing inputs…'));
    const asked = `${a} ${b}`;
    try {
      const found = await ask<{ differences: string[] }>(`api/differences?${new URLSearchParams({ first: a, second: b })}`);
      if (asked !== `${a} ${b}`) return;
      const rows = found.differences.map(d => h('tr', {}, h('td', {}, d)));
      differs.replaceChildren(h('details', { open: rows.length <= 8 }, h('summary', {}, `What differs in the inputs: ${rows.length} ${rows.length === 1 ? 'thing' : 'things'}`), h('div', { class: 'scroll differs-table', tabindex: '0', role: 'region', 'aria-label': 'What differs' }, h('table', {}, h('tbody', {}, ...(rows.length ? rows : [h('tr', {}, h('td', {}, 'nothing'))]))))));
    } catch (error) { differs.replaceChildren(problem(error)); }
  }

  function pair(): void {
    state.set({ view: 'compare', a, b });
    p = payload(about, a, b);
    flows = new Flows(p);
    const results = new Results(p);
    ledger = new Ledger(p, results, flows);
    view = new MapView(p, flows, ledger, { kind: 'd', scenario: 'second', year: about.year }, { height: 430, still: true, around: b });
    mapBox.replaceChildren(view.root);
    view.mounted();
    last = null;
    running?.abort();
    running = null;
    again = false;
    numbers.replaceChildren();
    void what();
    void rights();
    void solve();
  }

  async function rights(): Promise<void> {
    const asked = `${a} ${b}`;
    try {
      const [first, second] = await Promise.all([a, b].map(scenario => ask<{ rights: Record<string, Record<string, string[]>> }>(`api/rights?${new URLSearchParams({ scenario })}`)));
      if (asked !== `${a} ${b}`) return;
      for (const l of p.links) {
        l.closers = first.rights[l.id] ?? {};
        const other = second.rights[l.id] ?? {};
        l.other = JSON.stringify(l.closers) === JSON.stringify(other) ? {} : { second: other };
      }
      p.unknown_rights = [];
    } catch { p.unknown_rights = ['first', 'second']; }
  }

  async function intervals(): Promise<void> {
    const draws = 40;
    try {
      const job = await ask<{ id: string }>('api/jobs', { scenarios: [...new Set([a, b])], draws });
      location.hash = `#view=runs&job=${job.id}`;
    } catch (error) { status.replaceChildren(problem(error)); }
  }

  stage.append(status, mapBox);
  root.append(
    h('div', { class: 'map-controls' }, select('A', names, a, v => { a = v; pair(); }), select('B', names, b, v => { b = v; pair(); })),
    differs,
    h('div', { class: 'play' },
      h('div', { class: 'rail' },
        h('fieldset', {}, h('legend', {}, 'Actions, in B only'), select('Corridor', Object.entries(about.corridors).map(([id, c]) => [id, c.label]), corridor, v => { corridor = v; state.set({ corridor: v }); if (actions.size) later(); }), ...about.actions.map(s => slider(s, actions, 'x.'))),
        h('fieldset', {}, h('legend', {}, 'Assumptions, in A and B'), ...about.assumptions.map(s => slider(s, assumptions, 'y.')), changed),
        button('Run with intervals (minutes)', () => void intervals(), { class: 'small-button main' }),
        h('p', { class: 'small' }, 'Sliders keep the routes that were found for these scenarios. A run looks for routes anew and draws every uncertain input.')),
      stage),
    numbers, same);
  pair();
}
