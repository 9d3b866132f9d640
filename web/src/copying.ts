// The same again on the command line or in Python: what a number is, written so that it can be pasted and run.
import { button, h } from './dom';
import { Results, type Row } from './results';
import type { Payload } from './types';

export type Recipe = { cli: string; python: string };
const quoted = (text: string): string => JSON.stringify(text);

/** Copy text; where the page may not write to the clipboard, mark it so that the reader can. */
function copy(text: string, code: HTMLElement, told: HTMLButtonElement): void {
  const mark = (): void => { getSelection()?.selectAllChildren(code); };
  const done = (): void => { const was = told.textContent; told.textContent = 'Copied'; setTimeout(() => { told.textContent = was; }, 1500); };
  if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, mark); else mark();
}

export function copying(recipe: Recipe, lead = ''): HTMLElement {
  const part = (label: string, text: string): HTMLElement => {
    const code = h('code', {}, text), b = button(`Copy as ${label}`, () => copy(text, code, b));
    return h('div', { class: 'recipe', 'data-recipe': label }, h('pre', {}, code), b);
  };
  return h('div', { class: 'recipes command' }, lead ? h('p', { class: 'small' }, lead) : null, part('CLI command', recipe.cli), part('Python', recipe.python));
}

/** The run that a number is of, as a line of Python. */
export function runPython(p: Payload): string {
  const others = p.scenarios.map(s => s.id).filter(id => id !== p.baseline);
  return `import mackinder\n\nrun = mackinder.run(${quoted(p.case)}, [${(others.length ? others : [p.baseline]).map(quoted).join(', ')}], draws=${p.draws}, seed=${p.seed}, model=${quoted(p.model)})`;
}

const STRATEGY = new Set(['leverage', 'ties', 'power', 'deals', 'process']);

/** One number: the command that makes and prints it, and Python that picks it out of the results. */
export function recipeOf(p: Payload, row: Row): Recipe {
  const family = p.catalogue.find(e => e.indicator === row.indicator)?.family ?? '';
  const held: [string, string | number][] = (['scenario', 'indicator', 'variant', 'actor', 'target', 'goods', 'asset'] as const).map(c => [c, row[c]]);
  const query = [...held, ['year', row.year] as [string, number]].map(([c, v]) => `${c} == ${typeof v === 'number' ? v : `'${v}'`}`).join(' and ');
  const draws = p.draws ? ` --draws ${p.draws} --seed ${p.seed}` : '';
  const special: Record<string, string> = {
    leverage: row.actor && row.target ? `mackinder levers ${p.case} ${row.actor.split('+')[0]} ${row.target} --scenario ${row.scenario}` : `mackinder levers ${p.case}`,
    deals: `mackinder deals ${p.case}`, process: `mackinder timeline ${p.case}`,
  };
  const change = Results.isChange(row), cli = special[family] ?? (change ? `mackinder compare ${p.baseline} ${row.scenario} --case ${p.case}${draws}` : p.command);
  if (STRATEGY.has(family)) return { cli, python: `import mackinder\n\nrun = mackinder.read_run("out/${p.case}")  # the folder of a run made with: ${p.command}\nprint(run.strategy.query("${query}")[["value", "low", "high", "unit"]])` };
  return { cli, python: `${runPython(p)}\nprint(run.results.query("${query}")[["value", "low", "high", "unit"]])` };
}
