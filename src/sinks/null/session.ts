import { ParloadError } from '../../errors/index.ts';
import {
  type ArrowBatch,
  type Encoder,
  type SessionContext,
  type SinkSession,
  selectedCount,
  type ValueChange,
} from '../../model/index.ts';
import { Arena, MiB } from '../../runtime/index.ts';

export class NullSession implements SinkSession {
  readonly #encoder: Encoder | null;
  readonly #out: Uint8Array;
  readonly #context: SessionContext;
  #rows: number | null = null;

  readonly #bigRow = new Arena();

  /** @param encoder null: rows are only counted. */
  constructor(encoder: Encoder | null, context: SessionContext) {
    this.#context = context;
    this.#encoder = encoder;
    // As the Postgres sink has it: one block at a time.
    this.#out = new Uint8Array(encoder === null ? 0 : Math.min(MiB, Math.ceil(context.bufferBytes / 2)));
  }

  async begin(): Promise<boolean> {
    this.#rows = 0;
    // of an attempt that failed
    this.#encoder?.takeChanges();
    return true;
  }

  async write(batch: ArrowBatch): Promise<number> {
    if (this.#rows === null)
      throw new ParloadError('UNEXPECTED', 'a slice was written to before it was begun');
    if (this.#context.stop.level() === 2) {
      throw new ParloadError('INTERRUPTED', 'stopped in the middle of a slice');
    }
    this.#rows += selectedCount(batch);
    return this.#encoder === null ? 0 : this.#encode(this.#encoder, batch);
  }

  async commit(): Promise<number> {
    const rows = this.#rows;
    if (rows === null) throw new ParloadError('UNEXPECTED', 'a slice was committed before it was begun');
    this.#rows = null;
    return rows;
  }

  changes(): readonly ValueChange[] {
    return this.#encoder?.takeChanges() ?? [];
  }

  async rollback(): Promise<void> {
    this.#rows = null;
  }

  async close(): Promise<void> {}

  /** Encodes and forgets. */
  #encode(encoder: Encoder, batch: ArrowBatch): number {
    const total = selectedCount(batch);
    let bytes = 0;
    for (let from = 0; from < total; ) {
      const { rows, end } = encoder.encode(batch, from, this.#out, 0);
      if (rows > 0) {
        from += rows;
        bytes += end;
      } else {
        const space = this.#bigRow.space(encoder.rowBytes(batch, from));
        const big = encoder.encode(batch, from, space, 0);
        if (big.rows === 0) throw new ParloadError('UNEXPECTED', 'a row does not fit into its own size');
        from += big.rows;
        bytes += big.end;
      }
    }
    return bytes;
  }
}
