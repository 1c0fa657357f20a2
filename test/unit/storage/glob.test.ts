import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ParloadError } from '../../../src/errors/index.ts';
import { compileGlob, expandBraces, isGlob, matchesPath } from '../../../src/storage/index.ts';

const matches = (pattern: string, path: string): boolean =>
  expandBraces(pattern).some((one) => matchesPath(compileGlob(one), path.split('/').filter(Boolean)));

describe('globs', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['a/*.parquet', 'a/x.parquet', true],
    ['a/*.parquet', 'a/b/x.parquet', false],
    ['a/*.parquet', 'a/.x.parquet', false],
    ['a/.*', 'a/.x.parquet', true],
    ['a/**/*.parquet', 'a/x.parquet', true],
    ['a/**/*.parquet', 'a/b/c/x.parquet', true],
    ['a/**', 'a/b/c', true],
    ['**/x', 'x', true],
    ['**/**/x', 'a/x', true],
    ['a/**/b/**/c', 'a/1/b/2/3/c', true],
    ['a/**/b/**/c', 'a/1/2/3/c', false],
    ['a/**/c', 'a/.hidden/c', false],
    ['x?', 'xy', true],
    ['x?', 'x', false],
    ['x?', 'x😀', true],
    ['[a-c]1', 'b1', true],
    ['[!a-c]1', 'b1', false],
    ['[^a-c]1', 'd1', true],
    ['[]]', ']', true],
    ['[a', '[a', true],
    ['a.b', 'axb', false],
    ['a+b*', 'a+b(1)', true],
    ['{a,b}/x', 'b/x', true],
    ['{a,b{1,2}}', 'b2', true],
    ['p{a/x,b}', 'pa/x', true],
    ['{a}', 'a', true],
    ['year=20{23,24}/*', 'year=2024/f', true],
    ['*'.repeat(60), 'a'.repeat(200), true],
    [`${'*a'.repeat(30)}b`, 'a'.repeat(60), false],
  ];
  for (const [pattern, path, expected] of cases) {
    it(`${pattern.slice(0, 30)} ${expected ? 'matches' : 'does not match'} ${path.slice(0, 30)}`, () => {
      assert.equal(matches(pattern, path), expected);
    });
  }

  it('knows a pattern from a plain path', () => {
    assert.equal(isGlob('a/b.parquet'), false);
    assert.equal(isGlob('a/*.parquet'), true);
  });

  it('refuses what cannot be a pattern', () => {
    const isRefusal = (e: unknown): boolean => ParloadError.is(e) && e.code === 'SOURCE_NOT_FOUND';
    assert.throws(() => expandBraces('{a,b'), isRefusal);
    assert.throws(() => expandBraces('{a,b}'.repeat(20)), isRefusal);
    assert.throws(() => compileGlob('[z-a]'), isRefusal);
  });
});
