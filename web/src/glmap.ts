// The same map drawn by MapLibre: smooth zoom where the browser has WebGL.
import { Map as GlMap, NavigationControl, Popup, setWorkerUrl, type LayerSpecification, type StyleSpecification } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?raw';
import { borders, disputedBorders, land } from './basemap';
import { ends, type Line } from './scene';
import { band, HATCH, type View } from './svgmap';
import type { Payload } from './types';

let ready = false;
/** The worker travels inside the page, so that file:// works too; a policy must allow worker-src blob:. */
function useWorker(): void {
  if (!ready) setWorkerUrl(URL.createObjectURL(new Blob([worker], { type: 'text/javascript' })));
  ready = true;
}

export const hasWebGl = (): boolean => {
  try { return !new URLSearchParams(location.hash.slice(1)).has('nogl') && !!document.createElement('canvas').getContext('webgl2'); } catch { return false; }
};

type Expression = ['case', ...unknown[]] | ['coalesce', ...unknown[]];
const state = (name: string, other: unknown): Expression => ['coalesce', ['feature-state', name], other];

function style(p: Payload): StyleSpecification {
  const collection = (features: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({ type: 'FeatureCollection', features });
  const links = collection(p.links.map((l, i) => ({ type: 'Feature', id: i, properties: { i, mode: l.mode, claimed: Object.keys(l.claimed).length > 0 }, geometry: { type: 'LineString', coordinates: ends(p, l) } })));
  const places = collection(p.places.filter(q => q.rank < 9000).map(q => ({ type: 'Feature', properties: { n: q.label, r: q.rank, z: q.rank < 100 ? 0 : q.rank < 200 ? 4 : q.rank < 300 ? 5 : 6 }, geometry: { type: 'Point', coordinates: q.at } })));
  const modes = Object.entries(p.modes).map(([mode, { dash }]) => ({
    id: `line-${mode}`, type: 'line', source: 'links', filter: ['==', ['get', 'mode'], mode], layout: { 'line-cap': dash ? 'butt' : 'round' },
    paint: { 'line-color': state('c', '#b9b4a8'), 'line-width': state('w', 0.5), 'line-opacity': 0.9, ...(dash ? { 'line-dasharray': dash.split(' ').map(d => Number(d) / 3) } : {}) },
  }));
  return {
    version: 8,
    sources: {
      land: { type: 'geojson', data: land }, borders: { type: 'geojson', data: borders }, disputed: { type: 'geojson', data: disputedBorders },
      links: { type: 'geojson', data: links }, places: { type: 'geojson', data: places },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': '#e3ebf0' } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': '#f7f5ef' } },
      { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': '#b4bcc4', 'line-width': 0.5 } },
      { id: 'border', type: 'line', source: 'borders', paint: { 'line-color': '#a9b0b8', 'line-width': 0.8 } },
      { id: 'disputed', type: 'line', source: 'disputed', paint: { 'line-color': '#7d858f', 'line-width': 1.1, 'line-dasharray': [1.5, 3] } },
      { id: 'idle', type: 'line', source: 'links', paint: { 'line-color': '#b9b4a8', 'line-width': 0.5, 'line-opacity': 0.7 } },
      ...modes,
      { id: 'picked', type: 'line', source: 'links', paint: { 'line-color': '#111', 'line-width': 3, 'line-opacity': state('p', 0) } },
      { id: 'hit', type: 'line', source: 'links', paint: { 'line-color': '#000', 'line-opacity': 0.001, 'line-width': 14 } },
      { id: 'dots', type: 'circle', source: 'places', filter: ['>=', ['zoom'], ['get', 'z']], paint: { 'circle-radius': 2.4, 'circle-color': '#fff', 'circle-stroke-color': '#344054', 'circle-stroke-width': 1 } },
      // no glyphs address: MapLibre draws the letters of every script from the fonts of the reader's machine
      { id: 'names', type: 'symbol', source: 'places', filter: ['>=', ['zoom'], ['get', 'z']], layout: { 'text-field': ['get', 'n'], 'text-font': ['Noto Sans', 'DejaVu Sans', 'sans-serif'], 'text-size': 11.5, 'symbol-sort-key': ['get', 'r'], 'text-variable-anchor': ['left', 'right', 'bottom', 'top'], 'text-radial-offset': 0.5, 'text-padding': 2 }, paint: { 'text-color': '#1d2530', 'text-halo-color': '#ffffff', 'text-halo-width': 1.4 } },
    ],
  } as StyleSpecification;
}

/** Under the links, once the picture of the hatch is there. */
const disputedLinks = { id: 'claimed', type: 'line', source: 'links', filter: ['==', ['get', 'claimed'], true], paint: { 'line-pattern': 'hatch', 'line-width': ['max', band(0), ['+', 6, state('w', 0)]], 'line-opacity': 0.75 } } as LayerSpecification;

/** Diagonal stripes, drawn here: the page loads no picture. */
function hatch(): ImageData {
  const size = 16, picture = new ImageData(size, size), [r, g, b] = [1, 3, 5].map(i => parseInt(HATCH.slice(i, i + 2), 16));
  for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) if ((x + y) % 8 < 3) picture.data.set([r, g, b, 255], 4 * (y * size + x));
  return picture;
}

export class WebGlMap {
  private readonly map: GlMap;
  private loaded = false;
  private lines: Line[] = [];
  private picked = -1;
  constructor(p: Payload, box: HTMLElement, view: View, pick: (link: number) => void, drawn: () => void, failed: () => void) {
    useWorker();
    this.map = new GlMap({ container: box, style: style(p), center: [view.lon, view.lat], zoom: view.zoom, attributionControl: false, maxPitch: 0, dragRotate: false, maxZoom: 10, cooperativeGestures: true, canvasContextAttributes: { preserveDrawingBuffer: true } });
    this.map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    this.map.touchZoomRotate.disableRotation();
    this.map.on('load', () => { this.map.addImage('hatch', hatch(), { pixelRatio: 2 }); this.map.addLayer(disputedLinks, `line-${Object.keys(p.modes)[0]}`); this.loaded = true; this.apply(); this.map.once('idle', () => (this.map.isSourceLoaded('links') && this.map.isSourceLoaded('land') ? drawn() : failed())); });
    this.map.on('error', e => { if (!this.loaded) { console.warn('map:', e.error); failed(); } });
    this.map.on('click', 'hit', e => { const i = e.features?.[0]?.properties?.i; if (i !== undefined) pick(Number(i)); });
    const popup = new Popup({ closeButton: false, closeOnClick: false, offset: 8, maxWidth: '320px' });
    this.map.on('mousemove', 'hit', e => {
      const i = Number(e.features?.[0]?.properties?.i);
      this.map.getCanvas().style.cursor = 'pointer';
      if (this.lines[i]) popup.setLngLat(e.lngLat).setText(this.lines[i].text).addTo(this.map);
    });
    this.map.on('mouseleave', 'hit', () => { this.map.getCanvas().style.cursor = ''; popup.remove(); });
  }

  paint(lines: Line[], picked: number): void { this.lines = lines; this.picked = picked; if (this.loaded) this.apply(); }
  get view(): View { const c = this.map.getCenter(); return { lon: c.lng, lat: c.lat, zoom: this.map.getZoom() }; }
  set view(v: View) { this.map.jumpTo({ center: [v.lon, v.lat], zoom: v.zoom }); }
  onMove(f: () => void): void { this.map.on('move', e => { if ((e as { originalEvent?: unknown }).originalEvent) f(); }); }
  remove(): void { this.map.remove(); }
  pixel(at: [number, number]): { x: number; y: number } { return this.map.project(at); }

  private apply(): void {
    for (const l of this.lines) this.map.setFeatureState({ source: 'links', id: l.link }, { w: l.idle ? 0 : l.width, c: l.colour, p: l.link === this.picked ? 1 : 0 });
  }
}
