// Every shape of an answer x every way of writing x every fail point: each row once.
import { describe, test } from 'node:test';
import { FAILPOINTS } from '../../src/runtime/failpoint.ts';
import { SHAPES } from '../fakes/crate/shapes.ts';
import { withCrate } from '../support/crate.ts';
import { killAndResume, loadUnder, specOf, WAYS } from '../support/crate-matrix.ts';

const site = withCrate(12_000);

const FLAGS: readonly (readonly string[])[] = [
  [],
  ['--key', 'id'],
  ['--mode', 'upsert', '--key', 'id'],
  ['--mode', 'replace'],
];
const POINTS = FAILPOINTS.filter((point) => /^(plan|job|slice)\./.test(point));

describe('shapes', () => {
  SHAPES.forEach((shape, k) => {
    WAYS.forEach((way, w) => {
      test(`${shape} ${JSON.stringify(way)}`, () => loadUnder(site, `under_${k}_${w}`, shape, way));
    });
  });
});

describe('shapes and kills', () => {
  SHAPES.forEach((shape, k) => {
    POINTS.forEach((point, p) => {
      const flags = FLAGS[(k + p) % FLAGS.length]!;
      test(`${shape}, ${point} ${flags.join(' ')}`, () =>
        killAndResume(site, `killed_${k}_${p}`, specOf(point), shape, flags));
    });
  });
});
