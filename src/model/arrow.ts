// The waist: Arrow columns as raw buffers. Sources make batches, sinks take them, nobody invents a row type.
// Only src/arrow/ reads the layout behind `ArrowColumn`; everything else passes it on.

export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** An Arrow logical type as plain data: it crosses threads and is printed by `plan`. */
export type ArrowType =
  | { readonly id: 'null' }
  | { readonly id: 'bool' }
  | { readonly id: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly id: 'float'; readonly bits: 16 | 32 | 64 }
  | {
      readonly id: 'decimal';
      readonly bits: 32 | 64 | 128 | 256;
      readonly precision: number;
      readonly scale: number;
    }
  | { readonly id: 'date'; readonly unit: 'day' | 'ms' }
  | { readonly id: 'time'; readonly unit: TimeUnit }
  | { readonly id: 'timestamp'; readonly unit: TimeUnit; readonly timezone: string | null }
  | { readonly id: 'duration'; readonly unit: TimeUnit }
  /** Parquet's old timestamp, which Arrow lacks: nanoseconds of the day (8 bytes), then the Julian day (4 bytes). */
  | { readonly id: 'int96'; readonly timezone: string | null }
  /** monthDayMs is Parquet's own, which Arrow lacks: months, days, milliseconds, 4 bytes each, unsigned. */
  | { readonly id: 'interval'; readonly unit: 'month' | 'dayTime' | 'monthDayNano' | 'monthDayMs' }
  | { readonly id: 'utf8'; readonly large: boolean }
  | { readonly id: 'binary'; readonly large: boolean }
  | { readonly id: 'fixedBinary'; readonly byteWidth: number }
  | { readonly id: 'list'; readonly large: boolean; readonly item: ArrowField }
  | { readonly id: 'fixedList'; readonly size: number; readonly item: ArrowField }
  | { readonly id: 'struct'; readonly fields: readonly ArrowField[] }
  | { readonly id: 'map'; readonly key: ArrowField; readonly value: ArrowField }
  | { readonly id: 'dictionary'; readonly index: ArrowType; readonly value: ArrowType };

/** What the bytes mean beyond their storage type; comes from the Parquet logical type or extension metadata. */
export type LogicalType = 'uuid' | 'json' | 'bson' | 'enum' | 'wkb';

export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly nullable: boolean;
  readonly logical: LogicalType | null;
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
}

/**
 * One column (or child) of a batch: Arrow's buffers as they are, little-endian, possibly in WASM memory.
 * Row i of this column is element `offset + i` of its buffers (validity: bit `offset + i`).
 * The views live as long as the batch: until the next batch is asked for.
 */
export interface ArrowColumn {
  readonly type: ArrowType;
  readonly length: number;
  readonly offset: number;
  readonly nullCount: number;
  /** Validity bitmap, bit set = valid; null when nothing is null. */
  readonly validity: Uint8Array | null;
  /** utf8, binary, list, map: `offset + length + 1` offsets of 4 bytes, or 8 when the type is large. */
  readonly offsets: Uint8Array | null;
  /** Fixed-width values, bool bits, or the bytes of utf8/binary. Text of a file may be no UTF-8: who needs it looks. */
  readonly data: Uint8Array | null;
  readonly children: readonly ArrowColumn[];
  readonly dictionary: ArrowColumn | null;
  /**
   * True: no value of 8 bytes has the bit pattern of a NaN, so all may be moved as doubles, integers too. Says the source
   * where it knows without looking at each value.
   */
  readonly noNanPattern?: boolean;
}

/** A run of rows of one input, neighbouring in it. */
export interface ArrowBatch {
  readonly schema: ArrowSchema;
  readonly columns: readonly ArrowColumn[];
  /** Rows in the columns. */
  readonly length: number;
  /** Rows that count, ascending indices into the columns; null = all of them. */
  readonly selection: Int32Array | null;
  /** Row number, in its input, of row 0 of the columns. */
  readonly rowStart: number;
}

/** How many rows of a batch count. */
export const selectedCount = (batch: ArrowBatch): number =>
  batch.selection === null ? batch.length : batch.selection.length;
