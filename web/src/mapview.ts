// The map with its switches, legend, list of links and downloads. SVG first; MapLibre takes over when it is ready.
import { button, h, s, save, segments, select } from './dom';
import { geopackage, savePng, tableButtons, type Sheet } from './downloads';
import type { Ledger } from './ledger';
import { contested, ends, Flows, SAMPLES, SMALLEST_CHANGE_MT, scene, width, type Kind, type Line, type Shown } from './scene';
import { hatchPattern, SvgMap, type View } from './svgmap';
import type { Payload } from './types';

type Gl = import('./glmap').WebGlMap;
const WINDOWS: [string, string, [number, number, number, number]][] = [
  ['region', 'South Caucasus', [36, 35.2, 56, 46]], ['eurasia', 'Eurasia', [-10, 5, 135, 64]],
];

export type MapOptions = { changed?: (shown: Shown) => void; linkPicked?: (link: number) => boolean; height?: number; still?: boolean; bare?: boolean; around?: string };

export class MapView {
  readonly root = h('div', { class: 'mapview' });
  readonly shown: Shown;
  private window = 'region';
  private picked = -1;
  private svg!: SvgMap;
  private gl: Gl | null = null;
  private readonly frame = h('div', { class: 'map-frame' });
  private readonly list = h('div', { class: 'map-list' });
  private readonly words = h('p', { class: 'map-words', 'aria-live': 'polite' });
  private search = '';
  private pair: MapView[] = [];
  private readonly beside = h('div', { class: 'map-pair', hidden: true });
  private leader: ((view: View) => void) | null = null;
  override: ((shown: Shown) => Line[]) | null = null;
  title: (() => string) | null = null;

  constructor(private readonly p: Payload, private readonly flows: Flows, private readonly ledger: Ledger, start: Partial<Shown>, private readonly options: MapOptions = {}) {
    this.shown = { kind: 'b', scenario: p.headline, year: p.year, ...start };
    if (!p.scenarios.some(x => x.id === this.shown.scenario)) this.shown.scenario = p.headline;
    this.build();
  }

  /** Two maps at the same place and scale, one of A and one of B. */
  private side(on: boolean): void {
    this.frame.hidden = on;
    this.beside.hidden = !on;
    if (!on) { for (const view of this.pair) view.drop(); this.pair = []; this.beside.replaceChildren(); return; }
    if (!this.pair.length) {
      this.pair = (['a', 'b'] as Kind[]).map(kind => new MapView(this.p, this.flows, this.ledger, { ...this.shown, kind }, { bare: true, height: this.options.height }));
      this.beside.append(...this.pair.map(view => view.root));
      this.pair.forEach((view, i) => { view.window = this.window; view.leader = at => this.pair[1 - i].follow(at); view.mounted(); });
    }
    for (const view of this.pair) { view.shown.scenario = this.shown.scenario; view.shown.year = this.shown.year; view.update(); }
  }

  private follow(view: View): void { this.svg.follow(view); if (this.gl) this.gl.view = view; }
  private drop(): void { this.gl?.remove(); this.gl = null; }

  /** Draw, once the element stands in the page and has a width. */
  mounted(): void { this.draw(); void this.upgrade(); }

  set(change: Partial<Shown>): void { Object.assign(this.shown, change); this.update(); }
  refresh(): void { this.update(); }

  private lines(): Line[] { return this.override ? this.override(this.shown) : scene(this.p, this.flows, this.shown); }

