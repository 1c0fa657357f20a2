// A dictionary-encoded column, written as its values.
import type { ArrowType } from '../../../model/index.ts';
import { indexValues } from '../../index-values.ts';
import type { Binding, ValueWriter } from '../writer.ts';
import { bindInner, innerCode, innerNames, touchesOf } from './inner.ts';

interface DictionaryBinding extends Binding {
  /** Bytes that the longest value needs beyond `maxBytes`. */
  readonly longest: number;
}

/** `depth` names the variable, so that a dictionary within another one does not hide it. */
export function dictionaryWriter(inner: ValueWriter, index: ArrowType, depth: number): ValueWriter {
  const k = `k${depth}d`;
  return {
    key: `dict${depth}(${inner.key})`,
    names: ['ix', ...innerNames(inner)],
    maxBytes: inner.maxBytes,
    ...touchesOf(inner),
    bind: (c, context) => {
      const dictionary = c.dictionary!;
      const bound = bindInner(inner, dictionary, context);
      let longest = 0;
      for (let at = 0; inner.varBytes !== undefined && at < dictionary.length; at++) {
        longest = Math.max(longest, inner.varBytes(bound.own, at, at + 1));
      }
      return { variant: bound.variant, values: { ...bound.values, ix: indexValues(c, index), longest } };
    },
    code: (place) => `{const ${k}=${place.n('ix')}[${place.i}];${innerCode(inner, { ...place, i: k })}}`,
    varBytes: (values, from, to) => (values as DictionaryBinding).longest * (to - from),
  };
}
