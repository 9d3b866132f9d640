// Land and borders. world-atlas (Natural Earth) is stitched over the antimeridian and gives Crimea to Russia: rings are unwound,
// and what the United Nations' maps show otherwise is moved, merged or dotted as tools/make_basemap.py does for the static maps.
import { feature } from 'topojson-client';
import type { GeometryCollection, GeometryObject, MultiPolygon, Polygon, Topology } from 'topojson-specification';
import source from 'world-atlas/countries-50m.json';

type P = [number, number];
type Country = (Polygon | MultiPolygon) & { properties: { name: string } };
const topology = source as unknown as Topology;
const countries = topology.objects.countries as GeometryCollection<{ name: string }>;
const named = (name: string): Country => countries.geometries.find(g => (g as Country).properties.name === name) as Country;

const MERGED: Record<string, string> = { 'N. Cyprus': 'Cyprus', Somaliland: 'Somalia', 'Siachen Glacier': 'India' };
const owner = (g: GeometryObject): string => { const name = (g as Country).properties.name; return MERGED[name] ?? name; };
const DOTTED: [string, string, [number, number, number, number] | null][] = [
  ['India', 'Pakistan', [73, 32.7, 78.5, 37.5]], ['India', 'China', [76, 30.5, 80.5, 37]], ['India', 'China', [91.5, 26, 98, 30.5]],
  ['Kosovo', 'Serbia', null], ['Israel', 'Palestine', null], ['Israel', 'Syria', null], ['Sudan', 'S. Sudan', null],
  ['W. Sahara', 'Morocco', null], ['North Korea', 'South Korea', null],
];

const shapeOf = (g: GeometryObject): GeoJSON.Geometry => (feature(topology, g) as GeoJSON.Feature).geometry;

/** Unwind a ring over the antimeridian, and close one that goes round a pole. */
function ring(points: P[]): P[] {
  let shift = 0;
  const out: P[] = points.map((p, i) => {
    if (i) { const d = p[0] - points[i - 1][0]; if (d > 180) shift -= 360; else if (d < -180) shift += 360; }
    return [p[0] + shift, p[1]];
  });
  const a = out[0], z = out[out.length - 1];
  if (Math.abs(z[0] - a[0]) > 180) { const pole = a[1] < 0 ? -90 : 90; out.push([z[0], pole], [a[0], pole], a); }
  return out;
}

function contains(points: P[], [x, y]: P): boolean {
  let inside = false;
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1], [x1, y1] = points[i];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
  }
  return inside;
}

function giveCrimeaToUkraine(): void {
  const russia = named('Russia') as MultiPolygon, ukraine = named('Ukraine');
  const shape = shapeOf(russia) as GeoJSON.MultiPolygon;
  const at = shape.coordinates.findIndex(polygon => contains(polygon[0] as P[], [34.2, 45.2]));
  if (at < 0) throw new Error('basemap: no polygon of Russia holds the point in Crimea; has world-atlas changed?');
  const [moved] = russia.arcs.splice(at, 1);
  const own = ukraine.type === 'Polygon' ? [ukraine.arcs] : ukraine.arcs;
  Object.assign(ukraine, { type: 'MultiPolygon', arcs: [...own, moved] });
}

giveCrimeaToUkraine();

export const land: GeoJSON.Feature<GeoJSON.MultiPolygon> = {
  type: 'Feature', properties: {},
  geometry: { type: 'MultiPolygon', coordinates: countries.geometries.flatMap(g => {
    const shape = shapeOf(g) as GeoJSON.Polygon | GeoJSON.MultiPolygon;
    const polygons = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
    return polygons.map(polygon => polygon.map(r => ring(r as P[])));
  }) },
};

const disputed = new Map<string, ([number, number, number, number] | null)[]>();
for (const [a, b, box] of DOTTED) { const key = [a, b].sort().join('|'); disputed.set(key, [...(disputed.get(key) ?? []), box]); }

/** Owners of each arc: where two meet there is a border. */
const sides = new Map<number, Set<string>>();
for (const g of countries.geometries) {
  const polygons = ((g as Country).type === 'Polygon' ? [(g as Polygon).arcs] : (g as MultiPolygon).arcs) as number[][][];
  for (const i of polygons.flat(2)) { const arc = i < 0 ? ~i : i, who = sides.get(arc); if (who) who.add(owner(g)); else sides.set(arc, new Set([owner(g)])); }
}
const solid: P[][] = [], dotted: P[][] = [];
for (const [arc, who] of sides) {
  if (who.size !== 2) continue;
  const line = ring((shapeOf({ type: 'LineString', arcs: [arc] }) as GeoJSON.LineString).coordinates as P[]), boxes = disputed.get([...who].sort().join('|'));
  if (!boxes) { solid.push(line); continue; }
  let run: P[] = [], last: boolean | null = null;
  for (let i = 1; i < line.length; i++) {
    const x = (line[i - 1][0] + line[i][0]) / 2, y = (line[i - 1][1] + line[i][1]) / 2;
    const now = boxes.some(b => b === null || (b[0] <= x && x <= b[2] && b[1] <= y && y <= b[3]));
    if (now !== last) { if (run.length) (last ? dotted : solid).push(run); run = [line[i - 1]]; last = now; }
    run.push(line[i]);
  }
  if (run.length) (last ? dotted : solid).push(run);
}
const lines = (coordinates: P[][]): GeoJSON.Feature<GeoJSON.MultiLineString> => ({ type: 'Feature', properties: {}, geometry: { type: 'MultiLineString', coordinates } });
export const borders = lines(solid), disputedBorders = lines(dotted);
