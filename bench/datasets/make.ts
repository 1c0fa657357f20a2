// Makes one data set: node dist/bench/datasets/make.js NAME PATH
import { DATA, type Recipe } from './catalogue.ts';
import type { Column } from './columns.ts';
import { lineitemBatches } from './lineitem.ts';
import { mixedBatches } from './mixed.ts';
import { taxiBatches } from './taxi.ts';
import { wideBatches } from './wide.ts';
import { writeParquetFile } from './write.ts';

function batchesOf(recipe: Recipe): Iterable<readonly Column[]> {
  switch (recipe.shape) {
    case 'taxi':
      return taxiBatches(recipe.rows);
    case 'lineitem':
      return lineitemBatches(recipe.rows);
    case 'mixed':
      return mixedBatches(recipe.rows);
    case 'wide':
      return wideBatches(recipe.columns, recipe.rows);
  }
}

const [name = '', path = ''] = process.argv.slice(2);
const made = DATA[name];
if (made === undefined || path === '') {
  console.error(`usage: make.js NAME PATH, where NAME is one of ${Object.keys(DATA).join(' ')}`);
  process.exitCode = 2;
} else {
  await writeParquetFile({ path, batches: batchesOf(made.recipe), rowGroupRows: made.rowGroupRows });
}
