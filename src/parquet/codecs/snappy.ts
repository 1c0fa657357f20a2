import { snappyUncompressor } from 'hysnappy';
import { damagedPage, type PageCodec, wrongSize } from './page-codec.ts';

/** The size at the start of a Snappy body: 7 bits a byte, low ones first. -1 when there is none. */
function declaredSize(body: Uint8Array): number {
  let size = 0;
  for (let k = 0, factor = 1; k < 5; k++, factor *= 128) {
    const b = body[k];
    if (b === undefined) return -1;
    size += (b & 127) * factor;
    if (b < 128) return size;
  }
  return -1;
}

export class SnappyCodec implements PageCodec {
  readonly #uncompress = snappyUncompressor();

  inflate(body: Uint8Array, out: Uint8Array, size: number): void {
    // the library believes its caller
    if (declaredSize(body) !== size) throw wrongSize('SNAPPY');
    let bytes: Uint8Array;
    try {
      bytes = this.#uncompress(body, size);
    } catch (error) {
      throw damagedPage('SNAPPY', error);
    }
    out.set(bytes);
  }
}
