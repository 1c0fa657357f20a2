// Where in a stream of bytes a fault begins. Each trigger watches one direction of one connection, and remembers.

/** Sees the bytes of one direction in order, however they are cut into chunks. */
export interface Trigger {
  /** The offset in `chunk` before which bytes still pass and from which the fault holds; -1: not in this chunk. */
  find(chunk: Uint8Array): number;
}

/** Makes one for each connection. */
export type MakeTrigger = () => Trigger;

/** Before the first byte. */
export const atOnce: MakeTrigger = () => ({ find: () => 0 });

/** After so many bytes. */
export function afterBytes(count: number): MakeTrigger {
  return () => {
    let left = count;
    return {
      find: (chunk) => {
        if (chunk.length < left) {
          left -= chunk.length;
          return -1;
        }
        const at = left;
        left = 0;
        return at;
      },
    };
  };
}

/** Right after the nth occurrence of the pattern, which may lie over several chunks. Occurrences do not overlap. */
export function afterPattern(pattern: string | Uint8Array, nth = 1): MakeTrigger {
  const wanted = Buffer.from(pattern);
  if (wanted.length === 0) throw new Error('an empty pattern is everywhere');
  return () => {
    let tail = Buffer.alloc(0);
    let left = nth;
    return {
      find: (chunk) => {
        const text = Buffer.concat([tail, chunk]);
        let from = 0;
        for (;;) {
          const at = text.indexOf(wanted, from);
          if (at < 0) break;
          from = at + wanted.length;
          left -= 1;
          if (left === 0) return from - tail.length;
        }
        // What may be the beginning of the next occurrence, and belongs to no earlier one.
        tail = text.subarray(Math.max(from, text.length - wanted.length + 1));
        return -1;
      },
    };
  };
}
