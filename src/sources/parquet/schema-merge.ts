// One schema for all files of a job. Pure.
import { fieldTypeName, typeName, widerType } from '../../arrow/index.ts';
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

export interface MergeOptions {
  /** NULL where a file lacks a column, and the wider of two types. */
  readonly evolve: boolean;
}

/** Merges one file after the other; remembers which file each column came from, to name the pair that disagrees. */
class Merger {
  readonly #fields = new Map<string, ArrowField>();
  readonly #origins = new Map<string, string>();
  readonly #evolve: boolean;
  readonly #first: string;

  constructor(first: FileSchema, { evolve }: MergeOptions) {
    this.#evolve = evolve;
    this.#first = first.uri;
    for (const field of first.schema.fields) this.#put(field, first.uri);
  }

  get fields(): readonly ArrowField[] {
    return [...this.#fields.values()];
  }

  #put(field: ArrowField, uri: string): void {
    this.#fields.set(field.name, field);
    this.#origins.set(field.name, uri);
  }

  add({ uri, schema }: FileSchema): void {
    const others = new Map(schema.fields.map((field) => [field.name, field]));
    for (const field of this.fields) {
      const other = others.get(field.name);
      others.delete(field.name);
      if (other === undefined) this.#lacks(field, uri);
      else this.#meet(field, other, uri);
    }
    for (const [name, field] of others) {
      if (!this.#evolve) {
        throw mismatch(uri, name, `${uri} has the column "${name}", which ${this.#first} lacks`);
      }
      this.#put({ ...field, nullable: true }, uri);
    }
  }

  #lacks(field: ArrowField, uri: string): void {
    if (this.#evolve) this.#fields.set(field.name, { ...field, nullable: true });
    else {
      const message = `${uri} lacks the column "${field.name}", which ${this.#first} has`;
      throw mismatch(uri, field.name, message);
    }
  }

  #meet(field: ArrowField, other: ArrowField, uri: string): void {
    const wide = widenField(field, other) ?? (this.#evolve ? evolveField(field, other) : null);
    const origin = this.#origins.get(field.name)!;
    if (wide === null) {
      throw mismatch(
        uri,
        field.name,
        `the column "${field.name}" is ${fieldTypeName(other)} in ${uri} and ${fieldTypeName(field)} in ${origin}`,
      );
    }
    // what made it wider is the one to name from now on
    this.#put(wide, typeName(wide.type) === typeName(field.type) ? origin : uri);
  }
}

function evolveField(a: ArrowField, b: ArrowField): ArrowField | null {
  const type = sameLogical(a.logical, b.logical) ? widerType(a.type, b.type) : null;
  return type === null ? null : { ...a, type, nullable: a.nullable || b.nullable };
}

/**
 * Names and types must agree, unless they may evolve; order may differ (the first file's holds), and a column nullable
 * anywhere is nullable.
 */
export function mergeSchemas(
  files: readonly FileSchema[],
  options: MergeOptions = { evolve: false },
): ArrowSchema {
  const [first, ...rest] = files;
  if (first === undefined) throw new ParloadError('SOURCE_NOT_FOUND', 'there is no input');
  refuseDuplicates(first);
  const merger = new Merger(first, options);
  const seen = new Set([first.schema]);
  for (const file of rest) {
    // files of one writer mostly share one schema object, see SchemaCache
    if (seen.has(file.schema)) continue;
    seen.add(file.schema);
    refuseDuplicates(file);
    merger.add(file);
  }
  return { fields: merger.fields };
}

/** The columns of a file when they are not, name by name and type by type, those of the job. */
export interface OwnColumns {
  readonly own?: readonly ArrowField[];
}

export function ownColumns(own: ArrowSchema, wanted: readonly ArrowField[]): OwnColumns {
  const byName = new Map(own.fields.map((field) => [field.name, field]));
  const isSame = (field: ArrowField): boolean => {
    const mine = byName.get(field.name);
    return mine !== undefined && typeName(mine.type) === typeName(field.type);
  };
  return wanted.every(isSame) ? {} : { own: wanted.flatMap((field) => byName.get(field.name) ?? []) };
}
