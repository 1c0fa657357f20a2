// The decoder decompresses whatever codec a file has, but hands out only values. So compressed page bodies are given to it
// as a Parquet file of one column of single bytes, and the "values" that come back are the bodies, decompressed.
import { CODECS } from '../column-chunk.ts';
import { T, ThriftWriter } from '../thrift.ts';

export interface CompressedBody {
  readonly bytes: Uint8Array;
  /** Bytes when decompressed, as the page says. */
  readonly size: number;
}

const MAGIC = Uint8Array.of(0x50, 0x41, 0x52, 0x31);
const FIXED_LEN_BYTE_ARRAY = 7;
const PLAIN = 0;
const RLE = 3;
const NAME = new TextEncoder().encode('b');

function pageHeader(body: CompressedBody): Uint8Array {
  const w = new ThriftWriter();
  w.field(1, T.i32, 0).int(0);
  w.field(2, T.i32, 1).int(body.size);
  w.field(3, T.i32, 2).int(body.bytes.length);
  w.field(5, T.struct, 3);
  w.field(1, T.i32, 0).int(body.size);
  w.field(2, T.i32, 1).int(PLAIN);
  w.field(3, T.i32, 2).int(RLE);
  w.field(4, T.i32, 3).int(RLE);
  return w.stop().stop().finish();
}

function writeSchema(w: ThriftWriter): void {
  w.list(T.struct, 2);
  w.field(4, T.binary, 0).binary(NAME).field(5, T.i32, 4).int(1).stop();
  w.field(1, T.i32, 0).int(FIXED_LEN_BYTE_ARRAY);
  w.field(2, T.i32, 1).int(1);
  w.field(3, T.i32, 2).int(0);
  w.field(4, T.binary, 3).binary(NAME).stop();
}

function footer(codec: string, values: number, chunkBytes: number): Uint8Array {
  const w = new ThriftWriter();
  w.field(1, T.i32, 0).int(1);
  w.field(2, T.list, 1);
  writeSchema(w);
  w.field(3, T.i64, 2).int(values);
  w.field(4, T.list, 3).list(T.struct, 1);
  w.field(1, T.list, 0).list(T.struct, 1);
  w.field(2, T.i64, 0).int(4);
  w.field(3, T.struct, 2);
  w.field(1, T.i32, 0).int(FIXED_LEN_BYTE_ARRAY);
  w.field(2, T.list, 1).list(T.i32, 2).int(PLAIN).int(RLE);
  w.field(3, T.list, 2).list(T.binary, 1).binary(NAME);
  w.field(4, T.i32, 3).int((CODECS as readonly string[]).indexOf(codec));
  w.field(5, T.i64, 4).int(values);
  w.field(6, T.i64, 5).int(values);
  w.field(7, T.i64, 6).int(chunkBytes);
  w.field(9, T.i64, 7).int(4);
  w.stop().stop();
  w.field(2, T.i64, 1).int(values);
  w.field(3, T.i64, 2).int(values);
  return w.stop().stop().finish();
}

/** The file, in memory from `space`; its one column has `sum(size)` rows. */
export function inflateFile(
  codec: string,
  bodies: readonly CompressedBody[],
  space: (size: number) => Uint8Array,
): Uint8Array {
  const headers = bodies.map(pageHeader);
  const chunkBytes = bodies.reduce((sum, body, i) => sum + headers[i]!.length + body.bytes.length, 0);
  const values = bodies.reduce((sum, body) => sum + body.size, 0);
  const tail = footer(codec, values, chunkBytes);
  const out = space(4 + chunkBytes + tail.length + 8);
  out.set(MAGIC);
  let at = 4;
  bodies.forEach((body, i) => {
    out.set(headers[i]!, at);
    out.set(body.bytes, at + headers[i]!.length);
    at += headers[i]!.length + body.bytes.length;
  });
  out.set(tail, at);
  new DataView(out.buffer, out.byteOffset).setUint32(at + tail.length, tail.length, true);
  out.set(MAGIC, at + tail.length + 4);
  return out;
}
