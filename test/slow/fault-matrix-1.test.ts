// Every fault x write mode x moment, with retries; the other file has those without.
import { test } from 'node:test';
import { allCells, nameOf, runCell } from '../e2e/fault-matrix.ts';
import { Site } from '../e2e/fixture.ts';
import { WRITE_MODES } from '../e2e/write-modes.ts';

const site = new Site(20_000, { embedded: true, durable: true, database: 'file' });

for (const [index, cell] of allCells(WRITE_MODES).entries()) {
  if (cell.retries) test(nameOf(cell), () => runCell(site, cell, `cell_${index}`));
}
