// A scenario by clicking links: the text it becomes, what it changes, and saving it where that is allowed.
import { ask, state } from './api';
import { command, problem, type Context } from './app';
import { button, h, save, select } from './dom';
import { MapView } from './mapview';
import { Flows, colour, type Line } from './scene';

type Change = { op: string; links: string[]; starts_on?: string; factor?: number };
const OPS: [string, string][] = [['open', 'open'], ['close', 'close'], ['cost', 'multiply the cost'], ['time', 'multiply the time'], ['capacity', 'multiply the capacity']];

export function buildView({ about, ledger, base }: Context, root: HTMLElement): void {
  const picked = new Set<string>(), changes: Change[] = [], list = h('div'), text = h('div', { 'aria-live': 'polite' }), chosen = h('p', { 'aria-live': 'polite' });
  let op = 'close', on = state.get('base') ?? about.baseline;
  const day = h('input', { type: 'text', value: `${about.year - 5}-01-01`, 'aria-label': 'From this day (year-month-day)', size: 10 }), factor = h('input', { type: 'number', value: 2, min: 0.01, max: 100, step: 'any', 'aria-label': 'Factor' });
  const name = h('input', { type: 'text', value: 'my-scenario', 'aria-label': 'Id of the scenario' }), title = h('input', { type: 'text', value: 'My scenario', 'aria-label': 'Name of the scenario' });
  const flows = new Flows(base), view = new MapView({ ...base, scenarios: [{ id: base.baseline, label: '' }] }, flows, ledger, { kind: 'a' }, { height: 430, still: true, linkPicked: i => { const id = base.links[i].id; if (picked.has(id)) picked.delete(id); else picked.add(id); tell(); return true; } });
  view.override = (): Line[] => base.links.map((l, i) => { const used = changes.some(c => c.links.includes(l.id)), now = picked.has(l.id); return { link: i, width: now ? 6 : used ? 4 : 1.2, colour: now ? '#111' : colour(base, l), dash: base.modes[l.mode]?.dash ?? '', shared: false, text: `${l.label}: ${now ? 'chosen' : used ? 'changed' : 'as it is'}`, estimate: null, idle: false }; });
  view.title = () => 'Click links to choose them, click again to let them go';
  const body = (): unknown => ({ name: name.value, label: title.value, base: on, changes });

  function tell(): void {
    chosen.textContent = picked.size ? `${picked.size} chosen: ${[...picked].slice(0, 8).join(', ')}${picked.size > 8 ? ' …' : ''}` : 'No link chosen. Click links on the map or in the list beside it.';
    list.replaceChildren(h('ol', {}, ...changes.map((c, i) => h('li', {}, `${OPS.find(o => o[0] === c.op)![1]}${c.factor ? ` by ${c.factor}` : ''}${c.starts_on ? ` from ${c.starts_on}` : ''}: ${c.links.join(', ')} `, button('Remove', () => { changes.splice(i, 1); tell(); })))));
    view.refresh();
  }

  function add(): void {
    if (!picked.size) { chosen.textContent = 'Choose at least one link first.'; return; }
    changes.push({ op, links: [...picked], ...(op === 'open' || op === 'close' ? { starts_on: day.value } : { factor: Number(factor.value) }) });
    picked.clear();
    tell();
  }

  async function preview(saving = false): Promise<void> {
    try {
      if (saving) { const done = await ask<{ saved: string }>('api/scenario/save', body()); text.replaceChildren(h('p', {}, `Saved as ${done.saved}.`)); return; }
      const found = await ask<{ toml: string; differences: string[] }>('api/scenario', body());
      text.replaceChildren(h('h3', {}, 'What it changes'), h('ul', {}, ...(found.differences.length ? found.differences : ['nothing: what it says holds already']).map(d => h('li', {}, d))), h('h3', {}, 'The file'), h('pre', {}, found.toml),
        h('div', { class: 'downloads' }, button('Download', () => save(`${name.value}.toml`, found.toml, 'application/toml')), about.saves ? button('Save in the save folder', () => void preview(true)) : 'Saving on the server needs --save-dir.'), command(`mackinder compare ${on} ${name.value}.toml --case ${about.case}`, `import mackinder\n\ncase = mackinder.read_case(${JSON.stringify(about.case)})\nmine = mackinder.apply(case, mackinder.read_scenario(${JSON.stringify(`${name.value}.toml`)}, case))`));
    } catch (error) { text.replaceChildren(problem(error)); }
  }

  const options = h('span', { class: 'field' });
  const parts = (): void => { options.replaceChildren(...(op === 'open' || op === 'close' ? [h('label', { class: 'field' }, h('span', {}, 'from'), day)] : [h('label', { class: 'field' }, h('span', {}, 'by'), factor)])); };
  parts();
  const mapBox = h('div');
  root.append(h('p', {}, 'Choose links, say what happens to them, add it; then see in words what your scenario changes.'), mapBox, chosen,
    h('div', { class: 'map-controls' }, select('Do', OPS, op, v => { op = v; parts(); }), options, button('Add this change', add, { class: 'small-button main' })), list,
    h('div', { class: 'map-controls' }, select('On top of', about.scenarios.map(s => [s.id, s.label]), on, v => { on = v; state.set({ base: v }); }), h('label', { class: 'field' }, h('span', {}, 'Id'), name), h('label', { class: 'field' }, h('span', {}, 'Name'), title), button('Check and show', () => void preview(), { class: 'small-button main' })), text);
  mapBox.append(view.root);
  view.mounted();
  tell();
}
