import type { ParquetMetadata } from '../../parquet/index.ts';
import { MiB } from '../../runtime/index.ts';
import type { Stores } from '../../storage/index.ts';
import { type ParquetInput, reopenMetadata } from './input.ts';

/** Bytes of footers that the planner keeps; a footer of 5,000 row groups and 1,000 columns is bigger than this alone. */
const KEPT_BYTES = 64 * MiB;

/** Parsed footers of the inputs used last; others are read again. */
export class MetadataCache {
  readonly #kept = new Map<string, ParquetMetadata>();
  readonly #stores: Stores;
  #bytes = 0;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  put(input: ParquetInput, meta: ParquetMetadata): void {
    const { id } = input.info;
    if (this.#kept.has(id)) return;
    this.#kept.set(id, meta);
    this.#bytes += meta.footer.length;
    for (const [oldest, old] of this.#kept) {
      // the newest stays however big it is: its slices are being made
      if (this.#bytes <= KEPT_BYTES || oldest === id) return;
      this.#kept.delete(oldest);
      this.#bytes -= old.footer.length;
    }
  }

  async get(input: ParquetInput): Promise<ParquetMetadata> {
    const { id } = input.info;
    const known = this.#kept.get(id);
    if (known !== undefined) return known;
    const meta = await reopenMetadata(this.#stores, input);
    this.put(input, meta);
    return meta;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }
}
