// What Python has set is complete without a script; with one, numbers open the ledger, tables can be saved and documents filtered.
import { h } from './dom';
import { pictureButtons, tableButtons, type Sheet, type Value } from './downloads';
import { dots, fan } from './charts';
import type { Ledger } from './ledger';
import type { Results } from './results';
import type { Doc, Payload } from './types';

/** A table as it stands; numbers that the ledger knows come along as numbers in columns of their own. */
function sheetOf(table: HTMLTableElement, name: string, results: Results): Sheet {
  const rows = [...table.rows].filter(r => !r.hidden), head = [...rows[0].cells].map(c => c.textContent ?? ''), body = rows.slice(1);
  const known = (cell: Element | undefined): Value[] => { const b = cell?.querySelector<HTMLElement>('[data-number]'), row = b ? results.row(Number(b.dataset.number)) : undefined; return row ? [row.value, row.low, row.high, row.unit] : [null, null, null, null]; };
  const numeric = head.map((_, i) => body.some(r => r.cells[i]?.querySelector('[data-number]')));
  return {
    name, head: head.flatMap((text, i) => (numeric[i] ? [text, `${text}: median`, `${text}: 5 %`, `${text}: 95 %`, `${text}: unit`] : [text])),
    rows: body.map(r => head.flatMap((_, i): Value[] => { const c = r.cells[i], text = c?.textContent ?? ''; return numeric[i] ? [text, ...known(c)] : [text]; })),
  };
}

export function enhance(p: Payload, results: Results, ledger: Ledger): void {
  for (const cell of document.querySelectorAll<HTMLElement>('[data-row]')) {
    const number = Number(cell.dataset.row);
    const b = h('button', { type: 'button', class: 'number', 'data-number': number, onclick: () => ledger.row(number) });
    b.append(...cell.childNodes);
    cell.append(b);
  }
  for (const cell of document.querySelectorAll<HTMLElement>('[data-input]')) {
    const id = cell.dataset.input!, b = h('button', { type: 'button', class: 'number', onclick: () => ledger.input(id) });
    b.append(...cell.childNodes);
    cell.append(b);
  }
  for (const table of document.querySelectorAll<HTMLTableElement>('main.static table')) {
    const name = table.caption?.textContent ?? 'table';
    const box = table.parentElement!;
    box.after(h('div', { class: 'downloads' }, ...tableButtons(p, name, () => sheetOf(table, name, results))));
    if (box.classList.contains('scroll')) { box.tabIndex = 0; box.setAttribute('role', 'region'); box.setAttribute('aria-label', name); }
  }
  for (const figure of document.querySelectorAll<HTMLElement>('main.static figure.chart-figure')) {
    const svg = figure.querySelector('svg');
    if (svg) figure.append(h('div', { class: 'downloads' }, ...pictureButtons(`mackinder-${p.case}-${figure.id}`, figure.querySelector('.title')?.textContent ?? figure.id, () => svg)));
  }
  for (const doc of p.documents) document_(p, doc);
}

/** A document of the run (levers, deals, timeline, claims): filters over its static table, and its chart. */
function document_(p: Payload, doc: Doc): void {
  const heading = document.getElementById(`doc-${doc.id}`), table = heading?.closest('section')?.querySelector('table');
  if (!heading || !table) return;
  const at = (key: string): number => doc.columns.findIndex(c => c.key === key), box = h('div', { class: 'map-controls' });
  const chosen = new Map<number, string>();
  const apply = (): void => { [...table.tBodies[0].rows].forEach((row, i) => { row.hidden = [...chosen].some(([column, value]) => value !== '' && String(doc.rows[i]?.[column] ?? '') !== value); }); };
  for (const key of doc.filters) {
    const column = at(key);
    if (column < 0) continue;
    const values = [...new Set(doc.rows.map(r => String(r[column] ?? '')))].filter(Boolean).sort();
    const pick = h('select', { onchange: (() => { chosen.set(column, pick.value); apply(); }) as EventListener }, h('option', { value: '' }, 'all'), ...values.map(v => h('option', { value: v }, v)));
    box.append(h('label', { class: 'field' }, h('span', {}, doc.columns[column].label), pick));
  }
  if (box.childNodes.length) table.parentElement!.before(box);
  const drawn = chart(p, doc);
  if (drawn) table.parentElement!.before(drawn);
}

function chart(p: Payload, doc: Doc): HTMLElement | null {
  const at = (key: string): number => doc.columns.findIndex(c => c.key === key), n = (v: unknown): number => Number(v);
  const value = at('value'), low = at('low'), high = at('high'), unit = at('unit');
  if (value < 0 || low < 0 || high < 0 || !doc.rows.length) return null;
  if (doc.chart === 'fan' && at('year') >= 0) {
    const years = [...new Set(doc.rows.map(r => n(r[at('year')])))].sort((a, b) => a - b), name = at('series') < 0 ? 0 : at('series');
    const series = [...new Set(doc.rows.map(r => String(r[name])))].slice(0, 6);
    const hues = ['#5b6470', '#0b62a8', '#c4500a', '#02632f', '#722b7c', '#b50f29'];
    const find = (x: string, y: number, c: number): number => n(doc.rows.find(r => String(r[name]) === x && n(r[at('year')]) === y)?.[c] ?? NaN);
    return fan(doc.title, unit < 0 ? '' : String(doc.rows[0][unit]), years, series.map((x, i) => ({ label: x, colour: hues[i], value: years.map(y => find(x, y, value)), low: years.map(y => find(x, y, low)), high: years.map(y => find(x, y, high)) })));
  }
  if (doc.chart !== 'dots') return null;
  const rows = [...doc.rows].sort((a, b) => Math.abs(n(b[value])) - Math.abs(n(a[value]))).slice(0, 15);
  return dots(doc.title, unit < 0 ? '' : String(doc.rows[0][unit]), rows.map(r => ({ label: String(r[0]), values: [{ value: n(r[value]), low: n(r[low]), high: n(r[high]), text: `${String(r[value])} (${String(r[low])} to ${String(r[high])})` }] })), [{ label: doc.title, colour: p.gain }], false);
}
