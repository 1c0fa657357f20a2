// Structs as composite types: record_recv wants the count of attributes, then oid and value of each.
import { childAt } from '../../json/index.ts';
import type { Binding, ValueWriter } from '../writer.ts';
import { bindInner, innerCode, innerNames, touchesOf } from './inner.ts';

export interface Attribute {
  readonly oid: number;
  /** Which of the struct's fields it takes, and how; null: the struct has none for it, so it is NULL. */
  readonly part: { readonly index: number; readonly writer: ValueWriter } | null;
}

interface CompositeBinding extends Binding {
  readonly owns: readonly (Binding | null)[];
}

const NULL_CODE = 'dv.setInt32(o,-1);o+=4;';

export function compositeWriter(attributes: readonly Attribute[], depth: number): ValueWriter {
  const prefix = (a: number): string => `a${a}_`;
  const at = `at${depth}c`;
  return {
    key: `row${depth}(${attributes.map(({ oid, part }) => `${oid}:${part?.writer.key ?? ''}`).join(',')})`,
    names: attributes.flatMap(({ part }, a) => (part === null ? [] : innerNames(part.writer, prefix(a)))),
    maxBytes: attributes.reduce((sum, { part }) => sum + 4 + (part?.writer.maxBytes ?? 4), 8),
    ...touchesOf(...attributes.flatMap(({ part }) => (part === null ? [] : [part.writer]))),
    bind: (c, context) => {
      let values: Record<string, unknown> = {};
      const variants: (string | null)[] = [];
      const owns: (Binding | null)[] = [];
      attributes.forEach(({ part }, a) => {
        // a struct's children are counted from its own first element
        const bound =
          part === null
            ? null
            : bindInner(part.writer, childAt(c.children[part.index]!, c.offset), context, prefix(a));
        variants.push(bound?.variant ?? null);
        owns.push(bound?.own ?? null);
        values = { ...values, ...bound?.values };
      });
      return { variant: JSON.stringify(variants), values: { ...values, owns } };
    },
    code: (place) => {
      const variants = JSON.parse(place.variant) as (string | null)[];
      const parts = attributes.map(({ oid, part }, a) => {
        const code =
          part === null
            ? NULL_CODE
            : innerCode(part.writer, { ...place, variant: variants[a]!, onNull: '' }, prefix(a));
        return `dv.setInt32(o,${oid});o+=4;${code}`;
      });
      return `{const ${at}=o;dv.setInt32(o+4,${attributes.length});o+=8;${parts.join('')}dv.setInt32(${at},o-${at}-4);}`;
    },
    varBytes: (values, from, to) => {
      const { owns } = values as CompositeBinding;
      return attributes.reduce(
        (sum, { part }, a) => sum + (part?.writer.varBytes?.(owns[a]!, from, to) ?? 0),
        0,
      );
    },
  };
}
