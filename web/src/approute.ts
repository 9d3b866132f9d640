// From here to there: ranked ways kept side by side, and what is left if somebody closes.
import { ask, state } from './api';
import { command, problem, short, type Context } from './app';
import { button, h, select } from './dom';
import { MapView } from './mapview';
import { Flows, colour, type Line } from './scene';

type Span = [number, number, number];
type Way = { cost: Span; price: Span; days: Span; share: number; length_km: number; legs: { mode: string; places: string[]; length_km: number; days: number }[]; borders: string[]; transfers: string[]; closers: string[]; links: string[] };
type Answer = { origin: string; destination: string; goods: string; scenario: string; year: number; routes: Way[]; closures: Record<string, Way | null> };

export function routeView({ about, ledger, base }: Context, root: HTMLElement): void {
  const places = about.places.filter(q => q.rank < 9000);
  const first = places.filter(q => q.rank < 100).map(q => q.id);
  const text = (name: string, key: string, value: string): HTMLInputElement => h('input', { type: 'text', list: 'places', 'aria-label': name, value: state.get(key) ?? value, id: `route-${key}` });
  const from = text('From', 'from', first[0] ?? places[0]?.id ?? ''), to = text('To', 'to', first[1] ?? places[1]?.id ?? '');
  let goods = state.get('goods') ?? about.default_goods, scenario = state.get('scenario') ?? about.baseline;
  const avoid = new Set((state.get('avoid') ?? '').split(',').filter(Boolean)), result = h('div', { 'aria-live': 'polite' }), mapBox = h('div');
  let shown: Way[] = [], chosen = 0;
  const flows = new Flows(base), view = new MapView({ ...base, scenarios: [{ id: base.baseline, label: '' }] }, flows, ledger, { kind: 'a' }, { height: 420, still: true });
  view.override = (): Line[] => {
    const best = new Set(shown[chosen]?.links ?? []), others = new Set(shown.flatMap(w => w.links));
    return base.links.map((l, i) => ({ link: i, width: best.has(l.id) ? 6 : others.has(l.id) ? 2.5 : 0.5, colour: best.has(l.id) || others.has(l.id) ? colour(base, l) : '#b9b4a8', dash: best.has(l.id) ? '' : base.modes[l.mode]?.dash ?? '', shared: false, text: `${l.label}: ${best.has(l.id) ? 'on the chosen way' : others.has(l.id) ? 'on another way' : 'not used'}`, estimate: null, idle: !best.has(l.id) && !others.has(l.id) }));
  };
  view.title = () => (shown.length ? `Way ${chosen + 1} of ${shown.length}, thick; the others thin` : 'No way asked for yet');

  async function find(): Promise<void> {
    state.set({ view: 'route', from: from.value, to: to.value, goods, scenario, avoid: [...avoid].join(',') });
    result.replaceChildren(h('p', { class: 'busy', role: 'status' }, 'Looking for ways; the first question to a scenario takes some seconds…'));
    root.dataset.state = 'solving';
    try {
      const answer = await ask<Answer>('api/route', { origin: from.value, destination: to.value, goods, scenario, avoid: [...avoid], most: 4 });
      shown = answer.routes;
      chosen = 0;
      show(answer);
      root.dataset.state = 'solved';
    } catch (error) { shown = []; result.replaceChildren(problem(error)); root.dataset.state = 'failed'; }
    view.refresh();
  }

  const span = ([value, low, high]: Span, unit: string): string => `${short(value)} ${unit} (${short(low)} to ${short(high)})`;
  const actor = (id: string): string => about.actors[id] ?? id;

  function show(answer: Answer): void {
    const cards = answer.routes.map((w, i) => h('article', { class: 'way' }, h('h3', {}, h('button', { type: 'button', class: 'number', 'aria-pressed': i === chosen ? 'true' : 'false', onclick: () => { chosen = i; show(answer); view.refresh(); } }, `Way ${i + 1}`), ` · ${short(w.share * 100)} % of the flow`),
      h('dl', {}, ...[['Cost', span(w.cost, 'USD/t')], ['Price', span(w.price, 'USD/t')], ['Days', span(w.days, 'd')], ['Length', `${short(w.length_km)} km`], ['Borders', w.borders.map(actor).join(', ') || 'none'], ['Transfers', w.transfers.join('; ') || 'none'], ['Can be closed by', w.closers.map(actor).join(', ') || 'nobody']].flatMap(([k, v]) => [h('dt', {}, k), h('dd', {}, v)])),
      h('ol', {}, ...w.legs.map(l => h('li', {}, `${l.mode}: ${l.places.join(' – ')} (${short(l.length_km)} km, ${short(l.days)} d)`)))));
    const rows = Object.entries(answer.closures).map(([who, left]) => h('tr', {}, h('th', { scope: 'row' }, actor(who)), ...(left ? [h('td', {}, `${short(left.cost[0] - answer.routes[0].cost[0])} USD/t`), h('td', {}, `${short(left.days[0] - answer.routes[0].days[0])} d`), h('td', {}, left.borders.map(actor).join(', '))] : [h('td', { colspan: 3 }, 'no way is left')])));
    result.replaceChildren(h('div', { class: 'ways' }, ...cards),
      h('div', { class: 'scroll' }, h('table', {}, h('caption', {}, 'If an actor closes all it can close: the best way left'), h('thead', {}, h('tr', {}, ...['Who closes', 'Cost more', 'Days more', 'Through'].map(t => h('th', { scope: 'col' }, t)))), h('tbody', {}, ...rows))),
      h('p', { class: 'small' }, 'Central value and 90 % interval over draws. Cost is price with the value of time, unreliability and surcharges.'),
      command(`mackinder route ${about.case} ${from.value} ${to.value} --goods ${answer.goods} --scenario ${answer.scenario}${[...avoid].map(x => ` --avoid ${x}`).join('')} --most 4`, `from mackinder.network.finder import find_routes\n\nfound = find_routes(${[about.case, from.value, to.value].map(x => JSON.stringify(x)).join(', ')}, goods=${JSON.stringify(answer.goods)}, scenario=${JSON.stringify(answer.scenario)}, avoid=(${[...avoid].map(x => `${JSON.stringify(x)}, `).join('')}), most=4)`));
  }

  root.append(h('datalist', { id: 'places' }, ...places.map(q => h('option', { value: q.id }, q.label))),
    h('form', { class: 'map-controls', onsubmit: ((e: Event) => { e.preventDefault(); void find(); }) as EventListener }, h('label', { class: 'field' }, h('span', {}, 'From'), from), h('label', { class: 'field' }, h('span', {}, 'To'), to),
      select('Goods', about.goods, goods, v => { goods = v; }), select('Scenario', about.scenarios.map(s => [s.id, s.label]), scenario, v => { scenario = v; }), h('button', { type: 'submit', class: 'small-button main' }, 'Find ways')),
    h('fieldset', { class: 'avoid' }, h('legend', {}, 'Avoid'), ...about.focus.map(id => { const box = h('input', { type: 'checkbox', checked: avoid.has(id), onchange: (() => { if (box.checked) avoid.add(id); else avoid.delete(id); }) as EventListener }); return h('label', {}, box, ` ${actor(id)}`); })),
    mapBox, result, button('Swap from and to', () => { [from.value, to.value] = [to.value, from.value]; void find(); }));
  mapBox.append(view.root);
  view.mounted();
  if (state.get('from')) void find();
}