  private build(): void {
    if (this.options.bare) { this.root.append(this.words, this.frame); return; }
    const { p } = this, others = p.scenarios.filter(x => x.id !== p.baseline), label = (id: string): string => p.scenarios.find(x => x.id === id)?.label ?? id;
    const kinds: [string, string][] = others.length ? [['a', `A: ${label(p.baseline)}`], ['b', 'B'], ['s', 'A beside B'], ['d', 'B − A']] : [];
    if (!others.length) this.shown.kind = 'a';
    const controls = h('div', { class: 'map-controls' },
      kinds.length ? segments('Show', kinds, this.shown.kind, kind => this.set({ kind: kind as Kind })) : null,
      others.length && !this.options.still ? select('B is', others.map(x => [x.id, x.label]), this.shown.scenario, scenario => this.set({ scenario })) : null,
      p.years.length > 1 && !this.options.still ? segments('Year', p.years.map(y => [String(y), String(y)]), String(this.shown.year), y => this.set({ year: Number(y) })) : null,
      segments('Window', [...(this.corridor() ? [['corridor', 'Corridor'] as [string, string]] : []), ...WINDOWS.map(([id, name]) => [id, name] as [string, string])], this.window, id => { this.window = id; this.picked = -1; if (this.shown.kind === 's') this.side(false); this.draw(); void this.upgrade(); }),
    );
    const find = h('input', { type: 'search', placeholder: 'Find a link or place', 'aria-label': 'Find a link or place', id: 'find-link', oninput: (() => { this.search = find.value.toLowerCase(); this.fill(); }) as EventListener });
    this.root.append(controls, this.words,
      h('div', { class: 'map-body' }, h('div', {}, this.frame, this.beside), h('div', { class: 'map-side' }, find, this.list)),
      this.legend(),
      h('div', { class: 'downloads' }, 'Download what is shown: ', ...tableButtons(p, 'links on the map', () => this.sheet(), 'links'), button('GeoPackage', () => void this.geopackage()), button('GeoJSON', () => save(`${this.name()}.geojson`, this.geojson(), 'application/geo+json')), button('SVG', () => save(`${this.name()}.svg`, this.picture(), 'image/svg+xml')), button('PNG', () => this.png())),
      h('p', { class: 'small' }, 'Borders as United Nations maps depict them; disputed lines are dotted. ', p.boundaries.length > 1 ? h('a', { href: '#boundaries' }, 'Notes on borders and names') : p.boundaries[0] ?? ''));
    addEventListener('keydown', e => {
      if (e.key === '/' && !(e.target as Element).closest('input, select, textarea')) { e.preventDefault(); find.focus(); }
    });
  }

  private legend(): HTMLElement {
    const { p } = this;
    const line = (colour: string, w: number, dash = ''): SVGElement => s('svg', { width: 34, height: Math.max(12, w + 2), 'aria-hidden': 'true' }, s('path', { d: `M2 ${Math.max(12, w + 2) / 2}h30`, stroke: colour, 'stroke-width': w, 'stroke-dasharray': dash, fill: 'none' }));
    const item = (mark: SVGElement, words: string): HTMLElement => h('li', {}, mark as unknown as HTMLElement, words);
    const present = new Set(p.links.map(l => l.mode));
    const hatchSample = (): SVGElement => s('svg', { width: 34, height: 12, 'aria-hidden': 'true' }, hatchPattern('legend-hatch'), s('rect', { x: 2, y: 1, width: 30, height: 10, fill: 'url(#legend-hatch)' }), s('path', { d: 'M2 6h30', stroke: '#5b6470', 'stroke-width': 3 }));
    return h('div', { class: 'legend' },
      h('div', {}, h('b', {}, 'Colour: whose ground'), h('ul', {}, ...Object.entries(p.colours).map(([id, c]) => item(line(c, 5), p.actors[id] ?? id)), item(line(p.other, 5), 'others, shared ground, high seas'))),
      p.scenarios.length > 1 ? h('div', {}, h('b', {}, 'In B − A'), h('ul', {}, item(line(p.gain, 5), 'more in B'), item(line(p.loss, 5), 'less in B'))) : null,
      this.options.linkPicked || p.draws + p.scenarios.length === 1 ? null : h('div', {}, h('b', {}, 'Width: Mt a year, both directions'), h('ul', {}, ...SAMPLES.map(mt => item(line('#5b6470', width(mt)), String(mt))))),
      h('div', {}, h('b', {}, 'Line: mode'), h('ul', {}, ...Object.entries(p.modes).filter(([m]) => present.has(m)).map(([, m]) => item(line('#5b6470', 3, m.dash), m.label)))),
      p.links.some(contested) ? h('div', {}, h('b', {}, 'Hatch: disputed'), h('ul', {}, item(hatchSample(), 'someone claims a right to close it that does not count'))) : null,
    );
  }

  private name(): string { return `mackinder-${this.p.case}-${this.shown.kind === 'a' ? this.p.baseline : this.shown.scenario}${this.shown.kind === 'd' ? '-difference' : ''}-${this.shown.year}`; }

