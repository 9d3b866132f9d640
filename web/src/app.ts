// The app: the frame, and the views that the address names.
import { ask, state } from './api';
import { claimsView, dealsView, leversView } from './appanswers';
import { compareView } from './appcompare';
import { buildView } from './appbuild';
import { routeView } from './approute';
import { runsView } from './appruns';
import { copying } from './copying';
import { h } from './dom';
import { fixed } from './format';
import { Ledger } from './ledger';
import { Results } from './results';
import { Flows } from './scene';
import type { Payload } from './types';

export type Slider = { slider_id: string; label: string; unit: string; low: number; high: number; step: number; start: number; meaning: string };
export type About = Omit<Payload, 'scenarios'> & { scenarios: { id: string; label: string; description: string; range_only: boolean }[]; goods: [string, string][]; default_goods: string; actions: Slider[]; assumptions: Slider[]; saves: boolean; lever_pairs: [string, string][]; deals: boolean; needed: string[]; claims: boolean };
export type Context = { about: About; ledger: Ledger; base: Payload; flows: Flows };
type View = (context: Context, root: HTMLElement) => void;

const VIEWS: [string, string, View][] = [['compare', 'Compare and try', compareView], ['route', 'Find a route', routeView], ['build', 'Build a scenario', buildView], ['levers', 'Levers', leversView], ['deals', 'Deals', dealsView], ['claims', 'Claims', claimsView], ['runs', 'Runs and reports', runsView]];

/** A payload without a run, as maps and the drawer want it. */
export function bare(about: About): Payload {
  return {
    ...about, headline: about.baseline, ranges: [], draws: 0, seed: 0, model: 'trade', command: `mackinder run ${about.case}`, assets: {}, flows: {}, documents: [], notices: '', unknown_rights: [], inputs: {},
    results: { row: [], scenario: [], indicator: [], variant: [], year: [], actor: [], target: [], goods: [], asset: [], unit: [], value: [], low: [], high: [], words: { scenario: [], indicator: [], variant: [], actor: [], target: [], goods: [], asset: [], unit: [] } },
  };
}

export const short = (value: number): string => (value === 0 ? '0' : fixed(value, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 3));
export const problem = (error: unknown): HTMLElement => h('p', { class: 'problem', role: 'alert' }, error instanceof Error ? error.message : String(error));

export const command = (cli: string, python: string): HTMLElement => copying({ cli, python }, 'The same on the command line, or in Python:');

export async function start(): Promise<void> {
  document.documentElement.classList.add('js', 'app');
  const main = document.getElementById('app')!, wait = h('p', { class: 'busy', role: 'status' }, 'Reading the case…');
  main.append(wait);
  let about: About;
  try { about = await ask<About>('api/case'); } catch (error) { wait.replaceWith(problem(error)); return; }
  wait.remove();
  const base = bare(about), flows = new Flows(base), ledger = new Ledger(base, new Results(base), flows), root = h('div', { class: 'view' });
  const tabs = h('nav', { 'aria-label': 'Views', class: 'tabs' }, ...VIEWS.map(([id, label]) => h('a', { href: `#view=${id}`, 'data-view': id }, label)));
  main.append(h('header', { class: 'app-head' }, h('h1', {}, about.title), h('p', { class: 'small' }, `mackinder · case ${about.case} · evidence to ${about.evidence} · simulated, not observed`), tabs), root);
  const show = (): void => {
    const id = state.get('view') ?? 'compare', view = VIEWS.find(v => v[0] === id) ?? VIEWS[0];
    for (const a of tabs.querySelectorAll('a')) if (a.dataset.view === view[0]) a.setAttribute('aria-current', 'page'); else a.removeAttribute('aria-current');
    ledger.close();
    root.replaceChildren();
    delete root.dataset.state;
    delete root.dataset.sequence;
    view[2]({ about, ledger, base, flows }, root);
  };
  addEventListener('hashchange', show);
  show();
  document.documentElement.dataset.ready = '1';
}
