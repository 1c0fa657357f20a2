// A selection of the fault matrix; test/slow/fault-matrix.test.ts has all of it.
import { test } from 'node:test';
import { allCells, nameOf, runCell } from './fault-matrix.ts';
import { Site } from './fixture.ts';
import { WRITE_MODES } from './write-modes.ts';

/** About a minute of them. Neighbours differ in one thing, so such a step takes some of everything. */
const STEP = 15;

const site = new Site(20_000, { embedded: true, durable: true, database: 'file' });

const cells = allCells(WRITE_MODES);
for (const [index, cell] of cells.entries()) {
  if (index % STEP !== 2) continue;
  test(nameOf(cell), () => runCell(site, cell, `cell_${index}`));
}
