// Two 32-bit words as a hash: no BigInt and no object for a value. Not against an adversary, only against chance.

/** The hash made last. */
export const lanes = new Int32Array(2);

/** The first word takes one more word in. */
export function roundX(x: number, k: number): number {
  k = Math.imul(k, 0xcc9e2d51);
  x ^= (k << 15) | (k >>> 17);
  return Math.imul((x << 13) | (x >>> 19), 0x9e3779b1);
}

/** The second word, another way. */
export function roundY(y: number, k: number): number {
  k = Math.imul(k ^ (k >>> 16), 0x85ebca6b);
  y = Math.imul(y ^ k, 0xc2b2ae35);
  return (((y << 17) | (y >>> 15)) + 0x27d4eb2f) | 0;
}

/** Each bit of the result depends on each bit of `h`. */
export function scatter(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}

/** Bytes `a <= p < e`, into `lanes`. */
export function hashBytes(u8: Uint8Array, dv: DataView, a: number, e: number): void {
  const length = e - a;
  let x = length;
  let y = ~length;
  const words = e - (length & 3);
  let p = a;
  for (; p < words; p += 4) {
    const k = dv.getInt32(p);
    x = roundX(x, k);
    y = roundY(y, k);
  }
  if (p < e) {
    let k = 0;
    for (; p < e; p++) k = (k << 8) | u8[p]!;
    x = roundX(x, k);
    y = roundY(y, k);
  }
  lanes[0] = x;
  lanes[1] = y;
}

/** A hash that is built word by word, for values made of parts. */
export class Parts {
  #x = 0;
  #y = 0;

  constructor(tag: number) {
    this.#x = tag;
    this.#y = ~tag;
  }

  add(word: number): void {
    this.#x = roundX(this.#x, word);
    this.#y = roundY(this.#y, word);
  }

  /** What is in `lanes`. */
  addLanes(): void {
    const [x, y] = [lanes[0]!, lanes[1]!];
    this.add(scatter(x));
    this.add(scatter(y + x));
  }

  seal(): void {
    lanes[0] = this.#x;
    lanes[1] = this.#y;
  }
}
