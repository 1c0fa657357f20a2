// `make foreign-files`: docs/foreign-files.md anew, from the shared data.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/root.ts';
import { sharedPath } from '../support/shared.ts';
import { foreignFiles, problemOf } from './report.ts';
import { readForeignFiles } from './results.ts';

const data = sharedPath('data');
if (data === null) {
  console.error('the shared data are not here: see test/support/shared.ts');
  process.exit(1);
}
const results = await readForeignFiles(data);
for (const result of results) {
  const problem = problemOf(result);
  if (problem !== null) console.error(`${result.name} ${problem}`);
}
writeFileSync(join(ROOT, 'docs', 'foreign-files.md'), foreignFiles(results));
