import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ParloadError } from '../../../src/errors/index.ts';
import { parseFilter } from '../../../src/transforms/where/parser.ts';

describe('filter grammar', () => {
  it('knows all kinds of conditions', () => {
    const text = `a >= 10 and b is not null AND c in ('x','y') and d < '2024-02-01' and "Weird ""name" = 'it''s'
      and flag = TRUE and e != -1.50 and ts >= timestamp '2024-01-01 10:00:00+02' and x not between 1 and 2e3
      and h not in (x'0AfF') and n is null`;
    assert.deepEqual(
      parseFilter(text).map(({ at: _, ...rest }) => JSON.parse(JSON.stringify(rest, dropPositions))),
      [
        { kind: 'compare', column: 'a', op: '>=', value: { kind: 'number', text: '10' } },
        { kind: 'null', column: 'b', negated: true },
        {
          kind: 'in',
          column: 'c',
          negated: false,
          values: [
            { kind: 'string', text: 'x' },
            { kind: 'string', text: 'y' },
          ],
        },
        { kind: 'compare', column: 'd', op: '<', value: { kind: 'string', text: '2024-02-01' } },
        { kind: 'compare', column: 'Weird "name', op: '=', value: { kind: 'string', text: "it's" } },
        { kind: 'compare', column: 'flag', op: '=', value: { kind: 'bool', value: true } },
        { kind: 'compare', column: 'e', op: '<>', value: { kind: 'number', text: '-1.50' } },
        {
          kind: 'compare',
          column: 'ts',
          op: '>=',
          value: { kind: 'temporal', type: 'timestamp', text: '2024-01-01 10:00:00+02' },
        },
        {
          kind: 'between',
          column: 'x',
          negated: true,
          low: { kind: 'number', text: '1' },
          high: { kind: 'number', text: '2e3' },
        },
        { kind: 'in', column: 'h', negated: true, values: [{ kind: 'bytes', text: '0AfF' }] },
        { kind: 'null', column: 'n', negated: false },
      ],
    );
  });

  it('takes parentheses, values on the left, and columns called like types', () => {
    const ops = parseFilter("(10 <= a and (b > 1)) and date = date '2024-01-01' and 5=c").map((c) => [
      c.column,
      c.kind === 'compare' ? c.op : c.kind,
    ]);
    assert.deepEqual(ops, [
      ['a', '>='],
      ['b', '>'],
      ['date', '='],
      ['c', '='],
    ]);
  });

  it('takes quoted keywords and names in any script', () => {
    assert.deepEqual(
      parseFilter('"and" = 1 and größe = 2 and 日付 = 3').map((c) => c.column),
      ['and', 'größe', '日付'],
    );
  });

  const wrong: readonly (readonly [string, RegExp, number])[] = [
    ['', /column name is expected/, 1],
    ['a', /comparison.*expected, the filter ends/, 2],
    ['a >=', /value is expected/, 5],
    ['a >= and b = 1', /value is expected/, 6],
    ['a = b', /text goes in single quotes/, 5],
    ['a = "x"', /text goes in single quotes/, 5],
    ['a = 1 or b = 2', /only be joined by and/, 7],
    ['(a = 1 or b = 2)', /only be joined by and/, 8],
    ['not a = 1', /not may stand/, 1],
    ['a = null', /is null/, 5],
    ['a in (1, null)', /is null/, 10],
    ['a in ()', /value is expected/, 7],
    ['a in (1', /"\)" is expected/, 8],
    ['a between 1', /needs "and"/, 12],
    ['a is 5', /"null" is expected/, 6],
    ['a not 5', /"in" or "between"/, 7],
    ["a = 'x", /never closed/, 5],
    ['"a = 1', /never closed/, 1],
    ['a = 12abc', /not a number/, 5],
    ['a = 1 b', /"and" or the end/, 7],
    ['a # 1', /"#" is not understood/, 3],
    ["a = x'abc'", /pairs of hex/, 5],
    ["a like 'x%'", /like is not supported/, 3],
    ['in = 1', /column name is expected/, 1],
    ['('.repeat(200), /nested too deeply/, 102],
  ];
  for (const [text, message, position] of wrong) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.throws(
        () => parseFilter(text),
        (error) => {
          assert.ok(ParloadError.is(error), String(error));
          assert.equal(error.code, 'FILTER_INVALID');
          assert.match(error.message, message);
          assert.match(error.message, new RegExp(`at character ${position} of`));
          const lines = error.message.split('\n');
          if (text.length < 60) assert.equal(lines.at(-1), `${' '.repeat(position + 1)}^`);
          return true;
        },
      );
    });
  }

  it('points into the right line', () => {
    assert.throws(
      () => parseFilter('a = 1\nand b ~ 2'),
      (error) => {
        assert.ok(ParloadError.is(error));
        assert.deepEqual(error.message.split('\n').slice(1), ['  and b ~ 2', '        ^']);
        return true;
      },
    );
  });

  it('ends in conditions or a typed error on any text', () => {
    const words = fc.constantFrom(
      'a',
      '=',
      '(',
      ')',
      'and',
      "'x'",
      'in',
      'not',
      'is',
      'null',
      '1',
      ',',
      '"',
      'x',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 12 }).map((w) => w.join(' ')),
    );
    fc.assert(
      fc.property(text, (filter) => {
        try {
          assert.ok(parseFilter(filter).length > 0);
        } catch (error) {
          assert.ok(ParloadError.is(error) && error.code === 'FILTER_INVALID', String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function dropPositions(key: string, value: unknown): unknown {
  return key === 'at' ? undefined : value;
}
