// `--where`: rows that do not pass are left out of a batch's selection; nothing is copied.
import * as z from 'zod';
import { ParloadError } from '../../errors/index.ts';
import type {
  ArrowBatch,
  ArrowField,
  ArrowSchema,
  ArrowType,
  ColumnStats,
  Pruner,
  Transform,
  TransformModule,
} from '../../model/index.ts';
import type { Keep } from './fast-keep.ts';
import { filterError } from './filter-error.ts';
import { placeLiteral } from './literals.ts';
import { type Condition, type Literal, parseFilter } from './parser.ts';
import { keepInSet, keepNulls } from './predicate.ts';
import { canPruneNulls, canPruneSet, type DomainKind } from './prune.ts';
import { betweenSet, compareSet, inSet, type Placed, type RangeSet } from './ranges.ts';

const options = z.strictObject({
  /** Conditions joined by `and`. */
  where: z.string().min(1),
});

export type WhereOptions = z.infer<typeof options>;

/** A condition bound to its column. */
interface Check {
  readonly column: string;
  /** Position in the input schema. */
  readonly index: number;
  readonly keep: Keep;
  canPrune(stats: ColumnStats): boolean;
}

function setOf(condition: Exclude<Condition, { kind: 'null' }>, place: (l: Literal) => Placed): RangeSet {
  if (condition.kind === 'compare') return compareSet(condition.op, place(condition.value));
  if (condition.kind === 'in') return inSet(condition.values.map(place), condition.negated);
  return betweenSet(place(condition.low), place(condition.high), condition.negated);
}

function domainOf(type: ArrowType): DomainKind {
  if (type.id === 'dictionary') return domainOf(type.value);
  if (type.id === 'float') return 'float';
  return type.id === 'utf8' || type.id === 'binary' || type.id === 'fixedBinary' ? 'bytes' : 'whole';
}

function unknownColumn(filter: string, { column, at }: Condition, schema: ArrowSchema): ParloadError {
  const folded = column.toLowerCase();
  const near = schema.fields.find((field) => field.name.toLowerCase() === folded);
  const hint = near === undefined ? '' : `; there is "${near.name}", and names are case-sensitive`;
  const error = filterError(filter, at, `the source has no column "${column}"${hint}`, column);
  return new ParloadError('COLUMN_UNKNOWN', error.message, { where: error.where });
}

function checkFor(filter: string, condition: Condition, schema: ArrowSchema): Check {
  const { column } = condition;
  const index = schema.fields.findIndex((field) => field.name === column);
  if (index < 0) throw unknownColumn(filter, condition, schema);
  const field: ArrowField = schema.fields[index]!;
  if (condition.kind === 'null') {
    const { negated } = condition;
    return {
      column,
      index,
      keep: keepNulls(field, negated),
      canPrune: (stats) => canPruneNulls(negated, stats),
    };
  }
  const set = setOf(condition, (literal) => placeLiteral(filter, literal, field));
  const kind = domainOf(field.type);
  return {
    column,
    index,
    keep: keepInSet(field.type, set),
    canPrune: (stats) => canPruneSet(set, kind, stats),
  };
}

class WhereTransform implements Transform {
  readonly requires: readonly string[];
  readonly schema: ArrowSchema;
  readonly pruner: Pruner;
  readonly #checks: readonly Check[];
  /** Reused from batch to batch: a selection lives as long as its batch. */
  #rows = new Int32Array(0);

  constructor(filter: string, schema: ArrowSchema) {
    this.schema = schema;
    this.#checks = parseFilter(filter).map((condition) => checkFor(filter, condition, schema));
    this.requires = [...new Set(this.#checks.map((check) => check.column))];
    this.pruner = (statsOf) =>
      this.#checks.some((check) => {
        const stats = statsOf(check.column);
        return stats !== null && check.canPrune(stats);
      });
  }

  apply(batch: ArrowBatch): ArrowBatch {
    const selected = batch.selection;
    let count = selected === null ? batch.length : selected.length;
    if (this.#rows.length < count) this.#rows = new Int32Array(Math.max(count, batch.length));
    const rows = this.#rows;
    if (selected === null) for (let i = 0; i < count; i++) rows[i] = i;
    else rows.set(selected);
    for (const check of this.#checks) {
      if (count === 0) break;
      count = check.keep(batch.columns[check.index]!, rows, count);
    }
    // all rows pass: sinks are fastest without a selection
    if (selected === null && count === batch.length) return batch;
    return { ...batch, selection: rows.subarray(0, count) };
  }
}

export const transform: TransformModule<WhereOptions> = {
  kind: 'where',
  options,
  create: ({ where }, input) => new WhereTransform(where, input),
};
