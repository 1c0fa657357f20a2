// Results as one page that needs nothing but itself.
import { type BarRow, barChart, type Series, scalingChart } from '../charts.ts';
import { element, escapeHtml } from '../markup.ts';
import { STYLE } from '../style.ts';
import { barsOf } from './bars.ts';
import { CASE, environmentPairs, LEGEND, outcomeText, usedFigures } from './figures.ts';
import { dataText } from './markdown.ts';
import type { DataSet, Environment } from './results.ts';
import { type CaseSummary, type Spread, type SuiteSummary, seriesKey } from './summary.ts';

const MiB = 1024 * 1024;
const LINE_COLORS = ['c0', 'c1', 'c2', 'c3', 'c4'] as const;

/** What stands for comparison is grey. */
const colorOf = (c: CaseSummary): string => (c.spec.tool === 'parload' ? 'c0' : 'c4');

const ended = (cases: readonly CaseSummary[]): CaseSummary[] => cases.filter((c) => c.wall !== null);

function bars(
  cases: readonly CaseSummary[],
  of: (c: CaseSummary) => Spread | null,
  scale: number,
  figure: (value: number) => string,
): BarRow[] {
  return cases.flatMap((c): BarRow[] => {
    const spread = of(c);
    if (spread === null) return [];
    return [
      {
        label: c.spec.id,
        parts: [{ value: spread.median / scale, color: colorOf(c) }],
        range: { min: spread.min / scale, max: spread.max / scale },
        figure: figure(spread.median / scale),
      },
    ];
  });
}

/** Client and server, one behind the other. */
function cpuBars(cases: readonly CaseSummary[]): BarRow[] {
  return cases.map((c): BarRow => {
    const client = c.clientCpu?.median ?? 0;
    const server = c.serverCpu?.median ?? 0;
    const figure = server === 0 ? `${client.toFixed(2)} s` : `${client.toFixed(2)} + ${server.toFixed(2)} s`;
    const parts = [
      { value: client, color: 'c0' },
      { value: server, color: 'c1' },
    ];
    return { label: c.spec.id, parts, range: null, figure };
  });
}

