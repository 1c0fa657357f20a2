// The same rows must arrive by every way: cases of one data set are compared with one another.
import { loadsRows, type RunRecord, type SuiteRecord } from './results.ts';

/** The checksum that most runs of a data set agree on; of equals the first. */
function agreed(runs: readonly RunRecord[]): string | null {
  const counts = new Map<string, number>();
  for (const { checksum } of runs) {
    if (checksum !== null) counts.set(checksum, (counts.get(checksum) ?? 0) + 1);
  }
  let best: string | null = null;
  for (const [checksum, count] of counts) if (best === null || count > counts.get(best)!) best = checksum;
  return best;
}

/** Runs whose table differs from what the others of that data set loaded, or whose row count is wrong. */
export function checksumProblems(suite: SuiteRecord, runs: readonly RunRecord[]): Map<RunRecord, string> {
  const problems = new Map<RunRecord, string>();
  for (const data of suite.data) {
    const ids = new Set(
      suite.cases.filter((c) => c.data === data.name && loadsRows(c.tool)).map((c) => c.id),
    );
    const own = runs.filter((run) => ids.has(run.caseId) && run.problems.length === 0);
    const checksum = agreed(own);
    for (const run of own) {
      if (run.rowCount !== data.rowCount)
        problems.set(run, `${run.rowCount} rows arrived, the data has ${data.rowCount}`);
      else if (run.checksum !== null && run.checksum !== checksum)
        problems.set(run, 'the sums of the columns differ from those of the other cases');
    }
  }
  return problems;
}
