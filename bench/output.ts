// Where results go: a line of JSON as each run ends, and the pages when all have.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchHtml } from '../src/report/bench/html.ts';
import { benchMarkdown } from '../src/report/bench/markdown.ts';
import type { BenchRecord, BenchResults } from '../src/report/bench/results.ts';
import { summarize } from '../src/report/bench/summary.ts';
import { benchText } from '../src/report/bench/text.ts';

export class ResultsFolder {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
    mkdirSync(dir, { recursive: true });
    // Results of an earlier benchmark in the same folder would mix with these.
    writeFileSync(this.jsonl, '');
  }

  get jsonl(): string {
    return join(this.dir, 'runs.jsonl');
  }

  add(record: BenchRecord): void {
    appendFileSync(this.jsonl, `${JSON.stringify(record)}\n`);
  }
}

/** Markdown and HTML into `dir`; returns the text for the terminal. */
export function writePages(results: BenchResults, dir: string): string {
  const summaries = summarize(results);
  writeFileSync(join(dir, 'report.md'), benchMarkdown(results.environment, summaries));
  writeFileSync(join(dir, 'report.html'), benchHtml(results.environment, summaries));
  return benchText(summaries);
}
