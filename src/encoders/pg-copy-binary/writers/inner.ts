// A writer inside another one: its names, views and code under a prefix, so that they do not meet the outer ones.
import type { ArrowColumn } from '../../../model/index.ts';
import type { WriteContext } from '../../write-context.ts';
import {
  type Binding,
  bindColumn,
  type CodePlace,
  elementCode,
  nullable,
  type ValueWriter,
} from '../writer.ts';

export interface InnerBinding {
  /** Begins with `?` when elements may be null, with `-` when none is. */
  readonly variant: string;
  readonly values: Binding;
  /** The inner writer's own binding, for its `varBytes`. */
  readonly own: Binding;
}

export function bindInner(
  inner: ValueWriter,
  column: ArrowColumn,
  context: WriteContext,
  prefix = 'x',
): InnerBinding {
  const bound = bindColumn(inner, column, context);
  const values: Record<string, unknown> = {
    [`${prefix}bits`]: bound.validity,
    [`${prefix}bit`]: bound.bitOffset,
  };
  for (const [name, value] of Object.entries(bound.values)) values[prefix + name] = value;
  // a column of type null has no bitmap at all
  const nulls = bound.validity === null ? '-' : '?';
  return { variant: `${nulls}${bound.variant}`, values, own: bound.values };
}

export const innerNames = (inner: ValueWriter, prefix = 'x'): string[] => [
  `${prefix}bits`,
  `${prefix}bit`,
  ...inner.names.map((name) => prefix + name),
];

/** The code of an element that may be null; `place` is the outer writer's, but for its `i`, `variant` and `onNull`. */
export function innerCode(inner: ValueWriter, place: CodePlace, prefix = 'x'): string {
  const { n, i, variant, onNull } = place;
  const nulls = variant.startsWith('?');
  const body = elementCode(inner, {
    ...place,
    n: (name) => n(prefix + name),
    variant: variant.slice(1),
  });
  return nulls ? nullable(n(`${prefix}bits`), n(`${prefix}bit`), i, body, onNull) : body;
}

/** The policies of the writers inside, each once. */
export function touchesOf(...inner: readonly ValueWriter[]): Pick<ValueWriter, 'touches'> {
  const all = new Set(inner.flatMap((writer) => writer.touches ?? []));
  return all.size === 0 ? {} : { touches: [...all] };
}
