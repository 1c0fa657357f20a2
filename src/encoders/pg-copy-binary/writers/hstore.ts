// Maps of text to text as hstore: count, then key and value each with its length, -1 for NULL.
import { offsetWords } from '../../../arrow/index.ts';
import type { ArrowColumn } from '../../../model/index.ts';
import { childAt, isNullIn, repeatedKey } from '../../json/index.ts';
import { refuse } from '../../refused-value.ts';
import { isFit, type TextBytes, TextRepair } from '../../text-repair.ts';
import type { WriteContext } from '../../write-context.ts';
import type { Binding, ValueWriter } from '../writer.ts';
import { bindBytes } from './bytes.ts';

const TEXT = { takesNul: false, hasEscapes: false } as const;

interface Texts extends TextBytes {
  readonly isNull: (i: number) => boolean;
  /** Only where there is something to repair. */
  readonly repair: TextRepair | null;
}

function textsOf(column: ArrowColumn, context: WriteContext): Texts {
  const bytes = bindBytes(column);
  const repair = isFit(bytes, column.length, TEXT) ? null : new TextRepair(context, TEXT);
  return { ...bytes, isNull: isNullIn(column), repair };
}

/** The entries of one batch's maps. */
class HstoreValues {
  readonly #of: Uint32Array;
  readonly #keys: Texts;
  readonly #values: Texts;
  #places = new Int32Array(64);

  constructor(column: ArrowColumn, context: WriteContext) {
    const entries = column.children[0]!;
    this.#of = offsetWords(column).values.subarray(column.offset);
    this.#keys = textsOf(childAt(entries.children[0]!, entries.offset), context);
    this.#values = textsOf(childAt(entries.children[1]!, entries.offset), context);
  }

  write(dv: DataView, u8: Uint8Array, o: number, i: number, row: number): number {
    const [from, to] = [this.#of[i]!, this.#of[i + 1]!];
    if (this.#places.length < 2 * (to - from)) this.#places = new Int32Array(4 * (to - from));
    const places = this.#places;
    dv.setInt32(o, to - from);
    o += 4;
    for (let k = from; k < to; k++) {
      if (this.#keys.isNull(k)) refuse('holds a NULL as a key of a map', row);
      places[2 * (k - from)] = o + 4;
      o = this.#text(this.#keys, dv, u8, o, k, row);
      places[2 * (k - from) + 1] = o;
      if (this.#values.isNull(k)) {
        dv.setInt32(o, -1);
        o += 4;
      } else o = this.#text(this.#values, dv, u8, o, k, row);
    }
    if (repeatedKey(u8, places, to - from)) refuse('holds a key twice, which hstore cannot', row);
    return o;
  }

  #text(texts: Texts, dv: DataView, u8: Uint8Array, o: number, k: number, row: number): number {
    const { of, s, d, repair } = texts;
    const [a, e] = [of[k * s]!, of[(k + 1) * s]!];
    if (repair !== null) {
      const end = repair.write(u8, o + 4, d, a, e, row);
      repair.count();
      dv.setInt32(o, end - o - 4);
      return end;
    }
    const bytes = d.subarray(a, e);
    dv.setInt32(o, bytes.length);
    u8.set(bytes, o + 4);
    return o + 4 + bytes.length;
  }

  bound(from: number, to: number): number {
    const [a, b] = [this.#of[from]!, this.#of[to]!];
    const bytes = (texts: Texts): number =>
      texts.repair?.bound(texts, a, b) ?? texts.of[b * texts.s]! - texts.of[a * texts.s]!;
    return bytes(this.#keys) + bytes(this.#values) + 8 * (b - a);
  }
}

interface HstoreBinding extends Binding {
  readonly m: HstoreValues;
}

export const hstoreWriter: ValueWriter = {
  key: 'hstore',
  names: ['m'],
  maxBytes: 8,
  touches: ['nullByte', 'invalidUtf8'],
  bind: (c, context) => ({ variant: '', values: { m: new HstoreValues(c, context) } }),
  code: ({ n, i, row }) => `{const t=${n('m')}.write(dv,u8,o+4,${i},${row});dv.setInt32(o,t-o-4);o=t;}`,
  varBytes: (values, from, to) => (values as HstoreBinding).m.bound(from, to),
};
