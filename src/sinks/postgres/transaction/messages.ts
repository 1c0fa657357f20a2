// What worker and main thread say to each other about one slice, when all rows go by the main thread's connection.
import type { ValueChange, WireError } from '../../../model/index.ts';

/** Worker to main. Buffers are handed over, never copied. */
export type FromWorker =
  | {
      readonly type: 'chunk';
      /** A whole CopyData frame from 0 to `end`; it holds whole rows. */
      readonly buffer: ArrayBuffer;
      readonly end: number;
      readonly rows: number;
      /** Row of the input of the first one; the others follow without a gap, or null. */
      readonly firstRow: number | null;
      /** The buffer comes back to be filled again. */
      readonly reuse: boolean;
    }
  | {
      readonly type: 'end';
      readonly rows: number;
      readonly rowsFiltered: number;
      readonly bytes: number;
      readonly changes: readonly ValueChange[];
    }
  /** The slice was given up. */
  | { readonly type: 'undo' };

/** Main to worker. */
export type FromMain =
  | { readonly type: 'go' }
  /** An earlier attempt had come to its end. */
  | { readonly type: 'already' }
  | { readonly type: 'taken'; readonly buffer: ArrayBuffer | null }
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly error: WireError };
