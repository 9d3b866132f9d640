// The map as SVG: drawn first, kept where there is no WebGL, and what a download or a printer gets.
import { borders, disputedBorders, land } from './basemap';
import { s } from './dom';
import { ends, type Line } from './scene';
import type { Payload, Place } from './types';

type P = [number, number];
export type View = { lon: number; lat: number; zoom: number };
const TILE = 512; // as MapLibre counts zoom
/** A disputed link has a hatched band round it, so that thin and idle ones can be told too. */
export const band = (width: number): number => Math.max(9, width + 6);
export const HATCH = '#343b45';
let patterns = 0;
export const hatchPattern = (id: string): SVGElement => s('defs', {}, s('pattern', { id, width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, s('path', { d: 'M0 0V5', stroke: HATCH, 'stroke-width': 1.6 })));

const mercator = ([lon, lat]: P): P => {
  const y = Math.max(-84, Math.min(84, lat)) * (Math.PI / 180);
  return [(lon + 180) / 360, 0.5 - Math.log(Math.tan(Math.PI / 4 + y / 2)) / (2 * Math.PI)];
};

export function fit(box: [number, number, number, number], width: number, height: number): View {
  const [x0, y1] = mercator([box[0], box[1]]), [x1, y0] = mercator([box[2], box[3]]);
  const zoom = Math.log2(Math.min(width / (x1 - x0), height / (y1 - y0)) / TILE);
  const y = (y0 + y1) / 2;
  return { lon: ((x0 + x1) / 2) * 360 - 180, lat: (2 * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - Math.PI / 2) * (180 / Math.PI), zoom };
}

type Label = { text: string; x: number; y: number; anchor: string };

/** Greedy placement by rank, eight positions each; a name that fits nowhere is left out (as report/labels.py). */
export function placeLabels(places: { place: Place; x: number; y: number }[], width: number, height: number, most: number): Label[] {
  const out: Label[] = [], taken: [number, number, number, number][] = [], size = 11.5;
  const free = (b: [number, number, number, number]): boolean => b[0] >= 0 && b[1] >= 0 && b[2] <= width && b[3] <= height && !taken.some(t => b[0] < t[2] && t[0] < b[2] && b[1] < t[3] && t[1] < b[3]);
  const sorted = [...places].sort((a, b) => a.place.rank - b.place.rank || (a.place.label < b.place.label ? -1 : 1));
  for (const { place, x, y } of sorted) {
    if (out.length >= most) break;
    const w = place.label.length * size * 0.58 + 2, dot: [number, number, number, number] = [x - 3, y - 3, x + 3, y + 3];
    if (taken.some(t => dot[0] < t[2] && t[0] < dot[2] && dot[1] < t[3] && t[1] < dot[3])) continue;
    const spots: [number, number, string][] = [[x + 5, y + 4, 'start'], [x - 5, y + 4, 'end'], [x, y - 6, 'middle'], [x, y + 14, 'middle']];
    for (const [px, py, anchor] of spots) {
      const left = px - (anchor === 'start' ? 0 : anchor === 'end' ? w : w / 2);
      const box: [number, number, number, number] = [left - 2, py - size, left + w + 2, py + 4];
      if (!free(box)) continue;
      out.push({ text: place.label, x: px, y: py, anchor });
      taken.push(box, dot);
      break;
    }
  }
  return out;
}

export class SvgMap {
  readonly root: SVGElement;
  view: View;
  moved: (() => void) | null = null;
  private lines: Line[] = [];
  private picked = -1;
  private readonly hatch = `mk-hatch-${patterns++}`;
  constructor(private readonly p: Payload, private readonly width: number, private readonly height: number, box: [number, number, number, number], private readonly pick?: (link: number) => void) {
    this.view = fit(box, width, height);
    this.root = s('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width: '100%', height: '100%', role: 'img', 'aria-label': 'Map of freight flows; the list beside it holds the same links', 'font-family': 'system-ui, "Noto Sans", "DejaVu Sans", sans-serif', preserveAspectRatio: 'xMidYMid slice' });
    if (pick) this.listen();
  }

  paint(lines: Line[], picked = this.picked): void { this.lines = lines; this.picked = picked; this.draw(); }
  zoomBy(step: number): void { this.view = { ...this.view, zoom: Math.max(0, Math.min(9, this.view.zoom + step)) }; this.draw(); this.moved?.(); }
  follow(view: View): void { this.view = { ...view }; this.draw(); }

  private project(): (p: P) => P {
    const size = TILE * 2 ** this.view.zoom, [cx, cy] = mercator([this.view.lon, this.view.lat]);
    return p => { const [x, y] = mercator(p); return [(x - cx) * size + this.width / 2, (y - cy) * size + this.height / 2]; };
  }

  private path(rings: GeoJSON.Position[][], project: (p: P) => P, close: boolean): string {
    const out: string[] = [], pad = 40;
    for (const points of rings) {
      let inside = false, x0 = 1e9, x1 = -1e9, y0 = 1e9, y1 = -1e9, last: P | null = null;
      const part: string[] = [];
      for (let i = 0; i < points.length; i++) {
        const q = project(points[i] as P);
        x0 = Math.min(x0, q[0]); x1 = Math.max(x1, q[0]); y0 = Math.min(y0, q[1]); y1 = Math.max(y1, q[1]);
        if (last && i < points.length - 1 && Math.abs(q[0] - last[0]) + Math.abs(q[1] - last[1]) < 0.9) continue;
        part.push(`${last ? 'L' : 'M'}${q[0].toFixed(1)} ${q[1].toFixed(1)}`);
        last = q;
      }
      inside = x1 > -pad && x0 < this.width + pad && y1 > -pad && y0 < this.height + pad;
      if (inside && part.length > (close ? 3 : 1)) out.push(part.join('') + (close ? 'Z' : ''));
    }
    return out.join('');
  }

  private draw(): void {
    const project = this.project(), { width, height, p } = this;
    const line = (link: number): string => {
      const [a, b] = ends(p, p.links[link]).map(project);
      return `M${a[0].toFixed(1)} ${a[1].toFixed(1)}L${b[0].toFixed(1)} ${b[1].toFixed(1)}`;
    };
    const drawn = [...this.lines].sort((a, b) => b.width - a.width);
    const busy = new Set<number>();
    for (const l of drawn) if (!l.idle) { busy.add(p.links[l.link].from); busy.add(p.links[l.link].to); }
    const spots = p.places.flatMap((place, i) => {
      if (place.rank > 9000) return [];
      const [x, y] = project(place.at);
      return x > 0 && y > 0 && x < width && y < height ? [{ place: busy.has(i) ? place : { ...place, rank: place.rank + 500 }, x, y }] : [];
    });
    const labels = placeLabels(spots, width, height, Math.round((width * height) / 9000));
    const named = new Set(labels.map(l => l.text));
    const layers: (SVGElement | null)[] = [
      s('rect', { width, height, fill: '#e3ebf0' }),
      s('path', { d: this.path(land.geometry.coordinates.flat(), project, true), fill: '#f7f5ef', stroke: '#b4bcc4', 'stroke-width': 0.5 }),
      s('path', { d: this.path(borders.geometry.coordinates, project, false), fill: 'none', stroke: '#a9b0b8', 'stroke-width': 0.8 }),
      s('path', { d: this.path(disputedBorders.geometry.coordinates, project, false), fill: 'none', stroke: '#7d858f', 'stroke-width': 1.1, 'stroke-dasharray': '1.5 3' }),
      hatchPattern(this.hatch),
      s('g', { class: 'disputed', fill: 'none', stroke: `url(#${this.hatch})`, 'stroke-opacity': 0.75 }, ...drawn.filter(l => l.shared).map(l => s('path', { d: line(l.link), 'stroke-width': band(l.idle ? 0 : l.width).toFixed(2) }))),
      s('g', { fill: 'none' }, ...drawn.map(l => s('path', { d: line(l.link), stroke: l.colour, 'stroke-width': l.width.toFixed(2), 'stroke-dasharray': l.idle ? '' : l.dash, 'stroke-linecap': l.dash ? 'butt' : 'round', 'stroke-opacity': l.idle ? 0.7 : 0.9 }, s('title', {}, l.text)))),
      this.picked >= 0 ? s('path', { d: line(this.picked), stroke: '#111', 'stroke-width': 3, fill: 'none' }) : null,
      s('g', {}, ...spots.filter(q => named.has(q.place.label)).map(q => s('circle', { cx: q.x.toFixed(1), cy: q.y.toFixed(1), r: 2.4, fill: '#fff', stroke: '#344054' }))),
      s('g', { 'font-size': 11.5, fill: '#1d2530', stroke: '#fff', 'stroke-width': 2.6, 'paint-order': 'stroke', 'stroke-linejoin': 'round' }, ...labels.map(l => s('text', { x: l.x.toFixed(1), y: l.y.toFixed(1), 'text-anchor': l.anchor }, l.text))),
      this.pick ? s('g', { class: 'hits', fill: 'none', stroke: '#000', 'stroke-opacity': 0, 'stroke-width': 14, 'pointer-events': 'stroke' }, ...[...drawn].reverse().map(l => s('path', { d: line(l.link), 'data-link': l.link }, s('title', {}, l.text)))) : null,
    ];
    this.root.replaceChildren(...layers.filter((layer): layer is SVGElement => layer !== null));
  }

  private listen(): void {
    let from: { x: number; y: number; view: View } | null = null, moved = false;
    this.root.addEventListener('pointerdown', e => { from = { x: e.clientX, y: e.clientY, view: { ...this.view } }; moved = false; });
    this.root.addEventListener('pointermove', e => {
      if (!from) return;
      const dx = e.clientX - from.x, dy = e.clientY - from.y;
      if (Math.abs(dx) + Math.abs(dy) < 6 && !moved) return;
      moved = true;
      const size = TILE * 2 ** from.view.zoom, [cx, cy] = mercator([from.view.lon, from.view.lat]), scale = this.width / (this.root.getBoundingClientRect().width || this.width);
      this.view = { lon: (cx - (dx * scale) / size) * 360 - 180, lat: (2 * Math.atan(Math.exp((0.5 - (cy - (dy * scale) / size)) * 2 * Math.PI)) - Math.PI / 2) * (180 / Math.PI), zoom: from.view.zoom };
      this.draw();
      this.moved?.();
    });
    const end = (): void => { from = null; };
    this.root.addEventListener('pointerup', end);
    this.root.addEventListener('pointerleave', end);
    this.root.addEventListener('click', e => {
      const link = (e.target as Element).getAttribute('data-link');
      if (link !== null && !moved) this.pick?.(Number(link));
    });
  }
}
