// Row groups written anew, with no more than decoding needs: no statistics, no page index, no encryption.
import { CODECS, type ColumnChunk } from './column-chunk.ts';
import { PHYSICAL_TYPES, type SchemaNode } from './schema.ts';
import { T, ThriftWriter } from './thrift.ts';

/** Where a chunk's pages are, in the address space of the footer that is being written. */
export interface ChunkPlace {
  /** Values with nulls. */
  readonly valueCount: number;
  readonly start: number;
  readonly end: number;
  readonly dataAt: number;
  readonly dictionaryAt: number | null;
}

const utf8 = new TextEncoder();
/** PLAIN, RLE, RLE_DICTIONARY: what each page really has stands in its own header. */
const ENCODINGS = [0, 3, 8];

export function chunkStruct(chunk: ColumnChunk, node: SchemaNode, place: ChunkPlace): Uint8Array {
  const w = new ThriftWriter();
  w.field(2, T.i64, 0).int(place.dataAt);
  w.field(3, T.struct, 2);
  w.field(1, T.i32, 0).int(PHYSICAL_TYPES.indexOf(node.physical!));
  w.field(2, T.list, 1).list(T.i32, ENCODINGS.length);
  for (const encoding of ENCODINGS) w.int(encoding);
  w.field(3, T.list, 2).list(T.binary, node.path.length);
  for (const name of node.path) w.binary(utf8.encode(name));
  // what is not read may have any codec
  w.field(4, T.i32, 3).int(Math.max(0, (CODECS as readonly string[]).indexOf(chunk.codec)));
  w.field(5, T.i64, 4).int(place.valueCount);
  w.field(6, T.i64, 5).int(Math.max(chunk.uncompressedBytes, place.end - place.start));
  w.field(7, T.i64, 6).int(place.end - place.start);
  w.field(9, T.i64, 7).int(place.dataAt);
  if (place.dictionaryAt !== null) w.field(11, T.i64, 9).int(place.dictionaryAt);
  return w.stop().stop().finish();
}

export function rowGroupStruct(columns: readonly Uint8Array[], rows: number, bytes: number): Uint8Array {
  const w = new ThriftWriter();
  w.field(1, T.list, 0).list(T.struct, columns.length);
  for (const column of columns) w.raw(column);
  w.field(2, T.i64, 1).int(bytes);
  w.field(3, T.i64, 2).int(rows);
  return w.stop().finish();
}
