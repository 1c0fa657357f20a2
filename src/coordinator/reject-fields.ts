// What stands beside the rows in a file of rejects.
import type { ArrowField, ArrowSchema } from '../model/index.ts';

/** Key in the footer; its value says which job's rejects these are. */
export const REJECTS_KEY = 'parload.rejects';

const field = (name: string, type: ArrowField['type']): ArrowField => ({
  name,
  type,
  nullable: true,
  logical: null,
});

/** Columns behind those of the source. A file that has them all loads without them. */
export const REJECT_FIELDS: readonly ArrowField[] = [
  field('_reject_reason', { id: 'utf8', large: false }),
  field('_reject_column', { id: 'utf8', large: false }),
  field('_reject_input', { id: 'utf8', large: false }),
  field('_reject_row_group', { id: 'int', bits: 32, signed: true }),
  field('_reject_row', { id: 'int', bits: 64, signed: true }),
];

/** True for the schema of a rejects file. */
export const isRejectsFile = (schema: ArrowSchema): boolean =>
  REJECT_FIELDS.every(({ name }) => schema.fields.some((f) => f.name === name));
