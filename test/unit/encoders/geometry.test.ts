// Well-known binary into PostGIS types. No server with PostGIS is here: these are the bytes that its manual describes for
// EWKB, (x,y) = (1,2), and refusals.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mappingOf, type PgType } from '../../../src/encoders/pg-copy-binary/index.ts';
import { ParloadError } from '../../../src/errors/index.ts';
import type { ArrowField } from '../../../src/model/index.ts';
import { columnOf } from '../../support/arrow-build.ts';
import { batchOfColumn, encodeRows } from '../../support/round-trip.ts';

const field = (logical: ArrowField['logical']): ArrowField => ({
  name: 'v',
  type: { id: 'binary', large: false },
  nullable: true,
  logical,
});

/** `geometry(Point,4326)`: SRID in bits 8 to 28, type 1 in bits 2 to 7. */
const geometry = (srid: number | null): PgType => ({
  oid: 90_001,
  name: 'geometry',
  kind: 'base',
  typmod: srid === null ? -1 : (srid << 8) | (1 << 2),
  element: null,
  attributes: null,
  display: srid === null ? 'geometry' : `geometry(Point,${srid})`,
});

const XY = '000000000000f03f0000000000000040';
const XY_BIG = '3ff00000000000004000000000000000';
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

const encoded = (value: Uint8Array, type: PgType): string => {
  const f = field('wkb');
  // the field count and the length word come first
  return encodeRows(batchOfColumn(f, columnOf(f, [value])), [type])
    .toString('hex')
    .slice(4);
};

describe('well-known binary', () => {
  it('stays as it is where the column has no SRID', () => {
    assert.equal(encoded(bytes(`0101000000${XY}`), geometry(null)), `000000150101000000${XY}`);
  });

  it('gets the SRID of the column, in its own byte order', () => {
    assert.equal(encoded(bytes(`0101000000${XY}`), geometry(4326)), `000000190101000020e6100000${XY}`);
    assert.equal(
      encoded(bytes(`0000000001${XY_BIG}`), geometry(4326)),
      `000000190020000001000010e6${XY_BIG}`,
    );
  });

  it('keeps an SRID that it has', () => {
    const own = `0101000020110f0000${XY}`;
    assert.equal(encoded(bytes(own), geometry(4326)), `00000019${own}`);
  });

  it('is refused when it is something else', () => {
    assert.throws(
      () => encoded(bytes('0501'), geometry(null)),
      (error) => ParloadError.is(error) && error.code === 'VALUE_REFUSED' && /well-known/.test(error.message),
    );
  });

  it('must be announced by the file', () => {
    assert.throws(
      () => mappingOf(field(null), geometry(null)),
      (error) =>
        ParloadError.is(error) &&
        error.code === 'TYPE_UNSUPPORTED' &&
        /does not say that it is well-known binary/.test(error.message),
    );
    assert.match(mappingOf(field('wkb'), geometry(3857)).note ?? '', /SRID 3857/);
  });
});
