// Small charts as SVG text. Drawn for a phone's width and scaled from there, so that letters stay readable; colours come
// from the page's style by class.
import { element, escapeHtml } from './markup.ts';

/** Units of the drawing; about CSS pixels on a phone. */
const WIDTH = 360;
const ROW = 32;
const BAR = 11;
/** Room for the figure behind a bar. */
const FIGURE = 86;
/** A character of the label's font, on average. */
const LETTER = 6;

export interface BarPart {
  readonly value: number;
  /** Class that has a colour: `c0` to `c4`. */
  readonly color: string;
}

export interface BarRow {
  readonly label: string;
  /** One bar, or parts of it one behind the other. */
  readonly parts: readonly BarPart[];
  /** Spread of the sum; drawn as a line over the bar's end. */
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly figure: string;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const text = (
  x: number,
  y: number,
  content: string,
  attributes: Record<string, string | number> = {},
): string => element('text', { x: round(x), y: round(y), ...attributes }, escapeHtml(content));

const line = (x1: number, y1: number, x2: number, y2: number, className: string): string =>
  element('line', { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2), class: className });

const svg = (height: number, title: string, inner: string): string =>
  element(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${Math.ceil(height)}`, role: 'img', 'aria-label': title },
    element('title', {}, escapeHtml(title)) + inner,
  );

function shortened(label: string, width: number): string {
  const letters = Math.floor(width / LETTER);
  return label.length <= letters ? label : `${label.slice(0, letters - 1)}…`;
}

function barRow(row: BarRow, index: number, scale: number): string {
  const top = index * ROW;
  const y = top + 15;
  let x = 0;
  const parts = row.parts.map((part) => {
    const width = part.value * scale;
    const rect = element('rect', { x: round(x), y, width: round(width), height: BAR, class: part.color });
    x += width;
    return rect;
  });
  const middle = y + BAR / 2;
  const { range } = row;
  const whisker =
    range === null || range.max <= range.min
      ? ''
      : line(range.min * scale, middle, range.max * scale, middle, 'whisker') +
        line(range.min * scale, y + 2, range.min * scale, y + BAR - 2, 'whisker') +
        line(range.max * scale, y + 2, range.max * scale, y + BAR - 2, 'whisker');
  const end = Math.max(x, (range?.max ?? 0) * scale) + 5;
  return [
    text(0, top + 11, shortened(row.label, WIDTH), { class: 'label' }),
    ...parts,
    whisker,
    text(end, y + BAR - 1, row.figure, { class: 'figure' }),
  ].join('');
}

/** Bars from left to right, a label above each. */
export function barChart(title: string, rows: readonly BarRow[]): string {
  const sum = (row: BarRow): number => row.parts.reduce((total, part) => total + part.value, 0);
  const most = Math.max(Number.MIN_VALUE, ...rows.map((row) => Math.max(sum(row), row.range?.max ?? 0)));
  const scale = (WIDTH - FIGURE) / most;
  return svg(rows.length * ROW + 2, title, rows.map((row, i) => barRow(row, i, scale)).join(''));
}

export interface Series {
  readonly label: string;
  readonly color: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const PLOT = { left: 26, right: 12, top: 10, height: 190, bottom: 26 } as const;
const KEY_ROW = 17;

/** Lines over worker counts; the dashed one is what twice the workers would ideally bring. */
export function scalingChart(title: string, series: readonly Series[]): string {
  const points = series.flatMap((s) => s.points);
  const xs = [...new Set(points.map((p) => p.x))].sort((a, b) => a - b);
  const mostX = Math.max(2, ...xs);
  const mostY = Math.max(mostX, ...points.map((p) => p.y));
  const left = PLOT.left;
  const width = WIDTH - left - PLOT.right;
  const bottom = PLOT.top + PLOT.height;
  const x = (value: number): number => left + (width * (value - 1)) / (mostX - 1);
  const y = (value: number): number => bottom - (PLOT.height * value) / mostY;
  const grid = Array.from({ length: Math.floor(mostY) + 1 }, (_, i) => i).filter(
    (i) => i % Math.ceil(mostY / 6) === 0,
  );
  const path = (s: Series): string =>
    s.points.map((p, i) => `${i === 0 ? 'M' : 'L'}${round(x(p.x))} ${round(y(p.y))}`).join('');
  const drawn = series.map(
    (s) =>
      element('path', { d: path(s), class: `${s.color} curve` }) +
      s.points
        .map((p) => element('circle', { cx: round(x(p.x)), cy: round(y(p.y)), r: 3.5, class: s.color }))
        .join(''),
  );
  const key = series.map((s, i) => {
    const at = bottom + PLOT.bottom + KEY_ROW * i + 12;
    const best = s.points.at(-1);
    const figure = best === undefined ? '' : `  ${best.y.toFixed(2)} x with ${best.x}`;
    return (
      element('rect', { x: 0, y: at - 9, width: 12, height: 8, class: s.color }) +
      text(18, at - 1, shortened(`${s.label}${figure}`, WIDTH - 18), { class: 'label' })
    );
  });
  const inner = [
    ...grid.map((i) => line(left, y(i), WIDTH - PLOT.right, y(i), 'grid')),
    ...grid.map((i) => text(left - 6, y(i) + 4, String(i), { class: 'figure', 'text-anchor': 'end' })),
    ...xs.map((v) => text(x(v), bottom + 16, String(v), { class: 'figure', 'text-anchor': 'middle' })),
    line(x(1), y(1), x(mostX), y(mostX), 'ideal'),
    ...drawn,
    ...key,
  ];
  return svg(bottom + PLOT.bottom + KEY_ROW * series.length + 6, title, inner.join(''));
}
