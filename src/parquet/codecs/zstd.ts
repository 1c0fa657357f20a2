// ZSTD by the C library compiled to 50 KiB of WebAssembly.
// The package's own function gives out a new buffer for every page; its module is used directly, so that pages go
// through the same memory again and again.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ParloadError } from '../../errors/index.ts';
import { MiB } from '../../runtime/index.ts';
import { damagedPage, type PageCodec, wrongSize } from './page-codec.ts';

interface ZstdExports {
  readonly memory: WebAssembly.Memory;
  malloc(bytes: number): number;
  free(address: number): void;
  /** Bytes written; an error is a small negative number. */
  ZSTD_decompress(out: number, outBytes: number, body: number, bodyBytes: number): number;
}

/** A bigger page's memory is given back to the module's own heap after use. */
const KEPT_BYTES = 4 * MiB;

export async function compileZstd(): Promise<WebAssembly.Module> {
  const entry = createRequire(import.meta.url).resolve('zstandard-wasm');
  return new WebAssembly.Module(await readFile(new URL('../zstd/zstd.speed.wasm', `file://${entry}`)));
}

/** A piece of the module's heap that grows with need. */
class HeapSpace {
  readonly #zstd: ZstdExports;
  #address = 0;
  #bytes = 0;

  constructor(zstd: ZstdExports) {
    this.#zstd = zstd;
  }

  /** Address of at least `bytes` bytes; what was there before is gone. 0: there is no more memory. */
  take(bytes: number): number {
    if (bytes > this.#bytes) {
      this.release(0);
      this.#address = this.#zstd.malloc(bytes) >>> 0;
      this.#bytes = this.#address === 0 ? 0 : bytes;
    }
    return this.#address;
  }

  release(keep: number): void {
    if (this.#bytes <= keep) return;
    this.#zstd.free(this.#address);
    this.#address = 0;
    this.#bytes = 0;
  }
}

export class ZstdCodec implements PageCodec {
  readonly #zstd: ZstdExports;
  readonly #in: HeapSpace;
  readonly #out: HeapSpace;

  constructor(module: WebAssembly.Module) {
    const imports = { env: { emscripten_notify_memory_growth: () => undefined } };
    this.#zstd = new WebAssembly.Instance(module, imports).exports as unknown as ZstdExports;
    this.#in = new HeapSpace(this.#zstd);
    this.#out = new HeapSpace(this.#zstd);
  }

  get memoryBytes(): number {
    return this.#zstd.memory.buffer.byteLength;
  }

  inflate(body: Uint8Array, out: Uint8Array, size: number): void {
    const zstd = this.#zstd;
    const from = this.#in.take(Math.max(1, body.length));
    const to = this.#out.take(Math.max(1, size));
    if (from === 0 || to === 0) {
      throw new ParloadError(
        'DECODER_MEMORY',
        `a page of ${size} bytes does not fit into the memory of ZSTD`,
      );
    }
    new Uint8Array(zstd.memory.buffer, from, body.length).set(body);
    const written = zstd.ZSTD_decompress(to, size, from, body.length);
    if (written < 0) throw damagedPage('ZSTD', `error ${-written} of the library`);
    if (written !== size) throw wrongSize('ZSTD');
    out.set(new Uint8Array(zstd.memory.buffer, to, size));
    this.#in.release(KEPT_BYTES);
    this.#out.release(KEPT_BYTES);
  }
}
