// Rows of `bulk_args` counted in the bytes of a request as they come: arrays directly inside the array of the top level.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export class RowCounter {
  rows = 0;
  #depth = 0;
  #quoted = false;
  #escaped = false;

  add(bytes: Uint8Array): void {
    let depth = this.#depth;
    let quoted = this.#quoted;
    let escaped = this.#escaped;
    for (let k = 0; k < bytes.length; k++) {
      const byte = bytes[k]!;
      if (quoted) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) quoted = false;
      } else if (byte === QUOTE) quoted = true;
      else if (byte === 0x5b || byte === 0x7b) {
        depth++;
        if (depth === 3 && byte === 0x5b) this.rows++;
      } else if (byte === 0x5d || byte === 0x7d) depth--;
    }
    this.#depth = depth;
    this.#quoted = quoted;
    this.#escaped = escaped;
  }

  /** Every bracket and every string was closed. */
  get isWhole(): boolean {
    return this.#depth === 0 && !this.#quoted;
  }
}
