// What a run of --mode replace finds of the one before: its rows are in the table and only what comes after is left, or
// it begins anew.
import type { RowRange } from '../../../model/index.ts';
import type { TableFacts } from '../catalog.ts';
import type { PgConnection } from '../connection.ts';
import { readLedger } from '../ledger.ts';
import { type LedgerState, NO_LEDGER, type Resume } from '../resume.ts';
import type { JobSite } from '../site.ts';
import type { StageState } from './stage.ts';

/** Only reads. `inputsKey`: of this run's inputs. */
export async function readReplaced(
  connection: PgConnection,
  site: JobSite,
  table: TableFacts | null,
  { row }: StageState,
  inputsKey: string,
  ledgerThere: boolean,
): Promise<{ readonly resume: Resume; readonly published: boolean }> {
  const { request, job } = site.need();
  const inputIds = request.inputs.map((i) => i.id);
  const ledger = ledgerThere ? await readLedger(connection, job.jobId, inputIds) : NO_LEDGER;
  const finished = ledger.inputs.length === inputIds.length && ledger.inputs.every((i) => i.finished);
  const published =
    row !== null &&
    row.inputs === inputsKey &&
    row.state === 'published' &&
    row.recordedOid === table?.oid &&
    !finished;
  return { resume: replaceResume(ledger, inputIds, published), published };
}

/** A table that was replaced to the end is replaced again: nobody knows what became of its rows since. */
function replaceResume(ledger: LedgerState, inputIds: readonly string[], published: boolean): Resume {
  const known = new Map(ledger.inputs.map((i) => [i.inputId, i.generation]));
  const generations = new Map(inputIds.map((id) => [id, (known.get(id) ?? -1) + (published ? 0 : 1)]));
  const committed: Record<string, RowRange[]> = {};
  for (const slice of published ? ledger.slices : []) {
    committed[slice.inputId] ??= [];
    committed[slice.inputId]!.push(slice.range);
  }
  return { reset: false, generations, committed, notes: [] };
}
