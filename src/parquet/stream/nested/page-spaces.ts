import { WORD_SLACK } from '../copy-words.ts';

/** Pages of a column differ a little in size. */
const PAGE_ROOM = 1.125;

export const newSpace = (size: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Math.ceil(PAGE_ROOM * size) + WORD_SLACK);

/** Memory of a column's pages: those that are used up give it to the next ones. */
export class PageSpaces {
  readonly #free: Uint8Array[] = [];
  #bytes = 0;

  /** All that was made and not thrown away, used and free. */
  get bytes(): number {
    return this.#bytes;
  }

  /** At least `size` bytes. */
  take(size: number): Uint8Array {
    const fitting = this.#free.findIndex((bytes) => bytes.length >= size + WORD_SLACK);
    if (fitting !== -1) return this.#free.splice(fitting, 1)[0]!;
    // what is too small now would be so again
    for (const { length } of this.#free.splice(0)) this.#bytes -= length;
    const made = newSpace(size);
    this.#bytes += made.length;
    return made;
  }

  giveBack(bytes: Uint8Array): void {
    this.#free.push(bytes);
  }
}
