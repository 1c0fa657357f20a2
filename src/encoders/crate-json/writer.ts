// One writer a column: a piece of generated code, what it needs bound once a batch, and an upper bound of its bytes.
import type { ArrowColumn, PolicyName, ValuePolicies } from '../../model/index.ts';
import { COUNT_AT, type WriteContext } from '../write-context.ts';

/** Typed arrays, numbers and helpers that the generated code reads, by the names that it uses. */
export type Binding = Readonly<Record<string, unknown>>;

export interface ValueWriter {
  /** Equal keys generate equal code. */
  readonly key: string;
  readonly names: readonly string[];
  /** Bytes of a value at most, without the comma and without what `varBytes` counts; 4 or more, for `null`. */
  readonly maxBytes: number;
  readonly touches: readonly PolicyName[];
  /** True: the code looks for NULL itself. */
  readonly seesNull?: boolean;
  /** `variant` distinguishes code made for what the batch holds, say text that needs no escapes. */
  bind(column: ArrowColumn, context: WriteContext): { readonly variant: string; readonly values: Binding };
  /** Statements that write the element `i`, which is not null, at `o` and advance `o`. In scope: u8, o, H. */
  code(place: CodePlace): string;
  /** Upper bound of further bytes of elements `from <= k < to`; absent: none. */
  varBytes?(values: Binding, from: number, to: number): number;
}

export interface CodePlace {
  /** The variable that holds a bound name. */
  readonly n: (name: string) => string;
  readonly variant: string;
  readonly policies: ValuePolicies;
  /** The variable with the column's counts of changed values. */
  readonly counts: string;
}

export const NULL_CODE = 'u8[o]=110;u8[o+1]=117;u8[o+2]=108;u8[o+3]=108;o+=4;';

/** Refuses the value, or writes NULL and counts it when the policy says so; nothing may be written of it before. */
export function misfitCode(place: CodePlace, reason: string, policy: 'overflow' | 'nonFinite'): string {
  if (place.policies[policy] !== 'null') return `H.refuse('${reason}',i,'${policy}');`;
  return `{${place.counts}[${COUNT_AT[policy]}]++;${NULL_CODE}break ${place.n('is')};}`;
}

/** A writer together with the column's null bitmap. */
export interface BoundColumn {
  readonly writer: ValueWriter;
  readonly variant: string;
  readonly values: Binding;
  /** Null when no element is null, or the writer looks itself. */
  readonly validity: Uint8Array | null;
  readonly bitOffset: number;
  readonly counts: Float64Array;
}

export function bindColumn(writer: ValueWriter, column: ArrowColumn, context: WriteContext): BoundColumn {
  const { variant, values } = writer.bind(column, context);
  const noNulls = writer.seesNull === true || column.nullCount === 0;
  return {
    writer,
    variant,
    values,
    validity: noNulls ? null : column.validity,
    bitOffset: column.offset,
    counts: context.counts,
  };
}
