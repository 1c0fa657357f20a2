// JSON text straight out of Arrow's buffers. A type is compiled once a schema and bound to a column once a batch; then each
// value is written as bytes: no string and no object for a value, but for doubles of many digits.
import { isValid } from '../../arrow/index.ts';
import type { ArrowColumn, PolicyName } from '../../model/index.ts';
import type { WriteContext } from '../write-context.ts';

/** What JSON lacks and somebody has to decide. */
export interface JsonOptions {
  /** A NUL character in a text: `\u0000`, or refused where the target cannot hold it (jsonb). */
  readonly nul: 'escape' | 'refuse';
  /** NaN and infinities are words and no numbers: `"NaN"`, or bare where the whole is no JSON. */
  readonly words: 'quoted' | 'bare';
}

/** How values of one Arrow type are written. */
export interface JsonType {
  /** Numbers, true, objects and arrays stand for themselves; everything else is a JSON string. */
  readonly isQuoted: boolean;
  /** Policies that decide on some values. */
  readonly touches: readonly PolicyName[];
  /** For one batch. Element 0 is the column's own first. */
  bind(column: ArrowColumn, context: WriteContext): JsonValues;
}

/** Values of one column of one batch. */
export interface JsonValues {
  /**
   * The text of element `i`, which is not null, at `o`; returns the end. A string comes without its quotes, and
   * escaped only where it may need it. `row`: to report when the value is refused.
   */
  text(out: Uint8Array, o: number, i: number, row: number): number;
  /** Is element `i` null, or made so by a policy? Asked once for each element that is written: it may count. */
  isNull(i: number): boolean;
  /** Upper bound of the bytes of elements `from <= i < to`, with quotes and a comma each. */
  bound(from: number, to: number): number;
}

const QUOTE = 0x22;
/** `null`, quotes and a comma: what an element takes beside its text. */
export const EXTRA_BYTES = 7;

export type NullTest = (i: number) => boolean;
const NEVER: NullTest = () => false;

export const nullTest = (column: ArrowColumn): NullTest => {
  if (column.type.id === 'null') return () => true;
  return column.validity === null || column.nullCount === 0 ? NEVER : (i) => !isValid(column, i);
};

export function writeNull(out: Uint8Array, o: number): number {
  out[o] = 0x6e;
  out[o + 1] = 0x75;
  out[o + 2] = 0x6c;
  out[o + 3] = 0x6c;
  return o + 4;
}

/** Element `i` as a JSON value: null, quoted where it must be. */
export function writeValue(
  values: JsonValues,
  isQuoted: boolean,
  out: Uint8Array,
  o: number,
  i: number,
  row: number,
): number {
  if (values.isNull(i)) return writeNull(out, o);
  if (!isQuoted) return values.text(out, o, i, row);
  out[o++] = QUOTE;
  o = values.text(out, o, i, row);
  out[o++] = QUOTE;
  return o;
}

/** Scalars of at most `maxBytes` bytes of text. `write` writes element `i`. */
export const scalar = (
  isQuoted: boolean,
  maxBytes: number,
  bind: (column: ArrowColumn) => JsonValues['text'],
): JsonType => ({
  isQuoted,
  touches: [],
  bind: (column) => ({
    text: bind(column),
    isNull: nullTest(column),
    bound: (from, to) => (to - from) * (maxBytes + EXTRA_BYTES),
  }),
});

/** ASCII only. */
export function writeAscii(out: Uint8Array, o: number, text: string): number {
  for (let k = 0; k < text.length; k++) out[o++] = text.charCodeAt(k);
  return o;
}
