// One page, two lives: with a run inside it is the report; without, it is the app that `mackinder serve` shows.
import './style.css';
import { h } from './dom';
import { enhance } from './enhance';
import { Explorer, gains } from './explore';
import { Ledger } from './ledger';
import { MapView } from './mapview';
import { Results } from './results';
import { Flows } from './scene';
import type { Payload } from './types';

performance.mark('mk-script');

function hashState(): Record<string, string> { return Object.fromEntries(new URLSearchParams(location.hash.slice(1))); }

function report(p: Payload): void {
  performance.mark('mk-data');
  document.documentElement.classList.add('js');
  const results = new Results(p), flows = new Flows(p), ledger = new Ledger(p, results, flows);
  const home = document.getElementById('maps')?.closest('section');
  const state = hashState();
  if (home && p.links.length) {
    const box = h('div', { class: 'live-map' });
    home.querySelector('h2')!.after(box);
    const view = new MapView(p, flows, ledger, { ...(state.kind ? { kind: state.kind as 'a' } : {}), ...(state.b ? { scenario: state.b } : {}), ...(state.year ? { year: Number(state.year) } : {}) }, {
      changed: shown => { if (box.dataset.started) history.replaceState(null, '', `#${new URLSearchParams({ ...(hashState().nogl !== undefined ? { nogl: '' } : {}), kind: shown.kind, b: shown.scenario, year: String(shown.year) })}`); },
    });
    box.append(view.root);
    view.mounted();
    box.dataset.started = '1';
  }
  enhance(p, results, ledger);
  const economy = document.getElementById('economy')?.closest('section');
  const won = gains(p, results, ledger);
  if (won && economy) (economy.querySelector('p') ?? economy.querySelector('h2')!).after(won);
  const limits = document.getElementById('inputs')?.closest('section');
  if (limits && results.size) limits.before(new Explorer(p, results, ledger).root);
  nav();
  if (p.notices) document.querySelector('footer')?.append(h('details', {}, h('summary', {}, 'Licences of what this page is made with'), h('pre', { class: 'notices' }, p.notices)));
  document.documentElement.dataset.ready = '1';
}

/** Sections that the script adds belong into the contents. */
function nav(): void {
  const list = document.querySelector('nav[aria-label="Contents"] ul');
  if (!list) return;
  for (const [id, after] of [['explore', 'drivers']]) {
    const heading = document.getElementById(id), neighbour = list.querySelector(`a[href="#${after}"]`)?.parentElement;
    if (heading && neighbour) neighbour.after(h('li', {}, h('a', { href: `#${id}` }, heading.textContent)));
  }
}

const island = document.getElementById('mk-data');
/** The data of the run: JSON, gzipped, in base64 (report/shell.py). */
async function unpack(text: string): Promise<Payload> {
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text()) as Payload;
}

if (island) void unpack(island.textContent ?? '').then(report);
else void import('./app').then(m => m.start());
