import { WORD_SLACK } from '../copy-words.ts';

/** Pages of a column differ a little in size. */
const PAGE_ROOM = 1.125;

export const newSpace = (size: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Math.ceil(PAGE_ROOM * size) + WORD_SLACK);

/** Memory of pages that are used up, for the next ones. */
export class PageSpaces {
  #free: Uint8Array[] = [];

  get heldBytes(): number {
    return this.#free.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  /** At least `size` bytes. */
  take(size: number): Uint8Array {
    const fitting = this.#free.findIndex((bytes) => bytes.length >= size + WORD_SLACK);
    if (fitting !== -1) return this.#free.splice(fitting, 1)[0]!;
    // what is too small now would be so again
    this.#free = [];
    return newSpace(size);
  }

  giveBack(bytes: Uint8Array): void {
    this.#free.push(bytes);
  }
}
