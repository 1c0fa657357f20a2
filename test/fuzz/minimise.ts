// Less damage with the same effect, so that somebody sees what it was.
import type { FuzzCase } from './fuzz.ts';

/** Attempts at most; each one reads a file. */
const MOST_ATTEMPTS = 60;

interface Run {
  readonly start: number;
  readonly end: number;
}

/** Where two files of one length differ. */
function differences(a: Uint8Array, b: Uint8Array): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < a.length; at++) {
    if (a[at] === b[at]) continue;
    let end = at + 1;
    while (end < a.length && a[end] !== b[end]) end++;
    runs.push({ start: at, end });
    at = end;
  }
  return runs;
}

const kindOf = (why: string): string => why.split(/[:\n]/, 1)[0]!;

/** Takes back one change after the other as long as the complaint stays of its kind. */
export async function minimise(
  one: FuzzCase,
  why: string,
  complaintOf: (bytes: Buffer) => Promise<string | null>,
): Promise<Buffer> {
  const sound = one.file.bytes;
  let { bytes } = one;
  // After an insertion everything differs; such a file is kept as it is. A hang is not waited for again and again.
  if (bytes.length !== sound.length || kindOf(why) === 'slow') return bytes;
  for (const { start, end } of differences(sound, bytes).slice(0, MOST_ATTEMPTS)) {
    const less = Buffer.from(bytes);
    less.set(sound.subarray(start, end), start);
    const still = await complaintOf(less);
    if (still !== null && kindOf(still) === kindOf(why)) bytes = less;
  }
  return bytes;
}
