// At the end: what the workers reported, what the ledger has and what the table has must be the same.
import { ParloadError } from '../../errors/index.ts';
import type { Receipt } from '../../model/index.ts';
import { formatCount, plural } from '../../runtime/index.ts';
import type { CrateConnection } from './connection.ts';
import { showTable, type TableName } from './identifiers.ts';
import { countMarked, prefixOf, refresh } from './ledger.ts';
import type { PaceSummary } from './pace.ts';
import type { LedgerState } from './resume.ts';

/** Every slice that a worker reported must be in the ledger with the rows that it reported. */
export function confirmReceipts(ledger: LedgerState, receipts: readonly Receipt[]): void {
  const rows = new Map(
    ledger.slices.map((s) => [`${s.inputId}:${s.range.start}+${s.range.end - s.range.start}`, s.rowsLoaded]),
  );
  for (const receipt of receipts) {
    const loaded = rows.get(receipt.sliceId);
    if (loaded !== undefined && (receipt.alreadyCommitted || loaded === receipt.rowsLoaded)) continue;
    throw new ParloadError(
      'COUNT_DIFFERS',
      `the ledger has ${loaded ?? 'no'} rows for a slice that was reported with ${receipt.rowsLoaded}`,
      {
        where: { slice: receipt.sliceId },
        hint: 'Did somebody change the schema parload during the load? Compare the table with the input before using it.',
      },
    );
  }
}

/** Rows of the table that bear marks of the ledger's inputs. */
export async function countFound(
  connection: CrateConnection,
  table: TableName,
  jobId: string,
  ledger: LedgerState,
): Promise<number> {
  const ends = new Map<string, number>();
  for (const { inputId, range } of ledger.slices) {
    ends.set(inputId, Math.max(ends.get(inputId) ?? 0, range.end));
  }
  await refresh(connection, table);
  let found = 0;
  for (const { inputId, generation } of ledger.inputs) {
    const end = ends.get(inputId);
    if (end === undefined) continue;
    found += await countMarked(connection, table, prefixOf(jobId, inputId, generation), 0, end);
  }
  return found;
}

export function confirmFound(found: number, loaded: number, table: TableName, byKey: boolean): void {
  if (found === loaded) return;
  throw new ParloadError(
    'COUNT_DIFFERS',
    `${formatCount(loaded)} rows were loaded into "${showTable(table)}", ${formatCount(found)} of them are there`,
    {
      where: { table: showTable(table) },
      hint: byKey
        ? 'Rows of the input share a key, so one took the place of another; or somebody wrote to these rows meanwhile.'
        : 'Did somebody delete rows during the load? Run the same command with --again after emptying the table.',
    },
  );
}

/** What the workers of a run settled at, from the ledger. */
export async function paceNote(connection: CrateConnection, jobId: string, runId: string): Promise<string[]> {
  const rows = await connection.select(
    'SELECT pace FROM parload.slice WHERE job_id = ? AND run_id = ?',
    [jobId, runId],
    'reading the ledger',
  );
  const last = new Map<number, PaceSummary>();
  for (const row of rows) {
    const pace = JSON.parse(String(row.pace)) as PaceSummary & { worker: number };
    if (pace.requests >= (last.get(pace.worker)?.requests ?? 0)) last.set(pace.worker, pace);
  }
  const paces = [...last.values()];
  if (paces.length === 0) return [];
  const range = (of: (pace: PaceSummary) => number): string => {
    const values = paces.map(of);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least === most ? formatCount(most) : `${formatCount(least)} to ${formatCount(most)}`;
  };
  const sum = (of: (pace: PaceSummary) => number): number => paces.reduce((n, pace) => n + of(pace), 0);
  const zipped = paces.filter((pace) => pace.zipped).length;
  const overloads = sum((pace) => pace.overloads);
  return [
    `settled at ${range((p) => p.rows)} rows a request and ${range((p) => p.inFlight)} at a time for each worker` +
      `${zipped === 0 ? '' : `, compressed by ${plural(zipped, 'worker')}`}; ${plural(
        sum((p) => p.requests),
        'request',
      )}` +
      `${overloads === 0 ? '' : `, the server was too busy ${plural(overloads, 'time')}`}`,
  ];
}
