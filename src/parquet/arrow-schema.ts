// The Arrow schema of a Parquet file. Lists and maps have layers of groups in Parquet that Arrow does not have, and old writers
// made them in several ways: see "Nested Types" in the format's LogicalTypes.md.
import type { ArrowField, ArrowSchema, ArrowType } from '../model/index.ts';
import { readArrowSchema } from './arrow-ipc.ts';
import { leafType } from './leaf-type.ts';
import type { ParquetMetadata } from './metadata.ts';
import { hasLeaves, type SchemaNode } from './schema.ts';

/** The writer's own fields for some nodes, when they are as many. */
type Hints = readonly ArrowField[] | null;

const hintAt = (hints: Hints, nodes: readonly SchemaNode[], i: number): ArrowField | null =>
  hints?.length === nodes.length ? hints[i]! : null;

/**
 * A node as its own column or field, whatever its repetition. `slot`: definition level from which on there is a place for
 * it, that of the innermost list around it.
 */
function fieldOf(node: SchemaNode, hint: ArrowField | null, slot: number): ArrowField {
  if (node.repetition !== 'repeated') {
    return { ...onceField(node, hint, slot), nullable: node.repetition === 'optional' };
  }
  // repeated without a list around it: a list that is never null
  const isList = hint?.type.id === 'list';
  const item = { ...onceField(node, isList ? itemHint(hint) : hint, node.maxDefinition), nullable: false };
  return { name: node.name, type: { id: 'list', large: false, item }, nullable: false, logical: null };
}

const itemHint = (hint: ArrowField | null): ArrowField | null =>
  hint?.type.id === 'list' || hint?.type.id === 'fixedList' ? hint.type.item : null;

/** Groups without a value anywhere below are left out: nothing is stored for them, not even whether they are null. */
const fieldsOf = (nodes: readonly SchemaNode[], hints: Hints, slot: number): ArrowField[] =>
  nodes.flatMap((node, i) => (hasLeaves(node) ? fieldOf(node, hintAt(hints, nodes, i), slot) : []));

/** A node that is there once or not. */
function onceField(node: SchemaNode, hint: ArrowField | null, slot: number): Omit<ArrowField, 'nullable'> {
  const { name } = node;
  if (node.physical !== null) return { name, ...leafType(node, hint) };
  const kind = node.logical?.kind;
  const type = kind === 'list' ? listType(node, hint, slot) : kind === 'map' ? mapType(node, hint) : null;
  return { name, type: type ?? structType(node.children, hint, slot), logical: null };
}

function structType(nodes: readonly SchemaNode[], hint: ArrowField | null, slot: number): ArrowType {
  const hints = hint?.type.id === 'struct' ? hint.type.fields : null;
  return { id: 'struct', fields: fieldsOf(nodes, hints, slot) };
}

function onlyRepeated(node: SchemaNode): SchemaNode | null {
  const [child] = node.children;
  return node.children.length === 1 && child!.repetition === 'repeated' ? child! : null;
}

/** The repeated node of a list is its element, not a layer around it. */
const isElement = (list: SchemaNode, repeated: SchemaNode): boolean =>
  repeated.physical !== null ||
  repeated.children.length !== 1 ||
  repeated.name === 'array' ||
  repeated.name === `${list.name}_tuple`;

function listType(node: SchemaNode, hint: ArrowField | null, slot: number): ArrowType | null {
  const repeated = onlyRepeated(node);
  if (repeated === null) return null;
  const inner = itemHint(hint);
  const item = isElement(node, repeated)
    ? { ...onceField(repeated, inner, repeated.maxDefinition), nullable: false }
    : fieldOf(repeated.children[0]!, inner, repeated.maxDefinition);
  const large = hint?.type.id === 'list' && hint.type.large;
  // a list that is missing has no elements in Parquet, but in Arrow as many as every list of fixed size
  const isNeverNull = node.maxDefinition === slot;
  if (hint?.type.id === 'fixedList' && isNeverNull) return { id: 'fixedList', size: hint.type.size, item };
  return { id: 'list', large, item };
}

function mapType(node: SchemaNode, hint: ArrowField | null): ArrowType | null {
  const repeated = onlyRepeated(node);
  if (repeated === null || repeated.physical !== null) return null;
  const hints = hint?.type.id === 'map' ? [hint.type.key, hint.type.value] : null;
  const [key, value, ...more] = fieldsOf(repeated.children, hints, repeated.maxDefinition);
  if (key === undefined || more.length > 0) return null;
  // keys alone: a set
  return value === undefined ? { id: 'list', large: false, item: key } : { id: 'map', key, value };
}

/** Columns that GeoParquet metadata (key `geo`) declares as well-known binary. Broken metadata declares none. */
function geoColumns(geo: string | null): ReadonlySet<string> {
  if (geo === null) return new Set();
  try {
    const columns = (JSON.parse(geo) as { columns?: Record<string, { encoding?: unknown }> }).columns ?? {};
    return new Set(Object.keys(columns).filter((name) => columns[name]?.encoding === 'WKB'));
  } catch {
    return new Set();
  }
}

export interface FileSchema extends ArrowSchema {
  /** What the file says and is not followed, for the user. */
  readonly notes: readonly string[];
}

const ARROW_KEY = 'ARROW:schema';

/** The writer's own fields when they are readable and of the columns that the file has; otherwise a note. */
function writersFields(meta: ParquetMetadata, notes: string[]): Hints {
  const encoded = meta.keyValue(ARROW_KEY);
  if (encoded === null) return null;
  const fields = readArrowSchema(encoded);
  const nodes = meta.schema.root.children;
  const fits = fields?.length === nodes.length && fields.every(({ name }, i) => name === nodes[i]!.name);
  if (fits) return fields;
  const what = fields === null ? 'cannot be read' : 'is of other columns than the file has';
  notes.push(`the metadata ${ARROW_KEY} ${what} and is ignored: types are those that Parquet tells`);
  return null;
}

/** Errors: PARQUET_CORRUPT, PARQUET_UNSUPPORTED with the column. */
export function arrowSchema(meta: ParquetMetadata): FileSchema {
  const nodes = meta.schema.root.children;
  const notes: string[] = [];
  const wkb = geoColumns(meta.keyValue('geo'));
  const fields = fieldsOf(nodes, writersFields(meta, notes), 0).map((field) => {
    const isWkb = field.logical === null && field.type.id === 'binary' && wkb.has(field.name);
    return isWkb ? { ...field, logical: 'wkb' as const } : field;
  });
  const empty = nodes.filter((node) => !hasLeaves(node)).map((node) => `"${node.name}"`);
  if (empty.length > 0) notes.push(`left out, as they are groups without any value: ${empty.join(', ')}`);
  return { fields, notes };
}
