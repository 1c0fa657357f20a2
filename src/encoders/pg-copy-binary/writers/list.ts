// Lists as arrays of one dimension; lists of lists as arrays of several, where they are rectangular.
import { offsetWords } from '../../../arrow/index.ts';
import type { ArrowColumn } from '../../../model/index.ts';
import { childAt } from '../../json/index.ts';
import type { Binding, ValueWriter } from '../writer.ts';
import { bindInner, innerCode, innerNames, touchesOf } from './inner.ts';

interface ListBinding extends Binding {
  readonly own: Binding;
  readonly of: Uint32Array;
  readonly s: number;
}

/** Postgres' MAXDIM. */
export const MOST_DIMENSIONS = 6;
/** ndim, flags and element oid behind the length word, then length and lower bound of each dimension. */
const headerBytes = (dimensions: number): number => 4 + 12 + 8 * dimensions;

const offsetsOf = (c: ArrowColumn, size: number | null): { of: unknown; s: number } => {
  if (size !== null) return { of: null, s: 0 };
  const { values, stride } = offsetWords(c);
  return { of: values.subarray(stride * c.offset), s: stride };
};

/** A fixed-size list's child is addressed from the list's own offset. */
const itemsOf = (c: ArrowColumn, size: number | null): ArrowColumn =>
  childAt(c.children[0]!, (size ?? 0) * c.offset);

/** A list as a one-dimensional array; an empty list is an empty array. `size` is set for fixed-size lists. */
export function listWriter(
  inner: ValueWriter,
  elementOid: number,
  size: number | null,
  depth: number,
): ValueWriter {
  // each level of nesting needs variables of its own
  const v = (name: string): string => `${name}${depth}`;
  return {
    key: `list${size ?? ''}:${elementOid}(${inner.key})`,
    names: ['of', 's', ...innerNames(inner)],
    maxBytes: headerBytes(1) + (size ?? 0) * inner.maxBytes,
    ...touchesOf(inner),
    bind: (c, context) => {
      const bound = bindInner(inner, itemsOf(c, size), context);
      return { variant: bound.variant, values: { ...bound.values, ...offsetsOf(c, size), own: bound.own } };
    },
    code: (place) => {
      const { n, i } = place;
      const range =
        size === null
          ? `const ${v('p')}=${n('of')}[(${i})*${n('s')}],${v('q')}=${n('of')}[(${i}+1)*${n('s')}];`
          : `const ${v('p')}=(${i})*${size},${v('q')}=${v('p')}+${size};`;
      // the flag says whether this one array holds a null
      const flag = `dv.setInt32(${v('at')}+8,1);`;
      return (
        `{${range}const ${v('at')}=o;dv.setInt32(o+4,${v('q')}>${v('p')}?1:0);dv.setInt32(o+8,0);dv.setInt32(o+12,${elementOid});o+=16;` +
        `if(${v('q')}>${v('p')}){dv.setInt32(o,${v('q')}-${v('p')});dv.setInt32(o+4,1);o+=8;` +
        `for(let ${v('k')}=${v('p')};${v('k')}<${v('q')};${v('k')}++){${innerCode(inner, { ...place, i: v('k'), onNull: flag })}}}` +
        `dv.setInt32(${v('at')},o-${v('at')}-4);}`
      );
    },
    varBytes: (values, from, to) => {
      const { of, s, own } = values as ListBinding;
      const [a, b] = size === null ? [of[from * s]!, of[to * s]!] : [from * size, to * size];
      const elements = size === null ? (b - a) * inner.maxBytes : 0;
      return elements + (inner.varBytes?.(own, a, b) ?? 0);
    },
  };
}

/** One level of lists, the outermost first. */
export interface Level {
  readonly size: number | null;
}

interface MatrixBinding extends Binding {
  readonly own: Binding;
  readonly levels: readonly { readonly of: Uint32Array | null; readonly s: number }[];
}

/**
 * Lists of lists as one array of `levels.length` dimensions. Lists of one level must have one length and none may be
 * NULL or, below the first level, empty: an array cannot say that, so such a row is refused.
 */
export function matrixWriter(
  inner: ValueWriter,
  elementOid: number,
  levels: readonly Level[],
  depth: number,
): ValueWriter {
  const v = (name: string): string => `${name}${depth}`;
  const dimensions = levels.length;
  const shape = levels.map(({ size }) => size ?? 'v').join('x');
  return {
    key: `matrix${shape}:${elementOid}(${inner.key})`,
    names: [...levels.flatMap((_, l) => [`of${l}`, `s${l}`, `b${l}`, `f${l}`]), ...innerNames(inner)],
    maxBytes: headerBytes(dimensions),
    ...touchesOf(inner),
    bind: (c, context) => {
      const bindings: Record<string, unknown> = {};
      const own: { of: Uint32Array | null; s: number }[] = [];
      let column = c;
      levels.forEach(({ size }, l) => {
        const { of, s } = offsetsOf(column, size);
        own.push({ of: of as Uint32Array | null, s });
        bindings[`of${l}`] = of;
        bindings[`s${l}`] = s;
        bindings[`b${l}`] = column.nullCount === 0 ? null : column.validity;
        bindings[`f${l}`] = column.offset;
        column = itemsOf(column, size);
      });
      const bound = bindInner(inner, column, context);
      return {
        variant: bound.variant,
        values: { ...bindings, ...bound.values, own: bound.own, levels: own },
      };
    },
    code: (place) => {
      const { n, i, row } = place;
      const start = (l: number, k: string): string => {
        const { size } = levels[l]!;
        return size === null ? `${n(`of${l}`)}[(${k})*${n(`s${l}`)}]` : `(${k})*${size}`;
      };
      const [p, q, at, k] = [v('p'), v('q'), v('at'), v('k')];
      // the elements of each level are those of the level below, from the first list's to the last one's
      const below = levels
        .slice(1)
        .map((_, index) => {
          const l = index + 1;
          const d = v(`d${l}_`);
          return (
            `const ${d}=H.sameLength(${n(`of${l}`)},${n(`s${l}`)},${levels[l]!.size ?? 0},${n(`b${l}`)},${n(`f${l}`)},${p},${q},${row});` +
            `dv.setInt32(o,${d});dv.setInt32(o+4,1);o+=8;${q}=${start(l, q)};${p}=${start(l, p)};`
          );
        })
        .join('');
      const flag = `dv.setInt32(${at}+8,1);`;
      return (
        `{let ${p}=${start(0, i)},${q}=${start(0, `${i}+1`)};const ${at}=o;` +
        `dv.setInt32(o+4,${q}>${p}?${dimensions}:0);dv.setInt32(o+8,0);dv.setInt32(o+12,${elementOid});o+=16;` +
        `if(${q}>${p}){dv.setInt32(o,${q}-${p});dv.setInt32(o+4,1);o+=8;${below}` +
        `for(let ${k}=${p};${k}<${q};${k}++){${innerCode(inner, { ...place, i: k, onNull: flag })}}}` +
        `dv.setInt32(${at},o-${at}-4);}`
      );
    },
    varBytes: (values, from, to) => {
      const { own, levels: bound } = values as MatrixBinding;
      let [a, b] = [from, to];
      levels.forEach(({ size }, l) => {
        const { of, s } = bound[l]!;
        [a, b] = of === null ? [a * size!, b * size!] : [of[a * s]!, of[b * s]!];
      });
      return (b - a) * inner.maxBytes + (inner.varBytes?.(own, a, b) ?? 0);
    },
  };
}
