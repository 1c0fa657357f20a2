// Text as the user's policies want it: NUL bytes and bytes that are not UTF-8, found and replaced byte by byte. Only batches
// that have some come here; a native search over all bytes of a batch tells.
import { isAscii, isUtf8 } from 'node:buffer';
import { refuse } from './refused-value.ts';
import { COUNT_AT, type WriteContext } from './write-context.ts';

/** Bytes of a text column; element i is `d[of[i * s]..of[(i + 1) * s])`. */
export interface TextBytes {
  /** Offsets as 32-bit words. */
  readonly of: Uint32Array;
  readonly s: number;
  readonly d: Uint8Array;
}

export interface TextTarget {
  /** NUL bytes are no trouble: JSON escapes them. */
  readonly takesNul: boolean;
  /** JSON whose escape \u0000 is as bad as the byte: jsonb. */
  readonly hasEscapes: boolean;
}

const ESCAPED_NUL = '\\u0000';

/** Is every element UTF-8 by itself, without what the target cannot hold? */
export function isFit({ of, s, d }: TextBytes, length: number, target: TextTarget): boolean {
  // a Buffer is searched twenty times as fast as a Uint8Array
  const used = Buffer.from(d.buffer, d.byteOffset + of[0]!, of[length * s]! - of[0]!);
  if (!target.takesNul && used.indexOf(0) !== -1) return false;
  if (target.hasEscapes && used.indexOf(ESCAPED_NUL) !== -1) return false;
  if (isAscii(used)) return true;
  if (!isUtf8(used)) return false;
  // all together they are; but a character may begin in one element and end in the next
  for (let i = 1; i < length; i++) {
    const at = of[i * s]!;
    if (at < of[length * s]! && (d[at]! & 0xc0) === 0x80) return false;
  }
  return true;
}

/**
 * Length of the character at `k`; negative: the bytes from `k` on that are none, as many as TextDecoder takes for one
 * U+FFFD (the maximal subpart of Unicode 3.9).
 */
function characterAt(d: Uint8Array, k: number, e: number): number {
  const lead = d[k]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const rest = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  // the second byte rules out long forms, surrogates, and what is beyond U+10FFFF
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (k + 1 >= e || d[k + 1]! < least || d[k + 1]! > most) return -1;
  for (let n = 2; n <= rest; n++) if (k + n >= e || (d[k + n]! & 0xc0) !== 0x80) return -n;
  return rest + 1;
}

/** Bytes that are looked at for a bound. */
const MOST_LOOKED_AT = 64 * 1024;

const FOUND_NUL = 1;
const FOUND_INVALID = 2;
const BACKSLASH = 0x5c;

const isEscapedNul = (d: Uint8Array, k: number, e: number): boolean =>
  k + 6 <= e &&
  d[k + 1] === 0x75 &&
  d[k + 2] === 0x30 &&
  d[k + 3] === 0x30 &&
  d[k + 4] === 0x30 &&
  d[k + 5] === 0x30;

/** Writes the values of one column of one batch. */
export class TextRepair {
  readonly #target: TextTarget;
  readonly #counts: Float64Array;
  /** In place of a NUL; null: refused. */
  readonly #nul: Uint8Array | null;
  readonly #replaces: boolean;
  #found = 0;

  constructor({ policies, counts }: WriteContext, target: TextTarget) {
    this.#target = target;
    this.#counts = counts;
    const { nullByte } = policies;
    const text = nullByte.startsWith('replace:') ? nullByte.slice('replace:'.length) : '';
    const written = target.hasEscapes ? JSON.stringify(text).slice(1, -1) : text;
    this.#nul = nullByte === 'error' ? null : new TextEncoder().encode(written);
    this.#replaces = policies.invalidUtf8 === 'replace';
  }

  /** `d[a..e)` to `o`; returns the end. Throws for what is refused. `row`: to report then. */
  write(out: Uint8Array, o: number, d: Uint8Array, a: number, e: number, row: number): number {
    this.#found = 0;
    const { takesNul, hasEscapes } = this.#target;
    for (let k = a; k < e; ) {
      const length = characterAt(d, k, e);
      const byte = d[k]!;
      if (byte === 0 && !takesNul) {
        o = this.#putNul(out, o, row);
        k++;
      } else if (byte === BACKSLASH && hasEscapes && k + 1 < e) {
        if (isEscapedNul(d, k, e)) {
          o = this.#putNul(out, o, row);
          k += 6;
        } else {
          // with the next byte, which may be a backslash that escapes nothing, unless it is a character's first of several
          out[o++] = byte;
          k++;
          if (d[k]! < 0x80 && d[k] !== 0) out[o++] = d[k++]!;
        }
      } else if (length < 0) {
        if (!this.#replaces) refuse('is not UTF-8', row, 'invalidUtf8');
        this.#found |= FOUND_INVALID;
        out[o++] = 0xef;
        out[o++] = 0xbf;
        out[o++] = 0xbd;
        k -= length;
      } else for (const end = k + length; k < end; ) out[o++] = d[k++]!;
    }
    return o;
  }

  #putNul(out: Uint8Array, o: number, row: number): number {
    const nul = this.#nul;
    if (nul === null) return refuse('holds a NUL character, which the target cannot', row, 'nullByte');
    this.#found |= FOUND_NUL;
    for (let k = 0; k < nul.length; k++) out[o++] = nul[k]!;
    return o;
  }

  /** The value written last is kept: what was changed in it counts. */
  count(): void {
    if ((this.#found & FOUND_NUL) !== 0) this.#counts[COUNT_AT.nullByte]!++;
    if ((this.#found & FOUND_INVALID) !== 0) this.#counts[COUNT_AT.invalidUtf8]!++;
  }

  /**
   * Upper bound of the bytes that elements `from <= i < to` become. Of one element, and of few bytes, it is close; of many
   * it is what they can become at worst, because it is asked for again and again while rows are tried for a block.
   */
  bound({ of, s, d }: TextBytes, from: number, to: number): number {
    const [a, e] = [of[from * s]!, of[to * s]!];
    const perNul = this.#nul?.length ?? 0;
    let size = e - a;
    if (to - from > 1 && size > MOST_LOOKED_AT) return size * Math.max(perNul, this.#replaces ? 3 : 1, 1);
    for (let k = a; k < e; k++) {
      if (d[k]! >= 0x80) size += 2;
      else if (d[k] === 0) size += perNul;
      else if (d[k] === BACKSLASH && this.#target.hasEscapes) size += perNul;
    }
    return size;
  }
}
