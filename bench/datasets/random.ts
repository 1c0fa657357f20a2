// The same numbers on every machine and in every run: xorshift32 with a mixed seed.

export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds would give neighbouring first numbers.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  /** 0 <= x < 2^32 */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** 0 <= x < 1 */
  unit(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** Whole numbers, 0 <= x < limit. */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  chance(share: number): boolean {
    return this.unit() < share;
  }

  /** Sum of two exponentials with that mean: many small ones, few large ones. */
  skewed(mean: number): number {
    return (-mean / 2) * Math.log((1 - this.unit()) * (1 - this.unit()));
  }
}
