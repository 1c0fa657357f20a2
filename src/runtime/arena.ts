/** Memory that is used again and again, because buffers as garbage pile up to tens of MiB between collections. */
export class Arena {
  #bytes = new Uint8Array(0);

  /** The first `size` bytes; whoever had them before has them no more. */
  space(size: number): Uint8Array {
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(size);
    return this.#bytes.subarray(0, size);
  }
}
