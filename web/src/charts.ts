// Charts with intervals, drawn by ECharts as SVG so that they print and can be saved.
import * as echarts from 'echarts/core';
import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import { pictureButtons } from './downloads';
import { h } from './dom';
import { fixed } from './format';

echarts.use([BarChart, CustomChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);
const FONT = 'system-ui, "Noto Sans", "DejaVu Sans", sans-serif';
export type Dot = { label: string; values: ({ value: number | null; low: number; high: number; text: string; open?: () => void } | null)[]; colour?: string };
const all: { chart: echarts.ECharts; box: HTMLElement }[] = [];

function make(height: number, label: string): { root: HTMLElement; chart: echarts.ECharts } {
  const box = h('div', { class: 'echart', style: `height:${height}px`, role: 'img', 'aria-label': label });
  const root = h('div', { class: 'chart-box' }, box);
  const chart = echarts.init(box, null, { renderer: 'svg', width: 860, height });
  all.push({ chart, box });
  const seen = new ResizeObserver(() => { if (box.clientWidth) chart.resize({ width: box.clientWidth, height }); });
  seen.observe(box);
  root.append(h('div', { class: 'downloads' }, ...pictureButtons(`mackinder-${label.replace(/[^\p{L}\d]+/gu, '-').slice(0, 60)}`, label, () => box.querySelector('svg'))));
  return { root, chart };
}

addEventListener('beforeprint', () => all.forEach(({ chart, box }) => chart.resize({ width: Math.min(660, box.clientWidth || 660) })));
addEventListener('afterprint', () => all.forEach(({ chart, box }) => chart.resize({ width: box.clientWidth || 860 })));

/** Rows of dots with 90 % intervals on one axis; several series stand below each other in a row. */
export function dots(label: string, unit: string, rows: Dot[], series: { label: string; colour: string; hollow?: boolean }[], share: boolean): HTMLElement {
  const step = 14 * series.length + 14, height = rows.length * step + 84, f = share ? 100 : 1;
  const { root, chart } = make(height, label);
  const shown = [...rows].reverse();
  const many = series.length;
  chart.setOption({
    animation: false, textStyle: { fontFamily: FONT }, grid: { left: 8, right: 24, top: 30, bottom: 44, containLabel: true },
    legend: many > 1 ? { top: 0, left: 0, itemWidth: 12, itemHeight: 8, data: series.map(x => x.label), selectedMode: false } : undefined,
    tooltip: { trigger: 'item', confine: true, formatter: (q: { data: { words?: string } }) => echarts.format.encodeHTML(q.data.words ?? '') },
    xAxis: { type: 'value', scale: false, name: unit, nameLocation: 'middle', nameGap: 28, axisLabel: { formatter: (v: number) => fixed(v, Math.abs(v) < 10 && v % 1 ? 1 : 0), hideOverlap: true } },
    yAxis: { type: 'category', data: shown.map(r => r.label), axisTick: { show: false }, axisLabel: { width: 250, overflow: 'truncate', fontSize: 12 } },
    series: series.map((kind, k) => ({
      type: 'custom', name: kind.label, itemStyle: { color: kind.colour }, encode: { x: [1, 2, 3], y: 0 },
      data: shown.flatMap((r, i) => { const v = r.values[k]; return v ? [{ value: [i, v.value === null ? NaN : v.value * f, v.low * f, v.high * f], words: `${r.label}, ${kind.label}: ${v.text}`, open: v.open, colour: many === 1 ? r.colour : undefined }] : []; }),
      renderItem: (params: { dataIndex: number; data?: unknown }, api: { value: (i: number) => number; coord: (p: number[]) => number[] }) => {
        const y = api.coord([0, api.value(0)])[1] + 13 * (k - (many - 1) / 2), x = (i: number): number => api.coord([api.value(i), 0])[0];
        const item = shown[api.value(0)], c = (many === 1 && item.colour) || kind.colour;
        void params;
        return { type: 'group', children: [
          { type: 'rect', shape: { x: x(2) - 4, y: y - 6, width: Math.abs(x(3) - x(2)) + 8, height: 12 }, style: { fill: 'rgba(0,0,0,0.001)' } },
          { type: 'line', shape: { x1: x(2), y1: y, x2: x(3), y2: y }, style: { stroke: c, lineWidth: 2 } },
          ...(Number.isFinite(api.value(1)) ? [{ type: 'circle', shape: { cx: x(1), cy: y, r: 4.4 }, style: { fill: kind.hollow ? '#fff' : c, stroke: c, lineWidth: 2 } }] : []),
        ] };
      },
    })),
  } as never);
  chart.on('click', event => (event.data as { open?: () => void } | undefined)?.open?.());
  return root;
}

/** A fan: median line with its 90 % band for each series, over years. */
export function fan(label: string, unit: string, years: number[], series: { label: string; colour: string; value: number[]; low: number[]; high: number[] }[]): HTMLElement {
  const { root, chart } = make(340, label);
  chart.setOption({
    animation: false, textStyle: { fontFamily: FONT }, grid: { left: 8, right: 20, top: 34, bottom: 20, containLabel: true }, legend: { top: 0, left: 0, data: series.map(x => x.label) },
    tooltip: { trigger: 'axis', confine: true }, xAxis: { type: 'category', data: years.map(String), boundaryGap: false }, yAxis: { type: 'value', name: unit, nameTextStyle: { align: 'left' } },
    series: series.flatMap((x, i) => [
      { type: 'line', stack: `band${i}`, data: x.low, lineStyle: { opacity: 0 }, symbol: 'none', silent: true, tooltip: { show: false } },
      { type: 'line', stack: `band${i}`, data: x.high.map((v, j) => v - x.low[j]), lineStyle: { opacity: 0 }, areaStyle: { color: x.colour, opacity: 0.18 }, symbol: 'none', silent: true, tooltip: { show: false } },
      { type: 'line', name: x.label, data: x.value, symbol: 'circle', symbolSize: 5, itemStyle: { color: x.colour }, lineStyle: { color: x.colour, width: 2 } },
    ]),
  } as never);
  return root;
}
