// The server counts rows of a COPY from 1; people look for a row of the input. The last batches are remembered.
import { type ArrowBatch, selectedCount } from '../../model/index.ts';

interface Run {
  readonly firstLine: number;
  readonly rowStart: number;
  readonly count: number;
  /** A copy: the batch does not live long. */
  readonly selection: Int32Array | null;
}

/** The server is at most what sockets and blocks hold behind us: a few batches. */
const KEEP_RUNS = 256;
const KEEP_SELECTED_ROWS = 1 << 20;

export class RowLines {
  readonly #runs: Run[] = [];
  #selectedRows = 0;
  #lines = 0;

  get count(): number {
    return this.#lines;
  }

  add(batch: ArrowBatch): void {
    const count = selectedCount(batch);
    const selection = batch.selection === null ? null : batch.selection.slice();
    this.#runs.push({ firstLine: this.#lines + 1, rowStart: batch.rowStart, count, selection });
    this.#lines += count;
    this.#selectedRows += selection?.length ?? 0;
    while (
      this.#runs.length > KEEP_RUNS ||
      (this.#selectedRows > KEEP_SELECTED_ROWS && this.#runs.length > 1)
    ) {
      this.#selectedRows -= this.#runs.shift()?.selection?.length ?? 0;
    }
  }

  /** undefined: too long ago. */
  rowOf(line: number): number | undefined {
    const run = this.#runs.find((r) => line >= r.firstLine && line < r.firstLine + r.count);
    if (run === undefined) return undefined;
    const index = line - run.firstLine;
    return run.rowStart + (run.selection === null ? index : run.selection[index]!);
  }
}
