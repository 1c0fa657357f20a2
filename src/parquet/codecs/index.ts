import type { PageCodec } from './page-codec.ts';
import { SnappyCodec } from './snappy.ts';
import { brotliCodec, gzipCodec } from './zlib.ts';
import { ZstdCodec } from './zstd.ts';

export type { PageCodec } from './page-codec.ts';
export { compileZstd } from './zstd.ts';

/** Codecs that are made when a file first needs them. What is not among them is the decoder library's. */
export class PageCodecs {
  readonly #made = new Map<string, PageCodec | null>();
  readonly #zstd: WebAssembly.Module;

  constructor(zstd: WebAssembly.Module) {
    this.#zstd = zstd;
  }

  /** `name` as in parquet.thrift; null when there is none here. */
  get(name: string): PageCodec | null {
    let codec = this.#made.get(name);
    if (codec === undefined) {
      codec = this.#make(name);
      this.#made.set(name, codec);
    }
    return codec;
  }

  #make(name: string): PageCodec | null {
    switch (name) {
      case 'ZSTD':
        return new ZstdCodec(this.#zstd);
      case 'SNAPPY':
        return new SnappyCodec();
      case 'GZIP':
        return gzipCodec();
      case 'BROTLI':
        return brotliCodec();
      default:
        return null;
    }
  }
}
