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
    return { ...valueOf(node, hint, slot), nullable: node.repetition === 'optional' };
  }
  // repeated without a list around it: a list that is never null
  const isList = hint?.type.id === 'list';
  const item = { ...valueOf(node, isList ? itemHint(hint) : hint, node.maxDefinition), nullable: false };
  return { name: node.name, type: { id: 'list', large: false, item }, nullable: false, logical: null };
}

const itemHint = (hint: ArrowField | null): ArrowField | null =>
  hint?.type.id === 'list' || hint?.type.id === 'fixedList' ? hint.type.item : null;

/** A node that is there once or not. */
function valueOf(node: SchemaNode, hint: ArrowField | null, slot: number): Omit<ArrowField, 'nullable'> {
  const { name } = node;
  if (node.physical !== null) return { name, ...leafType(node, hint) };
  // nothing is stored for it
  if (!hasLeaves(node)) return { name, type: { id: 'null' }, logical: null };
  const kind = node.logical?.kind;
  const type = kind === 'list' ? listType(node, hint, slot) : kind === 'map' ? mapType(node, hint) : null;
  return { name, type: type ?? structType(node.children, hint, slot), logical: null };
}

function structType(nodes: readonly SchemaNode[], hint: ArrowField | null, slot: number): ArrowType {
  const hints = hint?.type.id === 'struct' ? hint.type.fields : null;
  return { id: 'struct', fields: nodes.map((child, i) => fieldOf(child, hintAt(hints, nodes, i), slot)) };
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
    ? { ...valueOf(repeated, inner, repeated.maxDefinition), nullable: false }
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
  const [key, value] = repeated.children.map((child, i) =>
    fieldOf(child, hintAt(hints, repeated.children, i), repeated.maxDefinition),
  );
  if (repeated.children.length === 2) return { id: 'map', key: key!, value: value! };
  // keys alone: a set
  return repeated.children.length === 1 ? { id: 'list', large: false, item: key! } : null;
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

/** Errors: PARQUET_CORRUPT, PARQUET_UNSUPPORTED with the column. */
export function arrowSchema(meta: ParquetMetadata): ArrowSchema {
  const nodes = meta.schema.root.children;
  const hints = readArrowSchema(meta.keyValue('ARROW:schema'));
  const wkb = geoColumns(meta.keyValue('geo'));
  const fields = nodes.map((node, i): ArrowField => {
    const field = fieldOf(node, hintAt(hints, nodes, i), 0);
    const isWkb = field.logical === null && field.type.id === 'binary' && wkb.has(field.name);
    return isWkb ? { ...field, logical: 'wkb' } : field;
  });
  return { fields };
}
