// The Arrow schema of a file with what its leaves mean beyond their storage.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowField, ArrowSchema, ArrowType } from '../../model/index.ts';
import { type LeafMeaning, leafMeanings, type ParquetMetadata } from '../../parquet/index.ts';

/** Leaves below a field, in Parquet's order. */
function leavesOf(field: ArrowField): readonly ArrowField[] {
  const { type } = field;
  switch (type.id) {
    case 'list':
    case 'fixedList':
      return leavesOf(type.item);
    case 'struct':
      return type.fields.flatMap(leavesOf);
    case 'map':
      return [type.key, type.value].flatMap(leavesOf);
    default:
      return [field];
  }
}

const valueType = (type: ArrowType): ArrowType => (type.id === 'dictionary' ? valueType(type.value) : type);

function withMeaning(field: ArrowField, meaning: LeafMeaning | null, byItself: ArrowType | null): ArrowField {
  if (meaning === 'interval') return { ...field, type: { id: 'interval', unit: 'monthDayMs' } };
  if (meaning === 'int96') {
    const known = byItself === null ? null : valueType(byItself);
    return { ...field, type: { id: 'int96', timezone: known?.id === 'timestamp' ? known.timezone : null } };
  }
  if (meaning !== null && typeof meaning === 'object') return { ...field, type: meaning };
  // a meaning that the decoder knew already stays
  return { ...field, logical: field.logical ?? meaning };
}

/** Rebuilds a field with its leaves, in order, replaced. */
function withLeaves(field: ArrowField, next: (leaf: ArrowField) => ArrowField): ArrowField {
  const { type } = field;
  switch (type.id) {
    case 'list':
    case 'fixedList':
      return { ...field, type: { ...type, item: withLeaves(type.item, next) } };
    case 'struct':
      return { ...field, type: { ...type, fields: type.fields.map((f) => withLeaves(f, next)) } };
    case 'map': {
      const key = withLeaves(type.key, next);
      return { ...field, type: { ...type, key, value: withLeaves(type.value, next) } };
    }
    default:
      return next(field);
  }
}

export const hasInt96 = (meta: ParquetMetadata): boolean =>
  meta.schema.leaves.some((leaf) => leaf.physical === 'INT96');

/**
 * Arrow and Parquet list their leaves in the same order, so meanings are handed out one by one.
 * `byItself`: the library's own reading, which alone knows the time zone of INT96; null when there is none in the file.
 */
export function attachMeanings(
  schema: ArrowSchema,
  meta: ParquetMetadata,
  byItself: ArrowSchema | null,
): ArrowSchema {
  const meanings = leafMeanings(meta.schema, meta.keyValue('geo'));
  const count = schema.fields.flatMap(leavesOf).length;
  if (count !== meanings.length) {
    // without their meaning these would arrive as bytes
    if (meanings.some((meaning) => meaning === 'int96' || meaning === 'interval')) {
      throw new ParloadError(
        'PARQUET_UNSUPPORTED',
        `the decoder sees ${count} columns where the file has ${meanings.length}`,
      );
    }
    return schema;
  }
  const own = byItself?.fields.flatMap(leavesOf) ?? [];
  let at = 0;
  const next = (leaf: ArrowField): ArrowField => {
    const i = at++;
    return withMeaning(leaf, meanings[i] ?? null, own.length === count ? own[i]!.type : null);
  };
  return { fields: schema.fields.map((field) => withLeaves(field, next)) };
}
