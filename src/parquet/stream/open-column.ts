// The reader of one root column, by its place in the file's schema and its Arrow type.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowField } from '../../model/index.ts';
import type { SchemaNode } from '../schema.ts';
import type { BatchColumn } from './batch-column.ts';
import { leafPlans } from './nested/nested-column.ts';
import type { NestedLeafOptions } from './nested/nested-leaf.ts';
import { type NestedPlan, planNested } from './nested/plan.ts';
import { valueReader } from './value-reader.ts';
import type { ValueReader } from './values.ts';

/** Flat: no repetition, no struct around it. */
export const isFlat = (node: SchemaNode): boolean => node.physical !== null && node.maxRepetition === 0;

/** How leaves are made: for a file's map of pages, or for chunks that are in memory. */
export interface LeafMaker<C extends BatchColumn> {
  flat(leaf: SchemaNode, field: ArrowField, reader: ValueReader): C;
  nested(field: ArrowField, plan: NestedPlan, leaves: readonly NestedLeafOptions[]): C;
}

/** Bytes of levels and values that an entry takes at the least while it waits. */
const WAITING_BYTES = 16;

const unsupported = (column: string): ParloadError =>
  new ParloadError('PARQUET_UNSUPPORTED', `the column "${column}" is stored in a way that is not read here`, {
    where: { column },
    hint: 'Leave the column out with --exclude, or write the file again with another writer.',
  });

export function openColumn<C extends BatchColumn>(
  node: SchemaNode,
  field: ArrowField,
  memoryBytes: number,
  make: LeafMaker<C>,
): C {
  if (isFlat(node)) {
    const reader = valueReader(node, field.type);
    if (reader === null) throw unsupported(field.name);
    return make.flat(node, field, reader);
  }
  const plan = planNested(node, field);
  if (plan === null) throw unsupported(field.name);
  const mostEntries = Math.max(1 << 16, Math.floor(memoryBytes / WAITING_BYTES));
  const leaves = leafPlans(plan).map(({ leaf, type, slot }): NestedLeafOptions => {
    const reader = valueReader(leaf, type);
    if (reader === null) throw unsupported(leaf.path.join('.'));
    return { leaf, type, reader, slotDefinition: slot.definition, mostEntries };
  });
  return make.nested(field, plan, leaves);
}
