import { ParloadError } from '../../errors/index.ts';
import type { ArrowField, ArrowSchema, Encoder } from '../../model/index.ts';
import type { PgColumn, PgType } from './pg-type.ts';

export type { PgColumn, PgType } from './pg-type.ts';

/** `PGCOPY\n\377\r\n\0`, flags 0, no header extension. */
export const COPY_HEADER = Uint8Array.of(80, 71, 67, 79, 80, 89, 10, 255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0);
/** Field count -1: end of data. */
export const COPY_TRAILER = Uint8Array.of(255, 255);

/** The type a new table's column gets, as DDL text; throws TYPE_UNSUPPORTED by column name. */
export function ddlType(field: ArrowField): string {
  throw new ParloadError('TYPE_UNSUPPORTED', `column "${field.name}": not yet`);
}

/** How a field travels into a given type; throws TYPE_UNSUPPORTED where that could lose something silently. */
export function mappingOf(
  field: ArrowField,
  type: PgType,
): { exactness: 'exact' | 'checked'; note: string | null } {
  throw new ParloadError('TYPE_UNSUPPORTED', `column "${field.name}" into ${type.display}: not yet`);
}

/** Fields and columns pair by position; the caller has matched them by name. */
export function createPgCopyEncoder(schema: ArrowSchema, columns: readonly PgColumn[]): Encoder {
  throw new ParloadError(
    'TYPE_UNSUPPORTED',
    `${schema.fields.length} fields, ${columns.length} columns: not yet`,
  );
}
