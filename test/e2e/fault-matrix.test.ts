// A selection of the fault matrix; test/slow/fault-matrix.test.ts has all of it.
import { test } from 'node:test';
import { allCells, nameOf, runCell } from './fault-matrix.ts';
import { Site } from './fixture.ts';
import { WRITE_MODES } from './write-modes.ts';

/** Neighbours differ in one thing, so a step that shares no divisor with the sizes takes some of everything. */
const STEP = 5;

const site = new Site(20_000, { embedded: true, durable: true, database: 'file' });

const cells = allCells(WRITE_MODES);
for (const [index, cell] of cells.entries()) {
  if (index % STEP !== 2) continue;
  test(nameOf(cell), () => runCell(site, cell, `cell_${index}`));
}
