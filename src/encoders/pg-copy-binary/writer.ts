// One writer per (Arrow type, Postgres type): a piece of generated code plus what it needs bound once a batch.
import type { ArrowColumn, PolicyName, ValuePolicies } from '../../model/index.ts';
import { COUNT_AT, type WriteContext } from '../write-context.ts';

/** Typed arrays and numbers that the generated code reads, by the names that it uses. */
export type Binding = Readonly<Record<string, unknown>>;

export interface ValueWriter {
  /** Equal keys generate equal code. */
  readonly key: string;
  /** Names in the binding that the code uses, besides the null bitmap. */
  readonly names: readonly string[];
  /** Bytes of a non-null value at most, with its length word, without what `varBytes` counts. */
  readonly maxBytes: number;
  /** Policies that decide on some of its values; absent: none. */
  readonly touches?: readonly PolicyName[];
  /** Typed views for one batch; `variant` distinguishes code made for what the batch holds (say, no NaN). */
  bind(column: ArrowColumn, context: WriteContext): { readonly variant: string; readonly values: Binding };
  /**
   * Statements that write one non-null element with its length word at `o` and advance `o`.
   * In scope: u8, dv, o, and the helpers H. Use `elementCode` to place it.
   */
  code(place: CodePlace): string;
  /** Upper bound of further bytes of elements `from <= k < to`; absent: none. */
  varBytes?(values: Binding, from: number, to: number): number;
}

/** What generated code depends on besides the columns. */
export interface CodeOptions {
  readonly policies: ValuePolicies;
  /** numeric has infinities since Postgres 14. */
  readonly hasInfiniteNumeric: boolean;
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
  readonly options: CodeOptions;
  /** The variable with the column's counts of changed values. */
  readonly counts: string;
  /** What an array wants to be done besides when one of its elements is NULL. */
  readonly onNull: string;
}

const NULL_CODE = 'dv.setInt32(o,-1);o+=4;';

/** Refuses the value. `policy`: the one that would let it pass. */
export const refuseCode = ({ row }: CodePlace, reason: string, policy: PolicyName | null = null): string =>
  `H.refuse('${reason}',${row}${policy === null ? '' : `,'${policy}'`});`;

/** Counts a value that is written otherwise than it is. */
export const countCode = ({ counts }: CodePlace, policy: PolicyName): string =>
  `${counts}[${COUNT_AT[policy]}]++;`;

const labelOf = ({ n }: CodePlace): string => n('is');

/** Writes NULL instead of the value, and ends the element; `o` must be where it began. For those who count themselves. */
export const plainNullCode = (place: CodePlace): string =>
  `{${NULL_CODE}${place.onNull}break ${labelOf(place)};}`;

/** The same, counted. */
export const nullCode = (place: CodePlace, policy: PolicyName): string =>
  `{${countCode(place, policy)}${plainNullCode(place)}}`;

/** A value that the target type has no room for: refused, or NULL. As `nullCode`, before anything is written. */
export const misfitCode = (place: CodePlace, reason: string): string =>
  place.options.policies.overflow === 'null'
    ? nullCode(place, 'overflow')
    : refuseCode(place, reason, 'overflow');

/** A writer's code where one element is written; `nullCode` in it leaves it. */
export function elementCode(writer: ValueWriter, place: CodePlace): string {
  const code = writer.code(place);
  const label = labelOf(place);
  return code.includes(`break ${label};`) ? `${label}:{${code}}` : code;
}

/** A writer together with the column's null bitmap. */
export interface BoundColumn {
  readonly writer: ValueWriter;
  readonly variant: string;
  readonly values: Binding;
  /** Null when no element is null. */
  readonly validity: Uint8Array | null;
  readonly bitOffset: number;
  readonly counts: Float64Array;
}

export function bindColumn(writer: ValueWriter, column: ArrowColumn, context: WriteContext): BoundColumn {
  const { variant, values } = writer.bind(column, context);
  return {
    writer,
    variant,
    values,
    validity: column.nullCount === 0 ? null : column.validity,
    bitOffset: column.offset,
    counts: context.counts,
  };
}

/** Code for an element that may be null: -1 as length, or the value. `valid` and `bit` are variable names. */
export const nullable = (valid: string, bit: string, i: string, body: string, onNull = ''): string =>
  `if((${valid}[(${bit}+${i})>>3]>>((${bit}+${i})&7))&1){${body}}else{${NULL_CODE}${onNull}}`;
