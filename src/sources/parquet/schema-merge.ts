// One schema for all files of a job. Pure.
import { fieldTypeName, typeName } from '../../arrow/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowField, ArrowSchema, ArrowType, LogicalType } from '../../model/index.ts';

export interface FileSchema {
  readonly uri: string;
  readonly schema: ArrowSchema;
}

/** Two columns of one name cannot be told apart by name, which is how columns are matched everywhere. */
export function refuseDuplicates({ uri, schema }: FileSchema): void {
  const seen = new Set<string>();
  for (const field of schema.fields) {
    if (seen.has(field.name)) {
      throw new ParloadError('SCHEMA_MISMATCH', `${uri} has more than one column named "${field.name}"`, {
        where: { input: uri, column: field.name },
        hint: 'Columns are matched by name; write the file again with distinct names.',
      });
    }
    seen.add(field.name);
  }
}

const sameLogical = (a: LogicalType | null, b: LogicalType | null): boolean =>
  // an enumeration is text; some writers say so and some do not
  a === b || (a ?? 'enum') === (b ?? 'enum');

function widenFields(a: readonly ArrowField[], b: readonly ArrowField[]): ArrowField[] | null {
  if (a.length !== b.length) return null;
  const out: ArrowField[] = [];
  for (let i = 0; i < a.length; i++) {
    const field = a[i]!.name === b[i]!.name ? widenField(a[i]!, b[i]!) : null;
    if (field === null) return null;
    out.push(field);
  }
  return out;
}

/** Items of lists and maps are matched by position: writers name them differently. */
function widenItems(a: readonly ArrowField[], b: readonly ArrowField[]): ArrowField[] | null {
  return widenFields(
    a,
    b.map((field, i) => ({ ...field, name: a[i]?.name ?? field.name })),
  );
}

/** The type of both, wider in nullability only; null when they differ. */
function widenType(a: ArrowType, b: ArrowType): ArrowType | null {
  if (a.id === 'list' && b.id === 'list') {
    const items = a.large === b.large ? widenItems([a.item], [b.item]) : null;
    return items === null ? null : { ...a, item: items[0]! };
  }
  if (a.id === 'fixedList' && b.id === 'fixedList') {
    const items = a.size === b.size ? widenItems([a.item], [b.item]) : null;
    return items === null ? null : { ...a, item: items[0]! };
  }
  if (a.id === 'struct' && b.id === 'struct') {
    const fields = widenFields(a.fields, b.fields);
    return fields === null ? null : { ...a, fields };
  }
  if (a.id === 'map' && b.id === 'map') {
    const items = widenItems([a.key, a.value], [b.key, b.value]);
    return items === null ? null : { ...a, key: items[0]!, value: items[1]! };
  }
  return typeName(a) === typeName(b) ? a : null;
}

function widenField(a: ArrowField, b: ArrowField): ArrowField | null {
  if (!sameLogical(a.logical, b.logical)) return null;
  const type = widenType(a.type, b.type);
  if (type === null) return null;
  const logical = a.logical === b.logical ? a.logical : null;
  return { name: a.name, type, nullable: a.nullable || b.nullable, logical };
}

const mismatch = (uri: string, column: string, message: string): ParloadError =>
  new ParloadError('SCHEMA_MISMATCH', message, { where: { input: uri, column } });

function mergeTwo(merged: ArrowSchema, first: string, next: FileSchema): ArrowSchema {
  const others = new Map(next.schema.fields.map((field) => [field.name, field]));
  const fields = merged.fields.map((field) => {
    const other = others.get(field.name);
    if (other === undefined) {
      throw mismatch(
        next.uri,
        field.name,
        `${next.uri} lacks the column "${field.name}", which ${first} has`,
      );
    }
    others.delete(field.name);
    const wide = widenField(field, other);
    if (wide === null) {
      throw mismatch(
        next.uri,
        field.name,
        `the column "${field.name}" is ${fieldTypeName(other)} in ${next.uri} and ${fieldTypeName(field)} in ${first}`,
      );
    }
    return wide;
  });
  for (const name of others.keys()) {
    throw mismatch(next.uri, name, `${next.uri} has the column "${name}", which ${first} lacks`);
  }
  return { fields };
}

/** Names and types must agree; order may differ (the first file's holds), and a column nullable anywhere is nullable. */
export function mergeSchemas(files: readonly FileSchema[]): ArrowSchema {
  const [first, ...rest] = files;
  if (first === undefined) throw new ParloadError('SOURCE_NOT_FOUND', 'there is no input');
  refuseDuplicates(first);
  let merged = first.schema;
  for (const file of rest) {
    // files of one writer mostly share one schema object, see SchemaCache
    if (file.schema === first.schema) continue;
    refuseDuplicates(file);
    merged = mergeTwo(merged, first.uri, file);
  }
  return merged;
}
