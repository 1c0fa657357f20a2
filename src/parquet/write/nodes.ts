// An Arrow schema as Parquet's tree: what becomes a group, what repeats, and which levels a value has.
import { isValid, offsetWords } from '../../arrow/index.ts';
import type { ArrowColumn, ArrowField } from '../../model/index.ts';
import { T, type ThriftWriter } from '../thrift.ts';
import { LeafColumn, type WriteCodec } from './leaf-column.ts';
import { leafTypeOf, physicalCode } from './leaf-type.ts';

const REPETITION = { required: 0, optional: 1, repeated: 2 } as const;
const CONVERTED = { map: 1, list: 3 } as const;
const LOGICAL = { map: 2, list: 3 } as const;

interface Place {
  readonly path: readonly string[];
  readonly definition: number;
  readonly repetition: number;
}

/** One field of the schema, with all below it. */
export interface WriteNode {
  readonly field: ArrowField;
  readonly leaf: LeafColumn | null;
  readonly children: readonly WriteNode[];
  /** Levels of a value that is there; those of what it is in are lower. */
  readonly definition: number;
  readonly repetition: number;
}

export function nodeOf(field: ArrowField, above: Place, codec: WriteCodec, name = field.name): WriteNode {
  const { type } = field;
  const definition = above.definition + (field.nullable ? 1 : 0);
  const own = { path: [...above.path, name], definition, repetition: above.repetition };
  const node = (children: readonly WriteNode[], leaf: LeafColumn | null = null): WriteNode => ({
    field,
    leaf,
    children,
    definition,
    repetition: own.repetition,
  });
  const inside = (group: string): Place => ({
    path: [...own.path, group],
    definition: definition + 1,
    repetition: own.repetition + 1,
  });
  switch (type.id) {
    case 'struct':
      return node(type.fields.map((f) => nodeOf(f, own, codec)));
    case 'list':
    case 'fixedList':
      return node([nodeOf(type.item, inside('list'), codec, 'element')]);
    case 'map': {
      const at = inside('key_value');
      const key = nodeOf({ ...type.key, nullable: false }, at, codec, 'key');
      return node([key, nodeOf(type.value, at, codec, 'value')]);
    }
    default:
      return node([], new LeafColumn(leafTypeOf(field), own, codec));
  }
}

export const leavesOf = (node: WriteNode): LeafColumn[] =>
  node.leaf === null ? node.children.flatMap(leavesOf) : [node.leaf];

/** Schema elements of the footer, depth first; returns how many. */
export function writeElements(w: ThriftWriter, node: WriteNode, name = node.field.name): number {
  const { field, leaf } = node;
  const repetition = field.nullable ? REPETITION.optional : REPETITION.required;
  if (leaf !== null) {
    writeLeaf(w, leaf, repetition, name);
    return 1;
  }
  const { id } = field.type;
  if (id === 'struct') {
    writeGroup(w, { repetition, name, children: node.children.length });
    return 1 + node.children.reduce((sum, child) => sum + writeElements(w, child), 0);
  }
  const kind = id === 'map' ? 'map' : 'list';
  writeGroup(w, { repetition, name, children: 1, kind });
  const inner = id === 'map' ? 'key_value' : 'list';
  writeGroup(w, { repetition: REPETITION.repeated, name: inner, children: node.children.length });
  const names = id === 'map' ? ['key', 'value'] : ['element'];
  return 2 + node.children.reduce((sum, child, k) => sum + writeElements(w, child, names[k]), 0);
}

function writeLeaf(w: ThriftWriter, { type }: LeafColumn, repetition: number, name: string): void {
  w.field(1, T.i32, 0).int(physicalCode(type));
  let last = 1;
  const next = (id: number, wire: number): ThriftWriter => {
    w.field(id, wire, last);
    last = id;
    return w;
  };
  if (type.physical === 'FIXED_LEN_BYTE_ARRAY') next(2, T.i32).int(type.width);
  next(3, T.i32).int(repetition);
  next(4, T.binary).binary(Buffer.from(name));
  if (type.converted >= 0) next(6, T.i32).int(type.converted);
  if (type.digits !== null) {
    next(7, T.i32).int(type.digits.scale);
    next(8, T.i32).int(type.digits.precision);
  }
  if (type.logical !== null) {
    next(10, T.struct);
    type.logical(w);
  }
  w.stop();
}

interface Group {
  readonly repetition: number;
  readonly name: string;
  readonly children: number;
  readonly kind?: 'map' | 'list';
}

function writeGroup(w: ThriftWriter, { repetition, name, children, kind }: Group): void {
  w.field(3, T.i32, 0).int(repetition);
  w.field(4, T.binary, 3).binary(Buffer.from(name));
  w.field(5, T.i32, 4).int(children);
  if (kind !== undefined) {
    w.field(6, T.i32, 5).int(CONVERTED[kind]);
    w.field(10, T.struct, 6).field(LOGICAL[kind], T.struct, 0).stop().stop();
  }
  w.stop();
}

/** The child's rows are counted from its own start, the parent's offset on top. */
const itemsOf = (column: ArrowColumn): ArrowColumn => column.children[0]!;

/**
 * Levels of row `i` of a column into its leaves. A struct's children, and a fixed list's items, are counted from the
 * column's offset.
 */
export function shred(node: WriteNode, column: ArrowColumn, i: number, repetition: number): void {
  const { field, leaf, definition } = node;
  if (field.nullable && !isValid(column, i)) {
    absent(node, definition - 1, repetition);
    return;
  }
  if (leaf !== null) {
    leaf.value(i, repetition);
    return;
  }
  const at = column.offset + i;
  switch (field.type.id) {
    case 'struct':
      for (let k = 0; k < node.children.length; k++)
        shred(node.children[k]!, column.children[k]!, at, repetition);
      return;
    case 'fixedList':
      shredItems(node, itemsOf(column), at * field.type.size, (at + 1) * field.type.size, repetition);
      return;
    case 'list': {
      const { values, stride } = offsetWords(column);
      shredItems(node, itemsOf(column), values[at * stride]!, values[(at + 1) * stride]!, repetition);
      return;
    }
    default: {
      const { values } = offsetWords(column);
      shredEntries(node, itemsOf(column), values[at]!, values[at + 1]!, repetition);
    }
  }
}

function shredItems(node: WriteNode, items: ArrowColumn, from: number, to: number, repetition: number): void {
  if (from === to) absent(node, node.definition, repetition);
  for (let k = from; k < to; k++)
    shred(node.children[0]!, items, k, k === from ? repetition : node.repetition + 1);
}

function shredEntries(
  node: WriteNode,
  entries: ArrowColumn,
  from: number,
  to: number,
  repetition: number,
): void {
  if (from === to) absent(node, node.definition, repetition);
  for (let k = from; k < to; k++) {
    const level = k === from ? repetition : node.repetition + 1;
    shred(node.children[0]!, entries.children[0]!, entries.offset + k, level);
    shred(node.children[1]!, entries.children[1]!, entries.offset + k, level);
  }
}

function absent(node: WriteNode, definition: number, repetition: number): void {
  if (node.leaf !== null) node.leaf.absent(definition, repetition);
  else for (const child of node.children) absent(child, definition, repetition);
}

/** Values of one batch, after its levels: each leaf from its own Arrow column. */
export function takeValues(node: WriteNode, column: ArrowColumn): void {
  if (node.leaf !== null) {
    node.leaf.take(column);
    return;
  }
  const parts = node.field.type.id === 'map' ? itemsOf(column).children : column.children;
  for (let k = 0; k < node.children.length; k++) takeValues(node.children[k]!, parts[k]!);
}
