import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { benchHtml } from '../../../src/report/bench/html.ts';
import { benchMarkdown } from '../../../src/report/bench/markdown.ts';
import { summarize } from '../../../src/report/bench/summary.ts';
import { benchText } from '../../../src/report/bench/text.ts';
import { environment, results, run, spec } from './records.ts';

const shown = results(
  [
    spec('floor', { tool: 'floor', slice: '' }),
    spec('a <1>'),
    spec('a <2>', { workers: 2 }),
    spec('lost', { slice: 'row-group' }),
  ],
  [
    run('floor', { gc: null, wasmCompilations: null, sliceCount: null }),
    run('a <1>', { wallSeconds: 5 }),
    run('a <2>', { wallSeconds: 4.2, round: 2 }),
    run('lost', { problems: ['exit 4: error: "x" | gone'] }),
  ],
);
const summaries = summarize(shown);

describe('pages', () => {
  test('text: a table, verdicts and failures', () => {
    const text = benchText(summaries);
    assert.match(text, /case +wall s +min–max/);
    assert.match(text, /a <2> +4\.20 +4\.20–4\.20/);
    assert.match(text, /lost +FAILED: exit 4/);
    assert.doesNotMatch(text, /undefined|NaN/);
  });

  test('Markdown: cells with a bar stay one cell', () => {
    const markdown = benchMarkdown(environment, summaries);
    const table = markdown.split('\n').filter((line) => line.startsWith('| a <') || line.startsWith('|---'));
    assert.equal(new Set(table.map((line) => line.split('|').length)).size, 1, table.join('\n'));
    assert.match(markdown, /settings: fsync=on/);
    assert.doesNotMatch(markdown, /undefined|NaN/);
  });

  test('HTML: everything is in it, nothing is fetched, and texts are escaped', () => {
    const html = benchHtml(environment, summaries);
    assert.match(html, /^<!doctype html>/);
    assert.doesNotMatch(html, /undefined|NaN|Infinity/);
    assert.doesNotMatch(html, /https?:|src=|@import|url\(|<script|<link/);
    assert.match(html, /a processor &lt;fast&gt;/);
    assert.doesNotMatch(html, /a <1>/);
    assert.match(html, /prefers-color-scheme: dark/);
    for (const title of ['wall time', 'CPU seconds of client and server', 'peak memory', 'scaling'])
      assert.ok(html.includes(`<title>${title}</title>`), title);
  });

  test('HTML: every element that is opened is closed', () => {
    const html = benchHtml(environment, summaries);
    const open: string[] = [];
    for (const [, close, name] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (name === 'meta') continue;
      if (close === '') open.push(name!);
      else assert.equal(open.pop(), name);
    }
    assert.deepEqual(open, []);
  });

  test('a benchmark without one good run is shown too', () => {
    const none = summarize(results([spec('a')], [run('a', { problems: ['exit 1'] })]));
    assert.match(benchHtml(null, none), /exit 1/);
    assert.match(benchText(none), /FAILED: exit 1/);
    assert.match(benchMarkdown(null, none), /FAILED: exit 1/);
  });
});
