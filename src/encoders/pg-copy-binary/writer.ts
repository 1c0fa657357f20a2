// One writer per (Arrow type, Postgres type): a piece of generated code plus what it needs bound once a batch.
import type { ArrowColumn } from '../../model/index.ts';

/** Typed arrays and numbers that the generated code reads, by the names that it uses. */
export type Binding = Readonly<Record<string, unknown>>;

export interface ValueWriter {
  /** Equal keys generate equal code. */
  readonly key: string;
  /** Names in the binding that the code uses, besides the null bitmap. */
  readonly names: readonly string[];
  /** Bytes of a non-null value at most, with its length word, without what `varBytes` counts. */
  readonly maxBytes: number;
  /** Typed views for one batch; `variant` distinguishes code made for what the batch holds (say, no NaN). */
  bind(column: ArrowColumn): { readonly variant: string; readonly values: Binding };
  /**
   * Statements that write one non-null element with its length word at `o` and advance `o`.
   * In scope: u8, dv, o, and the helpers H.
   */
  code(place: CodePlace): string;
  /** Upper bound of further bytes of elements `from <= k < to`; absent: none. */
  varBytes?(values: Binding, from: number, to: number): number;
}

/** Where a writer's code goes; all are pieces of JavaScript. */
export interface CodePlace {
  /** The variable that holds a bound name. */
  readonly n: (name: string) => string;
  /** Element index within the column. */
  readonly i: string;
  /** Row to report when the value is refused; differs from `i` inside lists and dictionaries. */
  readonly row: string;
  readonly variant: string;
}

/** A writer together with the column's null bitmap. */
export interface BoundColumn {
  readonly writer: ValueWriter;
  readonly variant: string;
  readonly values: Binding;
  /** Null when no element is null. */
  readonly validity: Uint8Array | null;
  readonly bitOffset: number;
}

export function bindColumn(writer: ValueWriter, column: ArrowColumn): BoundColumn {
  const { variant, values } = writer.bind(column);
  return {
    writer,
    variant,
    values,
    validity: column.nullCount === 0 ? null : column.validity,
    bitOffset: column.offset,
  };
}

/** Code for an element that may be null: -1 as length, or the value. `valid` and `bit` are variable names. */
export const nullable = (valid: string, bit: string, i: string, body: string, onNull = ''): string =>
  `if((${valid}[(${bit}+${i})>>3]>>((${bit}+${i})&7))&1){${body}}else{dv.setInt32(o,-1);o+=4;${onNull}}`;
