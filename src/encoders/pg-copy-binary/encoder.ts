import {
  type ArrowBatch,
  type ArrowColumn,
  type ArrowSchema,
  type Encoder,
  selectedCount,
  type ValueChange,
} from '../../model/index.ts';
import { RefusedValue, refusedError } from '../refused-value.ts';
import { takeChanges, type WriteContext, writeContext } from '../write-context.ts';
import { type RowsWriter, rowsWriter } from './codegen.ts';
import type { PgColumn } from './pg-type.ts';
import { writerFor } from './rules.ts';
import { type BoundColumn, bindColumn, type CodeOptions, type ValueWriter } from './writer.ts';

/** Columns in one generated function. One function for 400 columns is 30 times slower than groups of this size. */
const GROUP_COLUMNS = 32;
/** Rows that a group of a wide row is written for before the next group's turn. */
const BLOCK_ROWS = 128;
/** Rows that one call of generated code writes. */
const CALL_ROWS = 256;

interface Group {
  readonly columns: readonly BoundColumn[];
  readonly write: RowsWriter;
}

/** Arrow batches as rows of binary COPY, generated per schema and null pattern. Not re-entrant. */
export class PgCopyEncoder implements Encoder {
  readonly #names: readonly string[];
  readonly #writers: readonly ValueWriter[];
  readonly #contexts: readonly WriteContext[];
  readonly #options: CodeOptions;
  /** Bytes of a row without its variable parts. */
  readonly #fixedBytes: number;
  readonly #wide: boolean;
  /** Wide rows: where each row of a block ends in the scratch space, group by group. */
  readonly #ends: Int32Array;
  #batch: ArrowBatch | null = null;
  #groups: readonly Group[] = [];
  #variable: readonly BoundColumn[] = [];
  #target: Uint8Array | null = null;
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(schema: ArrowSchema, columns: readonly PgColumn[], options: CodeOptions) {
    this.#options = options;
    this.#names = schema.fields.map((field) => field.name);
    this.#writers = schema.fields.map((field, j) => writerFor(field, columns[j]!.type).writer);
    this.#contexts = schema.fields.map(() => writeContext(options.policies));
    this.#fixedBytes = this.#writers.reduce((sum, writer) => sum + writer.maxBytes, 2);
    this.#wide = this.#writers.length > GROUP_COLUMNS;
    this.#ends = new Int32Array(BLOCK_ROWS * Math.ceil(this.#writers.length / GROUP_COLUMNS));
  }

  encode(batch: ArrowBatch, from: number, out: Uint8Array, at: number): { rows: number; end: number } {
    this.#bind(batch);
    if (this.#target !== out) {
      this.#target = out;
      this.#view = new DataView(out.buffer, out.byteOffset, out.byteLength);
    }
    // a wide row is written in pieces to the back half and gathered in front
    const capacity = this.#wide ? Math.floor((out.byteLength - at) / 2) : out.byteLength - at;
    const rows = this.#fitting(batch, from, capacity);
    if (rows === 0) return { rows, end: at };
    try {
      const end = this.#wide
        ? this.#encodeWide(batch, from, from + rows, out, at, at + capacity)
        : this.#encodeNarrow(batch, from, from + rows, out, at);
      return { rows, end };
    } catch (error) {
      throw this.#explain(error, batch);
    }
  }

  rowBytes(batch: ArrowBatch, index: number): number {
    this.#bind(batch);
    return this.#bound(batch, index, index + 1) * (this.#wide ? 2 : 1) + 16;
  }

