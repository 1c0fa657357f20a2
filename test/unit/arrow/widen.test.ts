import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nullColumn, widenColumn, widerType } from '../../../src/arrow/index.ts';
import type { ArrowColumn, ArrowField, ArrowType } from '../../../src/model/index.ts';
import { cellWords } from '../../support/arrow-words.ts';
import { bigIntBytes, bytesColumn, field, fixedColumn } from '../../support/columns.ts';

const INT = (bits: 8 | 16 | 32 | 64, signed = true): ArrowType => ({ id: 'int', bits, signed });
const FLOAT = (bits: 16 | 32 | 64): ArrowType => ({ id: 'float', bits });
const DEC = (precision: number, bits: 128 | 256, scale = 2): ArrowType => ({
  id: 'decimal',
  bits,
  precision,
  scale,
});
const valid = [true, false, true];

describe('the type that holds the values of both', () => {
  const PAIRS: readonly [ArrowType, ArrowType, ArrowType | null][] = [
    [INT(8), INT(64), INT(64)],
    [INT(8, false), INT(16, false), INT(16, false)],
    [INT(32, false), INT(32), INT(64)],
    [INT(64, false), INT(8), null],
    [FLOAT(32), FLOAT(64), FLOAT(64)],
    [FLOAT(16), FLOAT(32), null],
    [INT(32), FLOAT(64), FLOAT(64)],
    [INT(64), FLOAT(64), null],
    [INT(32), FLOAT(32), null],
    [INT(16), FLOAT(32), FLOAT(32)],
    [DEC(10, 128), DEC(50, 256), DEC(50, 256)],
    [DEC(10, 128), DEC(10, 128, 3), null],
    [
      { id: 'utf8', large: true },
      { id: 'utf8', large: false },
      { id: 'utf8', large: true },
    ],
    [{ id: 'null' }, INT(8), INT(8)],
    [INT(8), { id: 'utf8', large: false }, null],
    [{ id: 'date', unit: 'day' }, { id: 'timestamp', unit: 'us', timezone: null }, null],
  ];
  for (const [a, b, wide] of PAIRS) {
    test(`${JSON.stringify(a)} ${JSON.stringify(b)}`, () => {
      assert.deepEqual(widerType(a, b), wide);
      assert.deepEqual(widerType(b, a), wide);
    });
  }
});

const wordsOf = (column: ArrowColumn): readonly string[] => cellWords(field('v', column.type), column);

describe('values stay what they were', () => {
  const ints = (bits: 8 | 16 | 32, signed: boolean): ArrowColumn =>
    fixedColumn(
      INT(bits, signed),
      bigIntBytes(
        [signed ? -(2n ** BigInt(bits - 1)) : 0n, null, 2n ** BigInt(signed ? bits - 1 : bits) - 1n],
        bits,
      ),
      valid,
    );
  for (const bits of [8, 16, 32] as const) {
    for (const signed of [true, false]) {
      const column = ints(bits, signed);
      test(`${signed ? '' : 'u'}int${bits}`, () => {
        for (const to of [INT(64), ...(bits < 32 ? [INT(32)] : [])])
          assert.deepEqual(wordsOf(widenColumn(column, to)), wordsOf(column));
        const floats = new Float64Array(widenColumn(column, FLOAT(64)).data!.slice().buffer);
        assert.deepEqual([floats[0], floats[2]].map(String), [wordsOf(column)[0], wordsOf(column)[2]]);
      });
    }
  }

  test('decimals, floats and text, also behind an offset', () => {
    const decimal = fixedColumn(DEC(30, 128), bigIntBytes([-5n, null, 10n ** 29n], 128), valid);
    assert.deepEqual(wordsOf(widenColumn(decimal, DEC(60, 256))), wordsOf(decimal));
    const float = fixedColumn(FLOAT(32), new Float32Array([1.5, 0, -0]), valid);
    const wide = new Float64Array(widenColumn(float, FLOAT(64)).data!.slice().buffer);
    assert.deepEqual([wide[0], wide[2]], [1.5, -0]);
    const text = { ...bytesColumn({ id: 'utf8', large: false }, ['a', null, 'ccc']), offset: 1, length: 2 };
    assert.deepEqual(wordsOf(widenColumn(text, { id: 'utf8', large: true })), wordsOf(text));
    const part = { ...decimal, offset: 2, length: 1 };
    assert.deepEqual(wordsOf(widenColumn(part, DEC(60, 256))), wordsOf(part));
  });
});

test('columns of NULLs, of every shape', () => {
  const item: ArrowField = field('item', INT(32));
  const types: readonly ArrowType[] = [
    INT(64),
    { id: 'bool' },
    { id: 'utf8', large: true },
    { id: 'list', large: false, item },
    { id: 'fixedList', size: 3, item },
    { id: 'struct', fields: [item] },
    { id: 'map', key: item, value: item },
    { id: 'dictionary', index: INT(16), value: { id: 'utf8', large: false } },
    { id: 'null' },
    DEC(50, 256),
  ];
  for (const type of types) {
    const words = wordsOf(nullColumn(type, 9));
    assert.equal(words.length, 9);
    assert.equal(new Set(words).size, 1, type.id);
    assert.equal(words[0], wordsOf(nullColumn(INT(8), 1))[0]);
  }
});
