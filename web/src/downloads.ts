// Downloads of exactly what is shown: tables as CSV and XLSX (with a sheet that says where they come from), pictures as SVG and PNG.
import writeXlsx, { type Cell } from 'write-excel-file/universal';
import { button, csv, h, save } from './dom';
import type { BlankFile, Payload } from './types';

export type Value = string | number | null | undefined;
export type Sheet = { name: string; head: string[]; rows: Value[][] };
export type About = Pick<Payload, 'title' | 'case' | 'command' | 'draws' | 'seed' | 'model' | 'evidence'>;

export const fileName = (about: Pick<Payload, 'case'>, name: string): string => `mackinder-${about.case}-${name.replace(/[^\p{L}\d]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60)}`;

/** Text stays text in a workbook: nothing in a cell is ever a formula. */
const cell = (value: Value): Cell => (value === null || value === undefined || value === '' ? null : typeof value === 'number' ? (Number.isFinite(value) ? { value, type: Number } : null) : { value: value.slice(0, 32_000), type: String });
const bold = (value: string): Cell => ({ value, type: String, fontWeight: 'bold' });

export function workbook(about: About, sheet: Sheet): Promise<Blob> {
  const readme: [string, string][] = [
    ['What', sheet.name], ['Case', `${about.title} (${about.case})`], ['Evidence to', about.evidence], ['Kind', 'simulated, not observed'],
    ['Draws', about.draws ? `${about.draws}, seed ${about.seed}; low and high are 5 and 95 % of the draws` : 'central values, one solve: no interval'],
    ['Model', about.model], ['The same again', about.command], ['Licences', 'Apache-2.0; terms of sources stand in LICENCES.md of mackinder export'],
  ];
  const widths = sheet.head.map((head, i) => ({ width: Math.min(60, Math.max(head.length, ...sheet.rows.slice(0, 200).map(r => String(r[i] ?? '').length)) + 2) }));
  return writeXlsx([
    { data: [sheet.head.map(bold), ...sheet.rows.map(r => r.map(cell))], sheet: 'data', columns: widths, stickyRowsCount: 1 },
    { data: readme.map(([k, v]) => [bold(k), cell(v)]), sheet: 'README', columns: [{ width: 16 }, { width: 100 }] },
  ]).toBlob();
}

/** Write numbers (median, low, high by link) into the blank GeoPackage: SQLite keeps a number in eight bytes and reads NaN as NULL. */
export async function geopackage(blank: BlankFile, numbers: Map<number, Value[]>, note: string): Promise<Blob> {
  const packed = Uint8Array.from(atob(blank.file), c => c.charCodeAt(0));
  const bytes = new Uint8Array(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
  const view = new DataView(bytes.buffer), [start, room] = blank.note;
  blank.at.forEach((at, link) => { for (let i = 0; i < 3; i++) { const value = numbers.get(link)?.[i]; view.setFloat64(at + 8 * i, typeof value === 'number' ? value : NaN); } });
  bytes.fill(0x20, start, start + room);
  new TextEncoder().encodeInto(note, bytes.subarray(start, start + room)); // stops before a character that does not fit
  return new Blob([bytes], { type: 'application/geopackage+sqlite3' });
}

export function tableButtons(about: About, label: string, read: () => Sheet, file = label): HTMLElement[] {
  const name = fileName(about, file);
  return [
    button('CSV', () => { const s = read(); save(`${name}.csv`, csv([s.head, ...s.rows]), 'text/csv'); }, { 'aria-label': `CSV: ${label}` }),
    button('XLSX', () => void workbook(about, read()).then(blob => save(`${name}.xlsx`, blob, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')), { 'aria-label': `XLSX: ${label}` }),
  ];
}

export function svgText(svg: Element, width: number, height: number): string {
  const copy = svg.cloneNode(true) as Element;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return new XMLSerializer().serializeToString(copy);
}

/** Draw a picture at twice its size, on white. */
export function savePng(name: string, svg: string, width: number, height: number): void {
  const image = new Image();
  image.onload = () => {
    const canvas = h('canvas', { width: Math.round(width * 2), height: Math.round(height * 2) }), pen = canvas.getContext('2d')!;
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(blob => { if (blob) save(`${name}.png`, blob, 'image/png'); });
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/** Buttons for a drawing: `size` of the SVG is that of its viewBox, or of its box on the page. */
export function pictureButtons(name: string, label: string, find: () => SVGSVGElement | null): HTMLElement[] {
  const sized = (): [string, number, number] | null => {
    const svg = find(), box = svg?.viewBox.baseVal;
    if (!svg) return null;
    const [w, t] = box && box.width ? [box.width, box.height] : [svg.clientWidth || 860, svg.clientHeight || 400];
    return [svgText(svg, w, t), w, t];
  };
  return [
    button('SVG', () => { const it = sized(); if (it) save(`${name}.svg`, it[0], 'image/svg+xml'); }, { 'aria-label': `SVG: ${label}` }),
    button('PNG', () => { const it = sized(); if (it) savePng(name, ...it); }, { 'aria-label': `PNG: ${label}` }),
  ];
}
