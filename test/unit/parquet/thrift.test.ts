import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ParloadError } from '../../../src/errors/index.ts';
import { STOP, T, ThriftReader, ThriftWriter } from '../../../src/parquet/thrift.ts';

const isCorrupt = (error: unknown): boolean => ParloadError.is(error) && error.code === 'PARQUET_CORRUPT';

/** Reads one struct with whatever it holds. */
const skipStruct = (bytes: Uint8Array): number => {
  const reader = new ThriftReader(bytes);
  reader.type = T.struct;
  reader.skip();
  return reader.at;
};

describe('thrift', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.integer({ min: 1, max: 30_000 }),
        (number, bytes, id) => {
          const writer = new ThriftWriter()
            .field(id, T.i64, 0)
            .int(number)
            .field(id + 1, T.binary, id);
          const written = writer.binary(bytes).stop().finish();
          const reader = new ThriftReader(written);
          assert.equal(reader.field(0), id);
          assert.equal(reader.int(), number);
          assert.equal(reader.field(id), id + 1);
          assert.deepEqual(reader.binary(), bytes);
          assert.equal(reader.field(id + 1), STOP);
          assert.equal(skipStruct(written), written.length);
        },
      ),
    );
  });

  it('steps over every kind of value', () => {
    const writer = new ThriftWriter();
    writer.field(1, T.true, 0).field(2, T.i8, 1).byte(7).field(3, T.double, 2).raw(new Uint8Array(8));
    writer.field(4, T.list, 3).list(T.true, 2).byte(1).byte(2);
    writer.field(5, T.set, 4).list(T.i32, 20);
    for (let i = 0; i < 20; i++) writer.int(-i);
    writer
      .field(6, T.map, 5)
      .varint(1)
      .byte((T.binary << 4) | T.i32)
      .binary(Uint8Array.of(1))
      .int(5);
    writer.field(7, T.map, 6).varint(0).field(8, T.uuid, 7).raw(new Uint8Array(16));
    writer.field(9, T.struct, 8).field(200, T.i16, 0).int(3).stop().stop();
    const bytes = writer.finish();
    assert.equal(skipStruct(bytes), bytes.length);
  });

  const hostile: Record<string, Uint8Array> = {
    nothing: new Uint8Array(0),
    'a string that claims 2 GiB': new ThriftWriter()
      .field(1, T.binary, 0)
      .varint(2 ** 31)
      .finish(),
    'a list that claims a billion': new ThriftWriter().field(1, T.list, 0).list(T.struct, 1e9).finish(),
    'a map that claims a billion': new ThriftWriter().field(1, T.map, 0).varint(1e9).byte(0x88).finish(),
    'an endless number': Uint8Array.from({ length: 20 }, (_, i) => (i === 0 ? 0x16 : 0xff)),
    'an unknown type': Uint8Array.of(0x1f, 0, 0),
    'structs in structs': new Uint8Array(10_000).fill(0x1c),
    'lists in lists': Uint8Array.from({ length: 10_000 }, (_, i) => (i === 0 ? 0x19 : 0x19)),
  };
  for (const [what, bytes] of Object.entries(hostile)) {
    it(`refuses ${what}`, () => assert.throws(() => skipStruct(bytes), isCorrupt));
  }

  it('ends in an answer or a typed error on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          skipStruct(bytes);
        } catch (error) {
          assert.ok(isCorrupt(error), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
