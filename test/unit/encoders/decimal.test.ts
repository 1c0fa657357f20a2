// Decimals into numeric: every border between the ways in which a value is written, read back from the wire.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultPgType } from '../../../src/encoders/pg-copy-binary/index.ts';
import type { ArrowField } from '../../../src/model/index.ts';
import { columnOf } from '../../support/arrow-build.ts';
import { batchOfColumn, encodeRows } from '../../support/round-trip.ts';

const WIDTHS = [32, 64, 128, 256] as const;

/** `value`, one below and one above; both signs. */
const around = (value: bigint): bigint[] => [value - 1n, value, value + 1n].flatMap((v) => [v, -v]);

/** Powers of ten and of two, and the same with fractions that end in zeros, below `limit`. */
function borders(limit: bigint): bigint[] {
  const values = [0n];
  for (let power = 1n; power < limit; power *= 10n) values.push(...around(power), ...around(power * 5n));
  for (let power = 1n; power < limit; power *= 2n) values.push(...around(power));
  for (const text of ['10000', '12340000', '1000000000', '90001234', '100001', '2147483648', '99999999'])
    values.push(...around(BigInt(text)), BigInt(text) * 100n, BigInt(text) * 10000n);
  return values.filter((v) => v < limit && v >= -limit);
}

/** The number that a numeric's wire form means: its integer, with `scale` digits behind the point. */
function readNumeric(wire: Buffer, at: number): { value: bigint; scale: number; end: number } {
  const length = wire.readInt32BE(at);
  const count = wire.readInt16BE(at + 4);
  const weight = wire.readInt16BE(at + 6);
  const sign = wire.readInt16BE(at + 8);
  const scale = wire.readInt16BE(at + 10);
  assert.equal(length, 8 + 2 * count);
  let value = 0n;
  for (let k = 0; k < count; k++) {
    const digit = wire.readInt16BE(at + 12 + 2 * k);
    assert.ok(digit >= 0 && digit < 10000);
    // the server makes no numeric that begins or ends in a group of zeros
    if (k === 0 || k === count - 1) assert.notEqual(digit, 0);
    value = value * 10000n + BigInt(digit);
  }
  if (count === 0) assert.equal(sign, 0);
  const places = 4 * (weight + 1 - count) + scale;
  const whole = places >= 0 ? value * 10n ** BigInt(places) : value / 10n ** BigInt(-places);
  return { value: sign === 0x4000 ? -whole : whole, scale, end: at + 4 + length };
}

describe('decimals into numeric', () => {
  for (const bits of WIDTHS) {
    for (const scale of [0, 1, 2, 3, 4, 5, 9]) {
      it(`decimal${bits}(${scale})`, () => {
        const values = borders(2n ** BigInt(bits - 1));
        const precision = Math.floor((bits - 1) * 0.301);
        const type = { id: 'decimal', bits, precision, scale } as const;
        const field: ArrowField = { name: 'v', type, nullable: false, logical: null };
        const wire = encodeRows(batchOfColumn(field, columnOf(field, values)), [defaultPgType(field)]);
        let at = 0;
        for (const value of values) {
          assert.equal(wire.readInt16BE(at), 1);
          const read = readNumeric(wire, at + 2);
          assert.deepEqual({ value: read.value, scale: read.scale }, { value, scale });
          at = read.end;
        }
        assert.equal(at, wire.length);
      });
    }
  }
});
