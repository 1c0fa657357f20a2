// One leaf of a file that is being written: levels and values of the page at hand, and the pages of the row group.
import type { ArrowColumn } from '../../model/index.ts';
import { zlib } from '../node-zlib.ts';
import { T, ThriftWriter } from '../thrift.ts';
import { ByteSink } from './byte-sink.ts';
import { type LeafType, physicalCode } from './leaf-type.ts';
import { packLevels } from './levels.ts';

export type WriteCodec = 'none' | 'gzip';
/** CompressionCodec in parquet.thrift. */
const CODEC = { none: 0, gzip: 2 } as const;
const ENCODING = { plain: 0, rle: 3 } as const;
const DATA_PAGE = 0;
/** Written for speed: the fastest level still halves most data. */
const GZIP_LEVEL = 1;

class Levels {
  #bytes = new Uint8Array(1024);
  length = 0;

  push(level: number): void {
    if (this.length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.length++] = level;
  }

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** What the footer says of a column chunk. */
export interface ChunkFigures {
  readonly valueCount: number;
  readonly uncompressedBytes: number;
  readonly compressedBytes: number;
}

export class LeafColumn {
  readonly type: LeafType;
  readonly path: readonly string[];
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  readonly #codec: WriteCodec;
  readonly #values = new ByteSink(4096);
  readonly #definitions = new Levels();
  readonly #repetitions = new Levels();
  #indices = new Int32Array(1024);
  #indexCount = 0;
  #pages: Uint8Array[] = [];
  #valueCount = 0;
  #uncompressedBytes = 0;

  constructor(
    type: LeafType,
    place: { readonly path: readonly string[]; readonly definition: number; readonly repetition: number },
    codec: WriteCodec,
  ) {
    this.type = type;
    this.path = place.path;
    this.maxDefinition = place.definition;
    this.maxRepetition = place.repetition;
    this.#codec = codec;
  }

  /** A value: element `index` of the leaf's Arrow column. */
  value(index: number, repetition: number): void {
    if (this.#indexCount === this.#indices.length) {
      const grown = new Int32Array(2 * this.#indexCount);
      grown.set(this.#indices);
      this.#indices = grown;
    }
    this.#indices[this.#indexCount++] = index;
    this.#level(this.maxDefinition, repetition);
  }

  /** No value: NULL, or an empty list, at the level `definition`. */
  absent(definition: number, repetition: number): void {
    this.#level(definition, repetition);
  }

  #level(definition: number, repetition: number): void {
    this.#definitions.push(definition);
    if (this.maxRepetition > 0) this.#repetitions.push(repetition);
  }

  /** The values that were announced since the last call. */
  take(column: ArrowColumn): void {
    this.type.append(column, this.#indices, this.#indexCount, this.#values);
    this.#indexCount = 0;
  }

  /** Bytes of the page at hand. */
  get pageBytes(): number {
    return this.#values.length + this.#definitions.length;
  }

  get rowGroupBytes(): number {
    return this.pageBytes + this.#pages.reduce((sum, page) => sum + page.length, 0);
  }

  /** Only between rows. */
  endPage(): void {
    const count = this.#definitions.length;
    if (count === 0) return;
    const body = this.#body();
    const packed = this.#codec === 'gzip' ? zlib().gzipSync(body, { level: GZIP_LEVEL }) : body;
    const w = new ThriftWriter();
    w.field(1, T.i32, 0).int(DATA_PAGE);
    w.field(2, T.i32, 1).int(body.length);
    w.field(3, T.i32, 2).int(packed.length);
    w.field(5, T.struct, 3);
    w.field(1, T.i32, 0).int(count);
    w.field(2, T.i32, 1).int(ENCODING.plain);
    w.field(3, T.i32, 2).int(ENCODING.rle);
    w.field(4, T.i32, 3).int(ENCODING.rle);
    const head = w.stop().stop().finish();
    this.#pages.push(head, packed);
    this.#valueCount += count;
    this.#uncompressedBytes += head.length + body.length;
    this.#values.clear();
    this.#definitions.length = 0;
    this.#repetitions.length = 0;
  }

  #body(): Uint8Array {
    const out = new ByteSink(this.pageBytes + 64);
    const add = (levels: Uint8Array, max: number): void => {
      if (max === 0) return;
      const packed = packLevels(levels, max);
      out.word(packed.length);
      out.copy(packed, 0, packed.length);
    };
    add(this.#repetitions.written, this.maxRepetition);
    add(this.#definitions.written, this.maxDefinition);
    const values = this.type.physical === 'BOOLEAN' ? packBools(this.#values.written) : this.#values.written;
    out.copy(values, 0, values.length);
    return out.written;
  }

  /** Bytes of the column chunk, and what is to be said of it. The next row group begins. */
  endChunk(): { readonly pages: readonly Uint8Array[]; readonly figures: ChunkFigures } {
    this.endPage();
    const pages = this.#pages;
    const figures = {
      valueCount: this.#valueCount,
      uncompressedBytes: this.#uncompressedBytes,
      compressedBytes: pages.reduce((sum, page) => sum + page.length, 0),
    };
    this.#pages = [];
    this.#valueCount = 0;
    this.#uncompressedBytes = 0;
    return { pages, figures };
  }

  /** ColumnChunk in the footer. */
  chunkStruct(figures: ChunkFigures, at: number): Uint8Array {
    const w = new ThriftWriter();
    w.field(2, T.i64, 0).int(at);
    w.field(3, T.struct, 2);
    w.field(1, T.i32, 0).int(physicalCode(this.type));
    w.field(2, T.list, 1).list(T.i32, 2).int(ENCODING.plain).int(ENCODING.rle);
    w.field(3, T.list, 2).list(T.binary, this.path.length);
    for (const name of this.path) w.binary(Buffer.from(name));
    w.field(4, T.i32, 3).int(CODEC[this.#codec]);
    w.field(5, T.i64, 4).int(figures.valueCount);
    w.field(6, T.i64, 5).int(figures.uncompressedBytes);
    w.field(7, T.i64, 6).int(figures.compressedBytes);
    w.field(9, T.i64, 7).int(at);
    return w.stop().stop().finish();
  }
}

/** A byte a value in, a bit a value out, low bits first. */
function packBools(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (let k = 0; k < values.length; k++) bits[k >> 3]! |= values[k]! << (k & 7);
  return bits;
}
