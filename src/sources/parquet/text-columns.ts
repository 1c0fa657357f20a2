// Text that was decoded as binary (parquet/decoder-footer.ts) gets its name back.
import type { ArrowBatch, ArrowColumn, ArrowField, ArrowType } from '../../model/index.ts';

/** The types right below a type, in the order of a column's children. */
const partsOf = (type: ArrowType): readonly ArrowType[] => {
  switch (type.id) {
    case 'list':
    case 'fixedList':
      return [type.item.type];
    case 'struct':
      return type.fields.map((field) => field.type);
    case 'map':
      return [{ id: 'struct', fields: [type.key, type.value] }];
    case 'dictionary':
      return [type.value];
    default:
      return [];
  }
};

const hasText = (type: ArrowType): boolean => type.id === 'utf8' || partsOf(type).some(hasText);

/** `type`: as planned. */
function label(column: ArrowColumn, type: ArrowType): ArrowColumn {
  if (type.id === 'utf8')
    return column.type.id === 'binary'
      ? { ...column, type: { id: 'utf8', large: column.type.large } }
      : column;
  if (!hasText(type)) return column;
  const parts = partsOf(type);
  if (column.dictionary !== null && type.id === 'dictionary')
    return { ...column, type, dictionary: label(column.dictionary, type.value) };
  if (column.children.length !== parts.length) return column;
  return { ...column, type, children: column.children.map((child, i) => label(child, parts[i]!)) };
}

/** `planned`: the wanted fields by name. */
export function labelText(batch: ArrowBatch, planned: ReadonlyMap<string, ArrowField>): ArrowBatch {
  const { fields } = batch.schema;
  if (![...planned.values()].some(({ type }) => hasText(type))) return batch;
  const columns = batch.columns.map((column, i) => {
    const type = planned.get(fields[i]!.name)?.type;
    return type === undefined ? column : label(column, type);
  });
  return { ...batch, schema: { fields: fields.map((field) => planned.get(field.name) ?? field) }, columns };
}
