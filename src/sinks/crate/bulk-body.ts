// The body of one bulk request: statement, rows, and which rows of the input they are. Its bytes are used again.
import type { ArrowBatch } from '../../model/index.ts';

const TAIL_BYTES = 4;

interface Segment {
  /** Index in the body of its first row. */
  readonly first: number;
  readonly count: number;
  readonly rowStart: number;
  /** A copy: the batch does not live long. */
  readonly selection: Int32Array | null;
}

export class BulkBody {
  readonly #headBytes: number;
  #bytes: Buffer;
  #end: number;
  #rows = 0;
  #segments: Segment[] = [];

  /** @param head up to and with the bracket that opens `bulk_args`. */
  constructor(head: Uint8Array, capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(head.length + capacity + TAIL_BYTES);
    this.#bytes.set(head);
    this.#headBytes = head.length;
    this.#end = head.length;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Of rows, so far. */
  get size(): number {
    return this.#end - this.#headBytes;
  }

  /** Where an encoder may write; the tail's place is not in it. */
  get space(): { readonly out: Uint8Array; readonly at: number } {
    return { out: this.#bytes.subarray(0, this.#bytes.length - TAIL_BYTES), at: this.#end };
  }

  /** The encoder has written rows `from ..` of the selected ones up to `end`. */
  wrote(batch: ArrowBatch, from: number, rows: number, end: number): void {
    const { selection, rowStart } = batch;
    this.#segments.push({
      first: this.#rows,
      count: rows,
      rowStart: selection === null ? rowStart + from : rowStart,
      selection: selection === null ? null : selection.slice(from, from + rows),
    });
    this.#rows += rows;
    this.#end = end;
  }

  clear(): void {
    this.#rows = 0;
    this.#end = this.#headBytes;
    this.#segments = [];
  }

  /** The whole request; the comma behind the last row gives way. */
  request(): Uint8Array {
    this.#bytes[this.#end - 1] = 0x5d;
    this.#bytes[this.#end] = 0x7d;
    return this.#bytes.subarray(0, this.#end + 1);
  }

  /** Row number, in the input, of the row at `index`. */
  rowOf(index: number): number {
    const segment = this.#segments.find(({ first, count }) => index >= first && index < first + count)!;
    const k = index - segment.first;
    return segment.rowStart + (segment.selection === null ? k : segment.selection[k]!);
  }

  /** A body of its own with some of the rows, ascending. For rows that something is wrong with: it looks at every byte. */
  part(indices: readonly number[]): BulkBody {
    const ends = this.#rowEnds();
    const startOf = (k: number): number => (k === 0 ? this.#headBytes : ends[k - 1]!);
    const size = indices.reduce((sum, k) => sum + ends[k]! - startOf(k), 0);
    const part = new BulkBody(this.#bytes.subarray(0, this.#headBytes), size);
    for (const k of indices) {
      part.#bytes.set(this.#bytes.subarray(startOf(k), ends[k]!), part.#end);
      // between rows stands a comma, also where the last one's gave way
      part.#end += ends[k]! - startOf(k);
      part.#bytes[part.#end - 1] = 0x2c;
      part.#segments.push({ first: part.#rows++, count: 1, rowStart: this.rowOf(k), selection: null });
    }
    return part;
  }

  /** Behind the comma of each row. */
  #rowEnds(): number[] {
    const ends: number[] = [];
    let depth = 0;
    let quoted = false;
    for (let k = this.#headBytes; k < this.#end && ends.length < this.#rows; k++) {
      const byte = this.#bytes[k]!;
      if (quoted) {
        if (byte === 0x5c) k++;
        else if (byte === 0x22) quoted = false;
      } else if (byte === 0x22) quoted = true;
      else if (byte === 0x5b || byte === 0x7b) depth++;
      else if (byte === 0x5d || byte === 0x7d) {
        depth--;
        if (depth === 0) ends.push(k + 2);
      }
    }
    return ends;
  }
}