  takeChanges(): readonly ValueChange[] {
    return takeChanges(this.#names, this.#contexts);
  }

  #bind(batch: ArrowBatch): void {
    if (this.#batch === batch) return;
    const bound = this.#writers.map((writer, j) =>
      bindColumn(writer, batch.columns[j] as ArrowColumn, this.#contexts[j]!),
    );
    const groups: Group[] = [];
    for (let j = 0; j === 0 || j < bound.length; j += GROUP_COLUMNS) {
      const columns = bound.slice(j, j + GROUP_COLUMNS);
      const fieldCount = j === 0 ? bound.length : null;
      const options = this.#options;
      const shape = { fieldCount, selected: batch.selection !== null, ends: this.#wide, options };
      groups.push({ columns, write: rowsWriter(columns, shape) });
    }
    this.#groups = groups;
    this.#variable = bound.filter((column) => column.writer.varBytes !== undefined);
    this.#batch = batch;
  }

  /** Upper bound of the bytes of rows `from <= r < to`. */
  #bound(batch: ArrowBatch, from: number, to: number): number {
    let bytes = (to - from) * this.#fixedBytes;
    for (const { writer, values } of this.#variable) {
      if (batch.selection === null) {
        bytes += writer.varBytes!(values, from, to);
      } else {
        for (let r = from; r < to; r++) {
          const i = batch.selection[r]!;
          bytes += writer.varBytes!(values, i, i + 1);
        }
      }
    }
    return bytes;
  }

  /** Rows from `from` that surely fit into `capacity`: a few guesses, each from the last one's bound. */
  #fitting(batch: ArrowBatch, from: number, capacity: number): number {
    let rows = Math.min(selectedCount(batch) - from, Math.floor(capacity / this.#fixedBytes));
    while (rows > 0) {
      const bytes = this.#bound(batch, from, from + rows);
      if (bytes <= capacity) return rows;
      rows = Math.min(rows - 1, Math.floor((rows * capacity) / bytes));
    }
    // a first row may still fit where the average of many did not
    return from < selectedCount(batch) && this.#bound(batch, from, from + 1) <= capacity ? 1 : 0;
  }

  /** In short calls: V8 compiles what is called often once, and a long loop a second time while it runs. */
  #encodeNarrow(batch: ArrowBatch, from: number, to: number, out: Uint8Array, at: number): number {
    const { columns, write } = this.#groups[0]!;
    for (let r0 = from; r0 < to; r0 += CALL_ROWS) {
      at = write(columns, batch.selection, out, this.#view, at, r0, Math.min(to, r0 + CALL_ROWS), null);
    }
    return at;
  }

  /** Block by block, each group of columns into the scratch space, then row by row to its place. */
  #encodeWide(
    batch: ArrowBatch,
    from: number,
    to: number,
    out: Uint8Array,
    at: number,
    scratch: number,
  ): number {
    const groups = this.#groups;
    const starts = new Int32Array(groups.length);
    const ends = this.#ends;
    let o = at;
    for (let r0 = from; r0 < to; r0 += BLOCK_ROWS) {
      const r1 = Math.min(to, r0 + BLOCK_ROWS);
      let s = scratch;
      groups.forEach((group, g) => {
        starts[g] = s;
        const groupEnds = ends.subarray(g * BLOCK_ROWS, (g + 1) * BLOCK_ROWS);
        s = group.write(group.columns, batch.selection, out, this.#view, s, r0, r1, groupEnds);
      });
      for (let r = 0; r < r1 - r0; r++) {
        for (let g = 0; g < groups.length; g++) {
          const end = ends[g * BLOCK_ROWS + r]!;
          out.copyWithin(o, starts[g]!, end);
          o += end - starts[g]!;
          starts[g] = end;
        }
      }
    }
    return o;
  }

  /** Says which column: generated code knows only the row, so the row is tried column by column. */
  #explain(error: unknown, batch: ArrowBatch): unknown {
    if (!(error instanceof RefusedValue)) return error;
    return refusedError(error, this.#refusingColumn(error), batch.rowStart + error.index);
  }

  #refusingColumn(refused: RefusedValue): string | null {
    const shape = { fieldCount: null, selected: false, ends: false, options: this.#options };
    let j = 0;
    for (const group of this.#groups) {
      for (const column of group.columns) {
        const probe = rowsWriter([column], shape);
        const space =
          column.writer.maxBytes +
          (column.writer.varBytes?.(column.values, refused.index, refused.index + 1) ?? 0);
        const bytes = new Uint8Array(space + 16);
        try {
          probe([column], null, bytes, new DataView(bytes.buffer), 0, refused.index, refused.index + 1, null);
        } catch (again) {
          if (again instanceof RefusedValue) return this.#names[j] ?? null;
          throw again;
        }
        j++;
      }
    }
    return null;
  }
}
