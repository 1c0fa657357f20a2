// The levels of one batch -> validity and offsets of every layer. All leaves below a layer must tell the same of it: a file in
// which a map has more keys than values contradicts itself.
import type { ArrowColumn } from '../../../model/index.ts';
import { corruptPage } from '../values.ts';
import type { ListPlan, NestedPlan } from './plan.ts';

/** Levels of the entries of one leaf, from the batch's first row on. */
export interface Entries {
  readonly repetition: Int32Array;
  readonly definition: Int32Array;
  readonly count: number;
}

/** The leaves of a column in the order of its plan. */
export interface LeafResult {
  readonly entries: Entries;
  /** Its values, with an element for each slot. */
  column(): ArrowColumn;
}

interface Validity {
  readonly length: number;
  readonly nullCount: number;
  readonly bits: Uint8Array;
}

function validityOf(entries: Entries, { slot, present }: NestedPlan): Validity {
  const { repetition, definition, count } = entries;
  const bits = new Uint8Array((count + 7) >> 3);
  let length = 0;
  let valid = 0;
  for (let e = 0; e < count; e++) {
    if (repetition[e]! > slot.repetition || definition[e]! < slot.definition) continue;
    if (definition[e]! >= present) {
      bits[length >> 3]! |= 1 << (length & 7);
      valid++;
    }
    length++;
  }
  return { length, nullCount: length - valid, bits: bits.subarray(0, (length + 7) >> 3) };
}

/** Where the elements of each list begin, and where the last one ends. */
function offsetsOf(entries: Entries, { slot, item }: ListPlan, lists: number): Int32Array {
  const { repetition, definition, count } = entries;
  const offsets = new Int32Array(lists + 1);
  let list = 0;
  let items = 0;
  for (let e = 0; e < count; e++) {
    const isList = repetition[e]! <= slot.repetition && definition[e]! >= slot.definition;
    if (isList) offsets[list++] = items;
    if (repetition[e]! <= item.repetition && definition[e]! >= item.definition) items++;
  }
  offsets[list] = items;
  return offsets;
}

const contradiction = () => corruptPage('the parts of a nested column have different shapes');

const isSame = (a: Uint8Array | Int32Array, b: Uint8Array | Int32Array): boolean =>
  Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
const bytesOf = (a: Uint8Array | Int32Array): Uint8Array =>
  new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

export function assemble(plan: NestedPlan, leaves: readonly LeafResult[]): ArrowColumn {
  if (plan.kind === 'leaf') return leaves[plan.first]!.column();
  const entries = leaves[plan.first]!.entries;
  const validity = validityOf(entries, plan);
  for (let k = plan.first + 1; k < plan.last; k++) {
    const other = validityOf(leaves[k]!.entries, plan);
    if (other.length !== validity.length || !isSame(other.bits, validity.bits)) throw contradiction();
  }
  const base = {
    type: plan.type,
    length: validity.length,
    offset: 0,
    nullCount: validity.nullCount,
    validity: validity.nullCount === 0 ? null : validity.bits,
    data: null,
    dictionary: null,
  };
  if (plan.kind === 'struct') {
    return {
      ...base,
      offsets: null,
      children: plan.children.map((child) => assemble(child, leaves)),
    };
  }
  const offsets = offsetsOf(entries, plan, validity.length);
  for (let k = plan.first + 1; k < plan.last; k++) {
    if (!isSame(offsetsOf(leaves[k]!.entries, plan, validity.length), offsets)) throw contradiction();
  }
  return { ...base, ...listParts(plan, offsets, assemble(plan.child, leaves)) };
}

function listParts(
  { type }: ListPlan,
  offsets: Int32Array,
  child: ArrowColumn,
): Pick<ArrowColumn, 'offsets' | 'children'> {
  if (type.id === 'fixedList') {
    for (let i = 0; i < offsets.length; i++) {
      if (offsets[i] !== i * type.size)
        throw corruptPage(`a list has not the ${type.size} elements of its type`);
    }
    return { offsets: null, children: [child] };
  }
  const isLarge = type.id === 'list' && type.large;
  const words = isLarge ? new Int32Array(2 * offsets.length) : offsets;
  if (isLarge) for (let i = 0; i < offsets.length; i++) words[2 * i] = offsets[i]!;
  return { offsets: bytesOf(words), children: [child] };
}
