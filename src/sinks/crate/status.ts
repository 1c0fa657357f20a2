// `parload status`: the ledger as it is. Changes nothing; no job and no lease are needed.
import { type LedgerJob, type StatusOptions, sumChanges, type ValueChange } from '../../model/index.ts';
import { CrateConnection } from './connection.ts';
import { type ConnOptions, resolveConnInfo } from './conninfo.ts';
import { parseTableName, showTable } from './identifiers.ts';
import { hasLedger } from './ledger-schema.ts';
import { options as schema } from './options.ts';
import { parseUri } from './uri.ts';

type Row = Record<string, unknown>;

const DOING = 'reading the ledger';

function wantedTarget(url: string, table: unknown): (target: string) => boolean {
  const uri = parseUri(url);
  const name = typeof table === 'string' ? table : uri.table;
  if (name === null) return () => true;
  const shown = showTable(parseTableName(name, uri.schema));
  return (target) => target === shown;
}

export async function readStatus(given: StatusOptions): Promise<readonly LedgerJob[]> {
  const options = schema.partial().required({ url: true }).parse(given);
  const connection = new CrateConnection(resolveConnInfo(options as ConnOptions));
  try {
    if (!(await hasLedger(connection))) return [];
    const read = async (table: string): Promise<Row[]> => {
      await connection.query(`REFRESH TABLE parload.${table}`, [], DOING);
      return connection.select(`SELECT * FROM parload.${table}`, [], DOING);
    };
    const [jobs, inputs, slices] = [await read('job'), await read('input'), await read('slice')];
    const wanted = wantedTarget(options.url, options.table);
    return jobs
      .filter((job) => wanted(String(job.target)))
      .map((job) => toLedgerJob(job, inputs, slices))
      .sort((a, b) => (b.lastRun?.updatedAt ?? '').localeCompare(a.lastRun?.updatedAt ?? ''));
  } finally {
    await connection.close();
  }
}

const isoTime = (ms: unknown): string => new Date(Number(ms)).toISOString();

function toLedgerJob(job: Row, allInputs: readonly Row[], allSlices: readonly Row[]): LedgerJob {
  const inputs = allInputs.filter((i) => i.job_id === job.job_id);
  const generations = new Map(inputs.map((i) => [i.input_id, i.generation]));
  const slices = allSlices.filter(
    (s) => s.job_id === job.job_id && generations.get(s.input_id) === s.generation,
  );
  const sum = (rows: readonly Row[], name: string): number =>
    rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);
  const latest = Math.max(Number(job.updated_at), ...slices.map((s) => Number(s.committed_at)));
  const changes = slices.flatMap((s) =>
    s.changes == null ? [] : (JSON.parse(String(s.changes)) as ValueChange[]),
  );
  return {
    jobId: String(job.job_id),
    target: String(job.target),
    state: inputs.length > 0 && inputs.every((i) => i.finished === true) ? 'finished' : 'unfinished',
    generation: Math.max(0, ...inputs.map((i) => Number(i.generation))) + 1,
    rowsLoaded: sum(slices, 'rows_loaded'),
    slices: slices.length,
    changes: sumChanges(changes),
    inputs: inputs
      .map((i) => ({
        uri: String(i.uri),
        rowCount: Number(i.row_count),
        rowsCommitted: sum(
          slices.filter((s) => s.input_id === i.input_id),
          'row_count',
        ),
      }))
      .sort((a, b) => a.uri.localeCompare(b.uri)),
    lastRun: {
      runId: String(job.run_id),
      host: String(job.host),
      pid: Number(job.pid),
      startedAt: isoTime(job.started_at),
      updatedAt: isoTime(latest),
    },
  };
}
