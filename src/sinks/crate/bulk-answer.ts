// What a bulk request's answer says of each row. A 200 can hide failures, a failure need not mean that nothing was written.
import type { Answer } from '../../storage/remote/exchange.ts';
import { failureOf } from './connection.ts';
import type { CrateFailure } from './failure.ts';

export type BulkOutcome =
  /** Every row was written, or was there already where that is fine. */
  | { readonly kind: 'done' }
  /** The answer is about the whole request. */
  | { readonly kind: 'failed'; readonly failure: CrateFailure }
  /** These rows, ascending, are not known to be there; the server told why of some. */
  | {
      readonly kind: 'partial';
      readonly rows: readonly number[];
      readonly failures: ReadonlyMap<number, CrateFailure>;
    };

interface Result {
  readonly rowcount?: number;
  readonly error?: { readonly code?: number; readonly message?: string };
  /** Before CrateDB 5. */
  readonly error_message?: string;
}

const ONE = '{"rowcount":1},';
const NAME = Buffer.from('"results":');
/** `[{"rowcount":1},...` of as many rows as were ever asked for. */
let ones = Buffer.from('[');

/** By far the most answers: a one for each row. No object a row for these. */
function isAllOnes(body: Buffer, rows: number): boolean {
  const at = body.indexOf(NAME);
  if (at === -1 || at > 1000) return false;
  const size = rows * ONE.length;
  if (ones.length <= size) ones = Buffer.from(`[${ONE.repeat(2 * rows)}`);
  const from = at + NAME.length;
  // the last comma is a bracket
  return body[from + size] === 0x5d && ones.compare(body, from, from + size, 0, size) === 0;
}

/** `zeroIsFine`: the statement leaves rows alone whose key is there. */
export function readBulk(answer: Answer, rows: number, zeroIsFine: boolean): BulkOutcome {
  const body = Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength);
  if (answer.status === 200 && isAllOnes(body, rows)) return { kind: 'done' };
  const failure = failureOf(answer);
  const isAnswer = failure === null || failure.status >= 400 || failure.code !== 0;
  if (failure !== null && isAnswer) return { kind: 'failed', failure };
  const results = isAnswer ? resultsIn(body, rows) : null;
  if (results === null) {
    // neither results nor an error: as uncertain as it can be
    return { kind: 'partial', rows: Array.from({ length: rows }, (_, k) => k), failures: new Map() };
  }
  const failed: number[] = [];
  const failures = new Map<number, CrateFailure>();
  results.forEach(({ rowcount, error, error_message }, k) => {
    if (rowcount === 1 || (rowcount === 0 && zeroIsFine)) return;
    failed.push(k);
    const message = error?.message ?? error_message;
    if (message !== undefined || error?.code !== undefined) {
      failures.set(k, { status: 0, code: Number(error?.code ?? 0), message: message ?? '' });
    }
  });
  return failed.length === 0 ? { kind: 'done' } : { kind: 'partial', rows: failed, failures };
}

/** Null where there is not one result for each row. */
function resultsIn(body: Buffer, rows: number): readonly Result[] | null {
  try {
    const parsed = JSON.parse(body.toString()) as { results?: Result[]; rowcount?: number };
    // a bulk of one row may be answered as a plain statement
    const results =
      parsed.results ??
      (rows === 1 && parsed.rowcount !== undefined ? [{ rowcount: parsed.rowcount }] : null);
    return results?.length === rows ? results : null;
  } catch {
    return null;
  }
}
