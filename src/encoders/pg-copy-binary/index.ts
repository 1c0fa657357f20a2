import {
  type ArrowField,
  type ArrowSchema,
  type Encoder,
  EXACT_POLICIES,
  type PolicyName,
  type ValuePolicies,
} from '../../model/index.ts';
import { noteText } from '../policy-notes.ts';
import { defaultPgType } from './ddl.ts';
import { PgCopyEncoder } from './encoder.ts';
import type { PgColumn, PgType } from './pg-type.ts';
import { writerFor } from './rules.ts';

export { noteText } from '../policy-notes.ts';
export { defaultPgType } from './ddl.ts';
export type { PgColumn, PgType } from './pg-type.ts';
export { isRule, type Verdict } from './rules/rule.ts';
export { verdictOn } from './rules.ts';

/** `PGCOPY\n\377\r\n\0`, flags 0, no header extension. */
export const COPY_HEADER = Uint8Array.of(80, 71, 67, 79, 80, 89, 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0);
/** Field count -1: end of data. */
export const COPY_TRAILER = Uint8Array.of(255, 255);

/** The type a new table's column gets, as DDL text. */
export const ddlType = (field: ArrowField): string => defaultPgType(field).display;

/** How a field travels into a given type; throws TYPE_UNSUPPORTED where that could lose something silently. */
export function mappingOf(
  field: ArrowField,
  type: PgType,
  policies: ValuePolicies = EXACT_POLICIES,
): {
  readonly exactness: 'exact' | 'checked';
  readonly note: string | null;
  readonly policies: readonly PolicyName[];
} {
  const { writer, exactness, note } = writerFor(field, type);
  return { exactness, note: noteText(note, policies), policies: writer.touches ?? [] };
}

export interface PgCopyOptions {
  readonly policies?: ValuePolicies;
  /** server_version_num; default: a server of today. */
  readonly serverVersion?: number;
}

const INFINITE_NUMERIC_SINCE = 140_000;

/** Fields and columns pair by position; the caller has matched them by name. */
export const createPgCopyEncoder = (
  schema: ArrowSchema,
  columns: readonly PgColumn[],
  { policies = EXACT_POLICIES, serverVersion = INFINITE_NUMERIC_SINCE }: PgCopyOptions = {},
): Encoder =>
  new PgCopyEncoder(schema, columns, {
    policies,
    hasInfiniteNumeric: serverVersion >= INFINITE_NUMERIC_SINCE,
  });
