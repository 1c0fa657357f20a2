// Writers made of other writers: dictionaries and lists.
import {
  int8Values,
  int16Values,
  int32Values,
  offsetWords,
  uint8Values,
  uint16Values,
} from '../../../arrow/index.ts';
import type { ArrowColumn, ArrowType } from '../../../model/index.ts';
import { type Binding, bindColumn, type CodePlace, nullable, type ValueWriter } from '../writer.ts';

/** Values of an inner column under names that do not meet the outer ones. */
const INNER = 'x';

interface InnerBinding {
  readonly variant: string;
  readonly values: Binding;
  /** The inner writer's own binding, for its `varBytes`. */
  readonly own: Binding;
}

function bindInner(inner: ValueWriter, column: ArrowColumn): InnerBinding {
  const bound = bindColumn(inner, column);
  const values: Record<string, unknown> = { xbits: bound.validity, xbit: bound.bitOffset };
  for (const [name, value] of Object.entries(bound.values)) values[INNER + name] = value;
  // a column of type null has no bitmap at all
  const nulls = bound.validity === null ? '' : '?';
  return { variant: `${nulls}${bound.variant}`, values, own: bound.values };
}

const innerNames = (inner: ValueWriter): string[] => [
  'xbits',
  'xbit',
  ...inner.names.map((name) => INNER + name),
];

const innerCode = (inner: ValueWriter, place: CodePlace, onNull = ''): string => {
  const { n, i, row, variant } = place;
  const nulls = variant.startsWith('?');
  const body = inner.code({
    n: (name) => n(INNER + name),
    i,
    row,
    variant: nulls ? variant.slice(1) : variant,
  });
  return nulls ? nullable(n('xbits'), n('xbit'), i, body, onNull) : body;
};

const indexView = (c: ArrowColumn, type: ArrowType): { subarray(from: number): unknown } => {
  if (type.id !== 'int') return int32Values(c);
  if (type.bits === 8) return type.signed ? int8Values(c) : uint8Values(c);
  if (type.bits === 16) return type.signed ? int16Values(c) : uint16Values(c);
  return int32Values(c);
};

interface NestedBinding extends Binding {
  readonly own: Binding;
  /** Dictionary: bytes that its longest value needs beyond `maxBytes`. */
  readonly longest: number;
  readonly of: Uint32Array;
  readonly s: number;
}

/** A dictionary-encoded column, written as its values. */
export function dictionaryWriter(inner: ValueWriter, index: ArrowType): ValueWriter {
  return {
    key: `dict(${inner.key})`,
    names: ['ix', ...innerNames(inner)],
    maxBytes: inner.maxBytes,
    bind: (c) => {
      const dictionary = c.dictionary!;
      const bound = bindInner(inner, dictionary);
      let longest = 0;
      for (let k = 0; inner.varBytes !== undefined && k < dictionary.length; k++) {
        longest = Math.max(longest, inner.varBytes(bound.own, k, k + 1));
      }
      const ix = indexView(c, index).subarray(c.offset);
      return { variant: bound.variant, values: { ...bound.values, ix, longest } };
    },
    code: ({ n, i, row, variant }) =>
      `{const k=${n('ix')}[${i}];${innerCode(inner, { n, i: 'k', row, variant })}}`,
    varBytes: (values, from, to) => (values as NestedBinding).longest * (to - from),
  };
}

/** ndim, flags, element oid, then length and lower bound of the one dimension. */
const ARRAY_HEADER = 4 + 12 + 8;

/** A list as a one-dimensional array; an empty list is an empty array. `size` is set for fixed-size lists. */
export function listWriter(
  inner: ValueWriter,
  elementOid: number,
  size: number | null,
  depth: number,
): ValueWriter {
  const bindOffsets = (c: ArrowColumn): { of: unknown; s: number } => {
    if (size !== null) return { of: null, s: 0 };
    const { values, stride } = offsetWords(c);
    return { of: values.subarray(stride * c.offset), s: stride };
  };
  // each level of nesting needs variables of its own
  const v = (name: string): string => `${name}${depth}`;
  return {
    key: `list${size ?? ''}:${elementOid}(${inner.key})`,
    names: ['of', 's', ...innerNames(inner)],
    maxBytes: ARRAY_HEADER + (size ?? 0) * inner.maxBytes,
    bind: (c) => {
      const child = c.children[0]!;
      // a fixed-size list's child is addressed from the list's own offset
      const skip = (size ?? 0) * c.offset;
      const at = skip === 0 ? child : { ...child, offset: child.offset + skip, length: child.length - skip };
      const bound = bindInner(inner, at);
      return { variant: bound.variant, values: { ...bound.values, ...bindOffsets(c), own: bound.own } };
    },
    code: ({ n, i, row, variant }) => {
      const range =
        size === null
          ? `const ${v('p')}=${n('of')}[(${i})*${n('s')}],${v('q')}=${n('of')}[(${i}+1)*${n('s')}];`
          : `const ${v('p')}=(${i})*${size},${v('q')}=${v('p')}+${size};`;
      // the flag says whether this one array holds a null
      const flag = `dv.setInt32(${v('at')}+8,1);`;
      return (
        `{${range}const ${v('at')}=o;dv.setInt32(o+4,${v('q')}>${v('p')}?1:0);dv.setInt32(o+8,0);dv.setInt32(o+12,${elementOid});o+=16;` +
        `if(${v('q')}>${v('p')}){dv.setInt32(o,${v('q')}-${v('p')});dv.setInt32(o+4,1);o+=8;` +
        `for(let ${v('k')}=${v('p')};${v('k')}<${v('q')};${v('k')}++){${innerCode(inner, { n, i: v('k'), row, variant }, flag)}}}` +
        `dv.setInt32(${v('at')},o-${v('at')}-4);}`
      );
    },
    varBytes: (values, from, to) => {
      const { of, s, own } = values as NestedBinding;
      const [a, b] = size === null ? [of[from * s]!, of[to * s]!] : [from * size, to * size];
      const elements = size === null ? (b - a) * inner.maxBytes : 0;
      return elements + (inner.varBytes?.(own, a, b) ?? 0);
    },
  };
}
