import {
  type ArrowBatch,
  type ArrowColumn,
  type ArrowSchema,
  type Encoder,
  selectedCount,
  type ValueChange,
  type ValuePolicies,
} from '../../model/index.ts';
import { RefusedValue, refusedError } from '../refused-value.ts';
import { takeChanges, type WriteContext, writeContext } from '../write-context.ts';
import { type KeyPlace, type RowsWriter, rowsWriter } from './codegen.ts';
import type { CrateColumn } from './crate-type.ts';
import { KEY_BYTES } from './row-key.ts';
import { ruleFor } from './rules.ts';
import { type BoundColumn, bindColumn, type ValueWriter } from './writer.ts';

/** Columns in one generated function; one for hundreds of columns is many times slower. */
const GROUP_COLUMNS = 32;
/** Rows that a group of a wide row is written for before the next group's turn. */
const BLOCK_ROWS = 128;
/** Rows that one call of generated code writes. */
const CALL_ROWS = 256;

interface Group {
  readonly columns: readonly BoundColumn[];
  readonly write: RowsWriter;
}

export interface CrateJsonOptions {
  readonly policies: ValuePolicies;
  /** Rows begin with a key made from their place in the input; `keyRowsOf` says which input. */
  readonly keyed: boolean;
}

/** Arrow batches as rows of `bulk_args`: `[1,"a",null],` each, with a comma behind the last one too. Not re-entrant. */
export class CrateJsonEncoder implements Encoder {
  readonly #names: readonly string[];
  readonly #writers: readonly ValueWriter[];
  readonly #contexts: readonly WriteContext[];
  readonly #policies: ValuePolicies;
  /** Bytes of a row without its variable parts. */
  readonly #fixedBytes: number;
  readonly #wide: boolean;
  readonly #ends: Int32Array;
  readonly #keyed: boolean;
  #key: KeyPlace | null = null;
  #batch: ArrowBatch | null = null;
  #groups: readonly Group[] = [];
  #variable: readonly BoundColumn[] = [];

  /** Fields and columns pair by position; the caller has matched them by name. */
  constructor(schema: ArrowSchema, columns: readonly CrateColumn[], { policies, keyed }: CrateJsonOptions) {
    this.#policies = policies;
    this.#keyed = keyed;
    this.#names = schema.fields.map((field) => field.name);
    this.#writers = schema.fields.map((field, j) => ruleFor(field, columns[j]!.type).writer);
    this.#contexts = schema.fields.map(() => writeContext(policies));
    const start = keyed ? KEY_BYTES + 3 : 0;
    this.#fixedBytes = this.#writers.reduce((sum, writer) => sum + writer.maxBytes + 1, start + 3);
    this.#wide = this.#writers.length > GROUP_COLUMNS;
    this.#ends = new Int32Array(BLOCK_ROWS * Math.ceil(this.#writers.length / GROUP_COLUMNS));
    if (keyed) this.keyRowsOf('');
  }

  /** Rows that follow are of the input whose keys begin with `prefix`. */
  keyRowsOf(prefix: string): void {
    this.#key = { head: new TextEncoder().encode(`"${prefix}`), start: 0 };
  }

  /** At most `mostRows` rows. */
  encode(
    batch: ArrowBatch,
    from: number,
    out: Uint8Array,
    at: number,
    mostRows = Number.POSITIVE_INFINITY,
  ): { rows: number; end: number } {
    this.#bind(batch);
    // a wide row is written in pieces to the back half and gathered in front
    const capacity = this.#wide ? Math.floor((out.byteLength - at) / 2) : out.byteLength - at;
    const rows = this.#fitting(batch, from, capacity, mostRows);
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
    if (this.#key !== null) this.#key.start = batch.rowStart;
    if (this.#batch === batch) return;
    const bound = this.#writers.map((writer, j) =>
      bindColumn(writer, batch.columns[j] as ArrowColumn, this.#contexts[j]!),
    );
    const groups: Group[] = [];
    for (let j = 0; j === 0 || j < bound.length; j += GROUP_COLUMNS) {
      const columns = bound.slice(j, j + GROUP_COLUMNS);
      const shape = {
        policies: this.#policies,
        first: j === 0,
        last: j + GROUP_COLUMNS >= bound.length,
        key: this.#keyed && j === 0,
        selected: batch.selection !== null,
        ends: this.#wide,
      };
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
  #fitting(batch: ArrowBatch, from: number, capacity: number, mostRows: number): number {
    const left = Math.min(selectedCount(batch) - from, mostRows);
    let rows = Math.min(left, Math.floor(capacity / this.#fixedBytes));
    while (rows > 0) {
      const bytes = this.#bound(batch, from, from + rows);
      if (bytes <= capacity) return rows;
      rows = Math.min(rows - 1, Math.floor((rows * capacity) / bytes));
    }
    // a first row may still fit where the average of many did not
    return left > 0 && this.#bound(batch, from, from + 1) <= capacity ? 1 : 0;
  }

  /** In short calls: V8 compiles what is called often once, and a long loop a second time while it runs. */
  #encodeNarrow(batch: ArrowBatch, from: number, to: number, out: Uint8Array, at: number): number {
    const { columns, write } = this.#groups[0]!;
    const { selection } = batch;
    for (let r0 = from; r0 < to; r0 += CALL_ROWS) {
      at = write(columns, this.#key, selection, out, at, r0, Math.min(to, r0 + CALL_ROWS), null);
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
        s = group.write(group.columns, this.#key, batch.selection, out, s, r0, r1, groupEnds);
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

  #refusingColumn({ index }: RefusedValue): string | null {
    const shape = {
      policies: this.#policies,
      first: false,
      last: false,
      key: false,
      selected: false,
      ends: false,
    };
    let j = 0;
    for (const { columns } of this.#groups) {
      for (const column of columns) {
        const { writer, values } = column;
        const space = writer.maxBytes + (writer.varBytes?.(values, index, index + 1) ?? 0) + 16;
        try {
          rowsWriter([column], shape)([column], null, null, new Uint8Array(space), 0, index, index + 1, null);
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
