// GZIP and BROTLI by Node's own libraries.
import type { ZlibOptions } from 'node:zlib';
import { zlib } from '../node-zlib.ts';
import { damagedPage, type PageCodec, wrongSize } from './page-codec.ts';

/** The least that zlib takes as the size of a chunk of output. */
const LEAST_CHUNK_BYTES = 64;

class NodeCodec implements PageCodec {
  readonly #name: string;
  readonly #decompress: (body: Uint8Array, options: ZlibOptions) => Uint8Array;

  constructor(name: string, decompress: (body: Uint8Array, options: ZlibOptions) => Uint8Array) {
    this.#name = name;
    this.#decompress = decompress;
  }

  inflate(body: Uint8Array, out: Uint8Array, size: number): void {
    let bytes: Uint8Array;
    try {
      // one chunk that everything fits into, and no more than it: a page that says less than it has is refused early
      const chunkSize = Math.max(LEAST_CHUNK_BYTES, size + 1);
      bytes = this.#decompress(body, { chunkSize, maxOutputLength: chunkSize });
    } catch (error) {
      throw damagedPage(this.#name, error);
    }
    if (bytes.length !== size) throw wrongSize(this.#name);
    out.set(bytes);
  }
}

export const gzipCodec = (): PageCodec => new NodeCodec('GZIP', zlib().gunzipSync);
export const brotliCodec = (): PageCodec => new NodeCodec('BROTLI', zlib().brotliDecompressSync);
