// Pages of rows that nobody reads. Columns of one row group have their page borders at different rows; so that a slice
// can start at a page in each, the columns whose page starts later get a filler page in front that covers the gap.
import type { SchemaNode } from '../schema.ts';
import { T, ThriftWriter } from '../thrift.ts';

const DATA_PAGE_V2 = 3;
const PLAIN = 0;
const RLE_DICTIONARY = 8;

/** Bits of one PLAIN value of zero, 0-length text, or false. */
function plainBits(leaf: SchemaNode): number {
  switch (leaf.physical) {
    case 'BOOLEAN':
      return 1;
    case 'INT32':
    case 'FLOAT':
    case 'BYTE_ARRAY':
      return 32;
    case 'INT96':
      return 96;
    case 'FIXED_LEN_BYTE_ARRAY':
      return leaf.typeLength * 8;
    default:
      return 64;
  }
}

/** A run of `count` zeros in the RLE / bit-packing hybrid at bit width 1. */
const zeroRun = (count: number): Uint8Array =>
  new ThriftWriter()
    .varint(count * 2)
    .byte(0)
    .finish();

/** Bytes that a filler of `rows` rows takes, header aside. */
export function fillerBytes(leaf: SchemaNode, rows: number, hasDictionary: boolean): number {
  return leaf.maxDefinition > 0 || hasDictionary ? 16 : Math.ceil((rows * plainBits(leaf)) / 8);
}

/** A version 2 data page, not compressed, of `rows` rows: nulls where the column allows them, zeros otherwise. */
export function fillerPage(leaf: SchemaNode, rows: number, hasDictionary: boolean): Uint8Array {
  const repetition = leaf.maxRepetition > 0 ? zeroRun(rows) : new Uint8Array(0);
  const definition = leaf.maxDefinition > 0 ? zeroRun(rows) : new Uint8Array(0);
  let values = new Uint8Array(0);
  let encoding = PLAIN;
  if (leaf.maxDefinition === 0 && hasDictionary) {
    // bit width 1, then one run of index 0
    values = Uint8Array.of(1, ...zeroRun(rows));
    encoding = RLE_DICTIONARY;
  } else if (leaf.maxDefinition === 0) {
    values = new Uint8Array(Math.ceil((rows * plainBits(leaf)) / 8));
  }
  const size = repetition.length + definition.length + values.length;
  const header = new ThriftWriter();
  header.field(1, T.i32, 0).int(DATA_PAGE_V2);
  header.field(2, T.i32, 1).int(size);
  header.field(3, T.i32, 2).int(size);
  header.field(8, T.struct, 3);
  header.field(1, T.i32, 0).int(rows);
  header.field(2, T.i32, 1).int(leaf.maxDefinition > 0 ? rows : 0);
  header.field(3, T.i32, 2).int(rows);
  header.field(4, T.i32, 3).int(encoding);
  header.field(5, T.i32, 4).int(definition.length);
  header.field(6, T.i32, 5).int(repetition.length);
  header.field(7, T.false, 6);
  header.stop().stop();
  return header.raw(repetition).raw(definition).raw(values).finish();
}
