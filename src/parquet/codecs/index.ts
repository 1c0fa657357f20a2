import { ParloadError } from '../../errors/index.ts';
import { lz4Codec } from './lz4.ts';
import type { PageCodec } from './page-codec.ts';
import { SnappyCodec } from './snappy.ts';
import { brotliCodec, gzipCodec } from './zlib.ts';
import { ZstdCodec } from './zstd.ts';

export type { PageCodec } from './page-codec.ts';
export { compileZstd } from './zstd.ts';

/**
 * How many bytes one stored byte can become at most: 64 out of 3 in Snappy, 255 in LZ4, 258 out of 2 bits in DEFLATE.
 * ZSTD and BROTLI repeat millions of bytes in a few.
 */
const RATIOS: Readonly<Record<string, number>> = {
  UNCOMPRESSED: 1,
  SNAPPY: 22,
  GZIP: 1032,
  BROTLI: Number.POSITIVE_INFINITY,
  LZ4: 255,
  ZSTD: Number.POSITIVE_INFINITY,
  LZ4_RAW: 255,
};

/** `name` as in parquet.thrift. */
export const hasCodec = (name: string): boolean => name in RATIOS;

/** The most bytes that `stored` bytes can be when decompressed. */
export const mostInflated = (name: string, stored: number): number =>
  stored === 0 ? 0 : stored * (RATIOS[name] ?? 1);

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