  private box(): [number, number, number, number] {
    if (this.window === 'corridor') return this.corridor() ?? WINDOWS[0][2];
    const preset = WINDOWS.find(([id]) => id === this.window)![2];
    const at = this.p.places.filter(q => q.rank < 9000).map(q => q.at);
    const inside = at.some(([x, y]) => x > preset[0] && x < preset[2] && y > preset[1] && y < preset[3]);
    if (inside || !at.length) return preset;
    const xs = at.map(q => q[0]), ys = at.map(q => q[1]);
    return [Math.min(...xs) - 1, Math.min(...ys) - 1, Math.max(...xs) + 1, Math.max(...ys) + 1];
  }

  /** The links of the corridor that the scenario is named by, with some country round them; null where there is none. */
  private corridor(): [number, number, number, number] | null {
    const links = new Set(this.p.corridors[this.options.around ?? this.p.headline]?.links ?? []), at = this.p.links.filter(l => links.has(l.id)).flatMap(l => [this.p.places[l.from].at, this.p.places[l.to].at]);
    if (!at.length) return null;
    const xs = at.map(q => q[0]), ys = at.map(q => q[1]);
    return [Math.min(...xs) - 1.6, Math.min(...ys) - 0.8, Math.max(...xs) + 1.6, Math.max(...ys) + 1.1];
  }

  private size(): [number, number] { return [Math.max(320, Math.round(this.frame.clientWidth || 860)), this.options.height ?? 540]; }

  private draw(): void {
    const [w, tall] = this.size();
    this.frame.style.height = `${tall}px`;
    this.gl?.remove();
    this.gl = null;
    this.svg = new SvgMap(this.p, w, tall, this.box(), link => this.choose(link));
    this.svg.moved = () => this.leader?.(this.svg.view);
    const svgBox = h('div', { class: 'svg-map' }, this.svg.root as unknown as HTMLElement,
      h('div', { class: 'zoom' }, button('+', () => this.svg.zoomBy(0.6), { 'aria-label': 'Zoom in' }), button('−', () => this.svg.zoomBy(-0.6), { 'aria-label': 'Zoom out' })));
    this.frame.replaceChildren(svgBox);
    this.update();
    document.documentElement.dataset.svg = 'ready';
    performance.mark('mk-svg');
  }

  private async upgrade(): Promise<void> {
    const { hasWebGl, WebGlMap } = await import('./glmap');
    const done = (how: string): void => { document.documentElement.dataset.map = how; performance.mark('mk-map'); };
    if (!hasWebGl()) { done('svg'); return; }
    await new Promise(resolve => { requestAnimationFrame(() => setTimeout(resolve, 0)); });
    const holder = h('div', { class: 'gl-map' }), svg = this.svg;
    this.frame.append(holder);
    try {
      const gl = new WebGlMap(this.p, holder, svg.view, link => this.choose(link), () => {
        if (this.svg !== svg) return;
        holder.classList.add('on');
        this.frame.querySelector('.svg-map')?.remove();
        done('webgl');
      }, () => { if (this.gl === gl) this.gl = null; holder.remove(); done('svg'); });
      this.gl = gl;
      gl.paint(this.lines(), this.picked);
      gl.onMove(() => this.leader?.(gl.view));
    } catch (error) {
      console.warn('no WebGL map, the SVG stays:', error);
      holder.remove();
      done('svg');
    }
  }

  choose(link: number): void {
    if (this.options.linkPicked?.(link)) return;
    this.picked = link;
    this.update();
    this.ledger.link(link, this.shown.scenario, this.shown.year);
  }

  private update(): void {
    if (!this.options.bare && (this.shown.kind === 's') !== !this.beside.hidden) this.side(this.shown.kind === 's');
    else if (this.shown.kind === 's') this.side(true);
    const lines = this.lines();
    this.svg.paint(lines, this.picked);
    this.gl?.paint(lines, this.picked);
    const label = (id: string): string => this.p.scenarios.find(x => x.id === id)?.label ?? id, { kind, scenario, year } = this.shown;
    this.words.textContent = this.title ? this.title() : kind === 'a' ? `A: ${label(this.p.baseline)}, ${year}` : kind === 'b' ? `B: ${label(scenario)}, ${year}` : kind === 's' ? `A: ${label(this.p.baseline)}, and B: ${label(scenario)}, ${year}; the same widths` : `B − A: ${label(scenario)} minus ${label(this.p.baseline)}, ${year}; changes below ${SMALLEST_CHANGE_MT} Mt a year are not drawn`;
    if (!this.options.bare) this.fill(lines);
    this.options.changed?.(this.shown);
  }

