import { ParloadError } from '../../errors/index.ts';
import { lz4Codec } from './lz4.ts';
import type { PageCodec } from './page-codec.ts';
import { SnappyCodec } from './snappy.ts';
import { brotliCodec, gzipCodec } from './zlib.ts';
import { ZstdCodec } from './zstd.ts';

export type { PageCodec } from './page-codec.ts';
export { compileZstd } from './zstd.ts';

const NAMES = new Set(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW']);

/** `name` as in parquet.thrift. */
export const hasCodec = (name: string): boolean => NAMES.has(name);

/** Codecs that are made when a file first needs them. They keep memory between calls, so they are one thread's. */
export class PageCodecs {
  readonly #made = new Map<string, PageCodec>();
  readonly #zstdModule: WebAssembly.Module;
  #zstd: ZstdCodec | null = null;

  constructor(zstd: WebAssembly.Module) {
    this.#zstdModule = zstd;
  }

  /** Bytes of WebAssembly memory, which never shrinks. */
  get memoryBytes(): number {
    return this.#zstd?.memoryBytes ?? 0;
  }

  /**
   * Decompresses a page's body into the first `size` bytes of `out`.
   * Throws PARQUET_CORRUPT when the body is damaged or gives another number of bytes.
   */
  inflate(name: string, body: Uint8Array, out: Uint8Array, size: number): void {
    // a page of nulls alone has no values, and writers store nothing for it or something
    if (size > 0) this.#get(name).inflate(body, out, size);
  }

  #get(name: string): PageCodec {
    let codec = this.#made.get(name);
    if (codec === undefined) {
      codec = this.#make(name);
      this.#made.set(name, codec);
    }
    return codec;
  }

  #make(name: string): PageCodec {
    switch (name) {
      case 'ZSTD':
        this.#zstd = new ZstdCodec(this.#zstdModule);
        return this.#zstd;
      case 'SNAPPY':
        return new SnappyCodec();
      case 'GZIP':
        return gzipCodec();
      case 'BROTLI':
        return brotliCodec();
      case 'LZ4':
        return lz4Codec(name, false);
      case 'LZ4_RAW':
        return lz4Codec(name, true);
      default:
        throw new ParloadError('PARQUET_UNSUPPORTED', `pages compressed by ${name} are not read here`);
    }
  }
}
