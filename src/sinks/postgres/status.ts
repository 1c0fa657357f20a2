// `parload status`: the ledger as it is. Only reads; no job and no lock are needed.
import type { LedgerJob, StatusOptions, ValueChange } from '../../model/index.ts';
import { connect, type PgConnection } from './connection.ts';
import { resolveConnInfo } from './conninfo.ts';
import { parseTableName, showTable } from './identifiers.ts';
import { ledgerVersion } from './ledger-schema.ts';
import { options as schema } from './options.ts';

const SQL = `
WITH done AS (
  SELECT s.job_id, s.input_id, count(*) AS slices, sum(s.row_count) AS rows, sum(s.rows_loaded) AS loaded,
         max(s.committed_at) AS latest
    FROM parload.slice s JOIN parload.input i USING (job_id, input_id, generation) GROUP BY 1, 2
), changed AS (
  SELECT s.job_id, e->>'column' AS name, e->>'policy' AS policy, e->>'action' AS action, sum((e->>'values')::int8) AS n
    FROM parload.slice s JOIN parload.input i USING (job_id, input_id, generation)
    -- through JSON, because an older ledger has no such column
   CROSS JOIN LATERAL jsonb_array_elements(nullif(to_jsonb(s)->'changes', 'null')) e GROUP BY 1, 2, 3, 4
), changes AS (
  SELECT job_id, json_agg(json_build_object('column', name, 'policy', policy, 'action', action, 'values', n)
                          ORDER BY name, policy, action)::text AS list FROM changed GROUP BY 1
), inputs AS (
  SELECT i.job_id, bool_and(i.finished) AS finished, max(i.generation) AS generation,
         coalesce(sum(d.slices), 0) AS slices, coalesce(sum(d.loaded), 0) AS loaded, max(d.latest) AS latest,
         json_agg(json_build_object('uri', i.uri, 'rowCount', i.row_count, 'rowsCommitted', coalesce(d.rows, 0))
                  ORDER BY i.uri, i.input_id)::text AS list
    FROM parload.input i LEFT JOIN done d USING (job_id, input_id) GROUP BY 1
)
SELECT j.job_id, j.target, j.run_id, j.host, j.pid, i.finished, i.generation, i.slices::text, i.loaded::text, i.list,
       c.list AS changes,
       to_json(j.started_at AT TIME ZONE 'UTC')#>>'{}' AS started,
       to_json(greatest(j.updated_at, i.latest) AT TIME ZONE 'UTC')#>>'{}' AS updated
  FROM parload.job j LEFT JOIN inputs i USING (job_id) LEFT JOIN changes c USING (job_id)
 ORDER BY greatest(j.updated_at, i.latest) DESC, j.job_id`;

type Wanted = (target: string) => boolean;

/** Without a schema the name is looked for in all of them: search_path is about tables that exist now. */
function wantedTarget(table: unknown): Wanted {
  if (typeof table !== 'string') return () => true;
  const name = parseTableName(table);
  const shown = showTable(name);
  return name.schema === null ? (target) => target.endsWith(`.${shown}`) : (target) => target === shown;
}

export async function readStatus(given: StatusOptions): Promise<readonly LedgerJob[]> {
  const options = schema.partial().required({ url: true }).parse(given);
  const { info } = resolveConnInfo(pickConnection(options));
  const connection = await connect(info, { applicationName: 'parload/status', initial: true });
  try {
    if ((await ledgerVersion(connection)) === null) return [];
    return await readJobs(connection, wantedTarget(options.table));
  } finally {
    await connection.close();
  }
}

type Partials = Partial<Parameters<typeof resolveConnInfo>[0]> & { readonly url: string };

/** Absent, not undefined: that is how the types tell them apart. */
const pickConnection = (options: Record<string, unknown> & { url: string }): Partials =>
  Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as Partials;

async function readJobs(connection: PgConnection, wanted: Wanted): Promise<readonly LedgerJob[]> {
  const rows = await connection.query(SQL, [], { doing: 'reading the ledger' });
  return rows
    .filter((row) => wanted(String(row.target)))
    .map((row): LedgerJob => {
      const time = (value: unknown): string => `${String(value).replace(/(\.\d{3})\d*$/, '$1')}Z`;
      return {
        jobId: String(row.job_id),
        target: String(row.target),
        state: row.finished === true ? 'finished' : 'unfinished',
        generation: Number(row.generation ?? 0) + 1,
        rowsLoaded: Number(row.loaded ?? 0),
        slices: Number(row.slices ?? 0),
        changes: row.changes == null ? [] : (JSON.parse(String(row.changes)) as ValueChange[]),
        inputs: row.list == null ? [] : (JSON.parse(String(row.list)) as LedgerJob['inputs']),
        lastRun:
          row.run_id == null
            ? null
            : {
                runId: String(row.run_id),
                host: String(row.host),
                pid: Number(row.pid),
                startedAt: time(row.started),
                updatedAt: time(row.updated),
              },
      };
    });
}