  private fill(lines = this.lines()): void {
    const q = this.search;
    const [west, south, east, north] = this.box(), inside = (i: number): boolean => { const [x, y] = this.p.places[i].at; return x > west && x < east && y > south && y < north; };
    const here = (l: Line): boolean => inside(this.p.links[l.link].from) && inside(this.p.links[l.link].to);
    const rows = lines.filter(l => !l.idle && (q ? l.text.toLowerCase().includes(q) : here(l))).sort((a, b) => b.width - a.width).slice(0, 40);
    this.list.replaceChildren(h('p', { class: 'small' }, q ? `${rows.length} links` : this.options.linkPicked ? 'Click to choose.' : 'Largest in this window first. Click one for its ledger.'), h('ul', {}, ...rows.map(l => {
      const at = l.text.lastIndexOf(': ');
      return h('li', {}, h('button', { type: 'button', class: 'link-row', 'data-link': l.link, 'aria-current': l.link === this.picked ? 'true' : undefined, onclick: () => this.choose(l.link) }, h('i', { class: 'swatch', style: `background:${l.colour}` }), h('span', {}, l.text.slice(0, at)), h('b', {}, l.text.slice(at + 2).replace(', difference of medians', ''))));
    })));
  }

  private sheet(): Sheet {
    const { kind } = this.shown, first = this.flows.of(this.p.baseline, this.shown.year), second = this.flows.of(this.shown.scenario, this.shown.year);
    const rows = this.lines().filter(l => !l.idle).map(l => {
      const link = this.p.links[l.link], a = first.get(l.link), b = second.get(l.link), e = kind === 'a' ? a : b;
      const head = [link.id, link.label, link.mode, link.holder];
      return kind === 'd' ? [...head, (b?.value ?? 0) - (a?.value ?? 0), '', '', 'Mt/yr, difference of medians'] : [...head, e?.value, e?.low, e?.high, 'Mt/yr'];
    });
    return { name: this.name(), head: ['link', 'label', 'mode', 'holder', 'median', 'low_5', 'high_95', 'unit'], rows };
  }

  /** What is shown, as lines that QGIS and other tools open. */
  private geojson(): string {
    const { head, rows } = this.sheet(), at = new Map(this.p.links.map((l, i) => [l.id, i]));
    const features = rows.map(row => ({ type: 'Feature', properties: Object.fromEntries(head.map((k, i) => [k, row[i] ?? null])), geometry: { type: 'LineString', coordinates: ends(this.p, this.p.links[at.get(String(row[0]))!]) } }));
    return JSON.stringify({ type: 'FeatureCollection', name: this.name(), features });
  }

  /** The same as a GeoPackage with its QGIS style. */
  private async geopackage(): Promise<void> {
    const { p } = this, at = new Map(p.links.map((l, i) => [l.id, i])), { rows } = this.sheet();
    const numbers = new Map(rows.map(row => [at.get(String(row[0]))!, row.slice(4, 7)]));
    const note = `${this.words.textContent}. Mt a year, both directions; ${p.draws ? `median and 90 % interval of ${p.draws} draws, seed ${p.seed}` : 'central values'}. Simulated, not observed. Evidence to ${p.evidence}.`;
    save(`${this.name()}.gpkg`, await geopackage(p.geopackage, numbers, note), 'application/geopackage+sqlite3');
  }

  /** A vector picture of what is shown, in the present view. */
  picture(): string {
    const [w, tall] = this.size(), copy = new SvgMap(this.p, w, tall, this.box());
    copy.view = this.gl ? this.gl.view : this.svg.view;
    copy.paint(this.lines(), -1);
    return new XMLSerializer().serializeToString(copy.root);
  }

  private png(): void {
    const [w, tall] = this.size();
    savePng(this.name(), this.picture().replace('width="100%" height="100%"', `width="${w}" height="${tall}"`), w, tall);
  }
}