/** A line for everything that was measured with several worker counts, one of them 1. */
function scalingSeries(cases: readonly CaseSummary[]): Series[] {
  const groups = new Map<string, CaseSummary[]>();
  for (const c of cases) {
    if (c.scaling === null) continue;
    const key = seriesKey(c.spec);
    groups.set(key, [...(groups.get(key) ?? []), c]);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .slice(0, LINE_COLORS.length)
    .map((group, i) => ({
      label: group[0]!.spec.id.replace(/ ?\b1w$/, ''),
      color: LINE_COLORS[i]!,
      points: group.map((c) => ({ x: c.spec.workers, y: c.scaling! })).sort((a, b) => a.x - b.x),
    }));
}

const chart = (title: string, unit: string, drawing: string): string =>
  element('figure', {}, `<figcaption>${title} <span>${unit}</span></figcaption>${drawing}`);

function charts(cases: readonly CaseSummary[]): string {
  const good = ended(cases);
  if (good.length === 0) return '';
  const keys = '<i class="key c0"></i>client<i class="key c1"></i>server';
  const series = scalingSeries(good);
  const all = [
    chart(
      'Wall',
      's, median with spread',
      barChart(
        'wall time',
        bars(
          good,
          (c) => c.wall,
          1,
          (v) => `${v.toFixed(2)} s`,
        ),
      ),
    ),
    chart('CPU', keys, barChart('CPU seconds of client and server', cpuBars(good))),
    chart(
      'Peak memory',
      'MiB',
      barChart(
        'peak memory',
        bars(
          good,
          (c) => c.peakRss,
          MiB,
          (v) => `${v.toFixed(0)} MiB`,
        ),
      ),
    ),
  ];
  if (series.length > 0)
    all.push(chart('Scaling', 'x one worker, by workers', scalingChart('scaling', series)));
  return element('div', { class: 'charts' }, all.join(''));
}

const cellOf = (tag: 'td' | 'th', className: string, text: string): string =>
  element(tag, className === '' ? {} : { class: className }, escapeHtml(text));

function tableOf(cases: readonly CaseSummary[]): string {
  const figures = [CASE, ...usedFigures(cases)];
  const side = (align: 'l' | 'r'): string => (align === 'l' ? 'l' : '');
  const head = figures.map((f) => cellOf('th', side(f.align), f.head)).join('');
  const rows = cases.map(
    (c) => `<tr>${figures.map((f) => cellOf('td', side(f.align), f.of(c))).join('')}</tr>`,
  );
  return element('div', { class: 'scroll' }, `<table><tr>${head}</tr>${rows.join('')}</table>`);
}

/** What held each case back, and what failed. */
function outcomes(cases: readonly CaseSummary[]): string {
  const items = cases
    .filter((c) => outcomeText(c) !== '')
    .map((c) => {
      const mark = c.problems.length > 0 ? ' class="fail"' : '';
      return `<dt>${escapeHtml(c.spec.id)}</dt><dd${mark}>${escapeHtml(outcomeText(c))}</dd>`;
    });
  return items.length === 0 ? '' : `<h3>What held each case back</h3><dl>${items.join('')}</dl>`;
}

function barsTable(summary: SuiteSummary): string {
  const found = barsOf(summary);
  if (found.length === 0) return '';
  const rows = found.map(
    ({ name, state, figure }) =>
      `<tr>${cellOf('td', 'l wrap', name)}${cellOf('td', `l ${state.toLowerCase()}`, state)}${cellOf('td', 'l', figure)}</tr>`,
  );
  const head = '<tr><th class="l">bar</th><th class="l"></th><th class="l">figure</th></tr>';
  return element('div', { class: 'scroll' }, `<table>${head}${rows.join('')}</table>`);
}

/** From so many cases on a data set has charts of its own; the others share theirs. */
const OWN_CHARTS = 3;

interface Section {
  readonly data: readonly DataSet[];
  readonly cases: readonly CaseSummary[];
}

function sectionsOf({ suite, cases }: SuiteSummary): Section[] {
  const of = (data: readonly DataSet[]): Section => ({
    data,
    cases: cases.filter((c) => data.some((d) => d.name === c.spec.data)),
  });
  const each = suite.data.map((d) => of([d]));
  const own = each.filter((section) => section.cases.length >= OWN_CHARTS);
  const shared = of(each.filter((section) => section.cases.length < OWN_CHARTS).flatMap((s) => s.data));
  return shared.cases.length === 0 ? own : [...own, shared];
}

function suiteHtml(summary: SuiteSummary): string {
  const sections = sectionsOf(summary);
  const parts = sections.map(({ data, cases }) => {
    const title = sections.length > 1 ? `<h3>${escapeHtml(data.map((d) => d.name).join(', '))}</h3>` : '';
    const facts = data.map((d) => `<p class="soft">${escapeHtml(dataText(d))}</p>`).join('');
    return `<section>${title}${facts}${charts(cases)}${tableOf(cases)}${outcomes(cases)}</section>`;
  });
  return `<h2>${escapeHtml(summary.suite.title)}</h2>${barsTable(summary)}${parts.join('')}`;
}

export function benchHtml(environment: Environment | null, summaries: readonly SuiteSummary[]): string {
  const facts = environment === null ? [] : environmentPairs(environment);
  const pairs = facts.map(([k, v]) => `<dt>${escapeHtml(k)}</dt><dd>${escapeHtml(v)}</dd>`).join('');
  const legend = LEGEND.map((line) => `<li>${escapeHtml(line)}</li>`).join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>parload benchmark</title>
<style>${STYLE}</style>
</head>
<body>
<h1>parload benchmark</h1>
<dl>${pairs}</dl>
${summaries.map(suiteHtml).join('\n')}
<h2>How to read this</h2>
<ul class="legend">${legend}</ul>
</body>
</html>
`;
}
