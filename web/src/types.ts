// What Python puts into the page (src/mackinder/report/payload.py writes it; schema mackinder.page/1).
export type Named = { id: string; label: string };
export type Link = {
  id: string; label: string; mode: string; from: number; to: number; holder: string; territory: string[];
  closers: Record<string, string[]>; claimed: Record<string, string[]>; other: Record<string, Record<string, string[]>>; facts: string[]; basis: string; ground: string;
};
export type Place = { id: string; label: string; at: [number, number]; rank: number };
export type Flows = Record<string, Record<string, [number[], number[], number[], number[]]>>; // year, scenario: link number, value, low, high
export type Entry = { indicator: string; unit: string; family: string; label: string; description: string };
export type Results = {
  row: number[]; scenario: number[]; indicator: number[]; variant: number[]; year: number[]; actor: number[]; target: number[];
  goods: number[]; asset: number[]; unit: number[]; value: (number | null)[]; low: number[]; high: number[];
  words: Record<'scenario' | 'indicator' | 'variant' | 'actor' | 'target' | 'goods' | 'asset' | 'unit', string[]>;
};
export type Cell = string | number | null;
export type Doc = {
  id: string; title: string; text: string[]; columns: { key: string; label: string; kind: string }[]; rows: Cell[][];
  filters: string[]; chart: string;
};
/** An uncertain input: the cells it is drawn for, and what they rest on. */
export type Input = { label: string; table: string; column: string; unit: string; rows: string[]; n_rows: number; interval: [number, number, number] | null; basis: Record<string, number>; facts: string[]; sources: string[]; ground: string };
/** A GeoPackage without its numbers, compressed: where the three numbers of each link go, and where its description is. */
export type BlankFile = { file: string; at: number[]; note: [number, number] };
export type Payload = {
  schema: string; title: string; case: string; year: number; years: number[]; baseline: string; scenarios: Named[];
  headline: string; ranges: string[]; focus: string[]; draws: number; seed: number; evidence: string; model: string; command: string;
  actors: Record<string, string>; economies: Record<string, string>; colours: Record<string, string>; other: string; gain: string; loss: string;
  modes: Record<string, { label: string; dash: string }>; families: Record<string, string>; catalogue: Entry[]; corridors: Record<string, { label: string; links: string[] }>;
  assets: Record<string, string>; places: Place[]; links: Link[]; geopackage: BlankFile; flows: Flows; results: Results; facts: Record<string, [string, string]>;
  sources: Record<string, [string, string]>; subjects: Record<string, string[]>; documents: Doc[]; boundaries: string[]; notices: string; unknown_rights: string[]; inputs: Record<string, Input>;
};
