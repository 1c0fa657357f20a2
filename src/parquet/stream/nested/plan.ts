// Which part of a Parquet column becomes which part of an Arrow column. Lists and maps have layers of groups in Parquet that
// Arrow does not have, and old writers made them in several ways; the Arrow type says what is looked for.
import type { ArrowField, ArrowType } from '../../../model/index.ts';
import { hasLeaves, type SchemaNode } from '../../schema.ts';

/** An element is there, for the parent to hold, in entries whose levels are `repetition` at most and `definition` at least. */
interface Slot {
  readonly repetition: number;
  readonly definition: number;
}

interface PlanBase {
  readonly slot: Slot;
  /** Definition level from which on the element is not null. */
  readonly present: number;
  /** Indices into the column's leaves: `first <= leaf < last`. */
  readonly first: number;
  readonly last: number;
}

export interface LeafPlan extends PlanBase {
  readonly kind: 'leaf';
  readonly type: ArrowType;
  readonly leaf: SchemaNode;
}

export interface StructPlan extends PlanBase {
  readonly kind: 'struct';
  readonly type: Extract<ArrowType, { id: 'struct' }>;
  readonly children: readonly NestedPlan[];
}

/** Lists of all kinds, and maps: their one child is the item, or the struct of key and value. */
export interface ListPlan extends PlanBase {
  readonly kind: 'list';
  readonly type: Extract<ArrowType, { id: 'list' | 'fixedList' | 'map' }>;
  /** What entries must have to be an element of the list. */
  readonly item: Slot;
  readonly child: NestedPlan;
}

export type NestedPlan = LeafPlan | StructPlan | ListPlan;

/** Null when the two do not fit. `field`: of the Arrow schema; `node`: the root column of the same name. */
export function planNested(node: SchemaNode, field: ArrowField): NestedPlan | null {
  return new Planner().column(node, field.type, { repetition: 0, definition: 0 });
}

class Planner {
  #leaves = 0;

  /** A node as its own column or field, whatever its repetition. */
  column(node: SchemaNode, type: ArrowType, slot: Slot): NestedPlan | null {
    if (node.repetition !== 'repeated') return this.#value(node, type, slot);
    // repeated without a list around it: a list that is never null
    if (type.id !== 'list') return null;
    return this.#list(type, slot, slot.definition, node, (item) => this.#value(node, type.item.type, item));
  }

  /** A node that is there once or not. */
  #value(node: SchemaNode, type: ArrowType, slot: Slot): NestedPlan | null {
    const first = this.#leaves;
    const present = node.maxDefinition;
    if (node.physical !== null) {
      if (isNested(type)) return null;
      this.#leaves++;
      return { kind: 'leaf', slot, present, first, last: first + 1, type, leaf: node };
    }
    switch (type.id) {
      case 'struct':
        return this.#struct(node.children, type, slot, present);
      case 'list':
      case 'fixedList':
        return this.#listGroup(node, type, slot, present);
      case 'map':
        return this.#mapGroup(node, type, slot, present);
      default:
        return null;
    }
  }

  #struct(
    group: readonly SchemaNode[],
    type: StructPlan['type'],
    slot: Slot,
    present: number,
  ): NestedPlan | null {
    const first = this.#leaves;
    // the schema has no fields for groups without values
    const nodes = group.filter(hasLeaves);
    if (nodes.length !== type.fields.length) return null;
    const children: NestedPlan[] = [];
    for (let i = 0; i < nodes.length; i++) {
      const child = this.column(nodes[i]!, type.fields[i]!.type, slot);
      if (child === null) return null;
      children.push(child);
    }
    if (this.#leaves === first) return null;
    return { kind: 'struct', slot, present, first, last: this.#leaves, type, children };
  }

  #list(
    type: ListPlan['type'],
    slot: Slot,
    present: number,
    repeated: SchemaNode,
    child: (item: Slot) => NestedPlan | null,
  ): NestedPlan | null {
    const first = this.#leaves;
    const item = { repetition: slot.repetition + 1, definition: repeated.maxDefinition };
    const plan = child(item);
    if (plan === null || this.#leaves === first) return null;
    return { kind: 'list', slot, present, first, last: this.#leaves, type, item, child: plan };
  }

  /** `optional group a (LIST) { repeated group list { optional int32 element } }`, or the repeated field is the element. */
  #listGroup(
    node: SchemaNode,
    type: Extract<ArrowType, { id: 'list' | 'fixedList' }>,
    slot: Slot,
    present: number,
  ): NestedPlan | null {
    const repeated = onlyRepeated(node);
    if (repeated === null) return null;
    const before = this.#leaves;
    const item = type.item.type;
    const ways = [
      (s: Slot) => (repeated.children.length === 1 ? this.column(repeated.children[0]!, item, s) : null),
      (s: Slot) => this.#value(repeated, item, s),
    ];
    // both ways can fit a group of one field: an Arrow struct of that field is the group itself
    if (isElementItself(node, repeated)) ways.reverse();
    for (const way of ways) {
      this.#leaves = before;
      const plan = this.#list(type, slot, present, repeated, way);
      if (plan !== null) return plan;
    }
    return null;
  }

  #mapGroup(
    node: SchemaNode,
    type: Extract<ArrowType, { id: 'map' }>,
    slot: Slot,
    present: number,
  ): NestedPlan | null {
    const repeated = onlyRepeated(node);
    if (repeated === null) return null;
    const entries = { id: 'struct', fields: [type.key, type.value] } as const;
    return this.#list(type, slot, present, repeated, (item) =>
      this.#struct(repeated.children, entries, item, repeated.maxDefinition),
    );
  }
}

const NESTED = new Set<ArrowType['id']>(['list', 'fixedList', 'struct', 'map']);
const isNested = (type: ArrowType): boolean => NESTED.has(type.id);

function onlyRepeated(node: SchemaNode): SchemaNode | null {
  const [child] = node.children;
  return node.children.length === 1 && child!.repetition === 'repeated' ? child! : null;
}

/** The rules of the format for lists of old writers. */
const isElementItself = (list: SchemaNode, repeated: SchemaNode): boolean =>
  repeated.physical !== null ||
  repeated.children.length !== 1 ||
  repeated.name === 'array' ||
  repeated.name === `${list.name}_tuple`;
