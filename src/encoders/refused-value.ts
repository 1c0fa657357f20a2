import { ParloadError } from '../errors/index.ts';
import type { PolicyName } from '../model/index.ts';

/** Why a value cannot travel; the encoder adds column and row. No value in it. */
export class RefusedValue {
  readonly reason: string;
  readonly index: number;
  /** The policy that would let it pass; null: none does. */
  readonly policy: PolicyName | null;
  constructor(reason: string, index: number, policy: PolicyName | null) {
    this.reason = reason;
    this.index = index;
    this.policy = policy;
  }
}

/** Called from generated code; `index` is the row within the batch's columns. */
export function refuse(reason: string, index: number, policy: PolicyName | null = null): never {
  throw new RefusedValue(reason, index, policy);
}

const HINTS: Readonly<Record<PolicyName, string>> = {
  nullByte:
    'Leave NUL bytes out with --null-byte strip, or put X in their place with --null-byte replace:X. A bytea column keeps them.',
  timestampNs:
    'Cut off what is finer than the target with --timestamp-ns truncate, or round it with --timestamp-ns round.',
  invalidUtf8:
    'Put U+FFFD in place of what is not UTF-8 with --invalid-utf8 replace, or load the bytes into a bytea column.',
  nonFinite: 'Load NULL in place of NaN and infinities with --non-finite null.',
  overflow: 'Use a wider column type, or load NULL in place of such values with --overflow null.',
};

/** As the user sees it. `row` counts in the input. */
export function refusedError(refused: RefusedValue, column: string | null, row: number): ParloadError {
  const { reason, policy } = refused;
  return new ParloadError('VALUE_REFUSED', `a value of column "${column ?? '?'}" ${reason}`, {
    where: { row, ...(column === null ? {} : { column }) },
    ...(policy === null ? {} : { hint: HINTS[policy] }),
  });
}
