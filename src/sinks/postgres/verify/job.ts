// The main thread's part of a comparison: what is compared with what, as of one moment.
import { valueHashOf } from '../../../encoders/pg-copy-binary/digest/index.ts';
import { ParloadError } from '../../../errors/index.ts';
import type { InputReject, TargetPlan, VerifyJob, VerifyPlan, VerifyRequest } from '../../../model/index.ts';
import { readServer, readTable, type TableFacts } from '../catalog.ts';
import { connect, type PgConnection } from '../connection.ts';
import { type ConnInfo, resolveConnInfo, showTarget } from '../conninfo.ts';
import { parseTableName, showTable, type TableName } from '../identifiers.ts';
import { checkNames, type Mapped, mapToCompare } from '../mapping.ts';
import type { PostgresOptions } from '../options.ts';
import { durationMs } from '../settings.ts';
import { applicationName } from '../ticket.ts';
import { readRelations, tableParts } from './parts.ts';
import { sealVerifyTicket } from './ticket.ts';

export class PostgresVerify implements VerifyJob {
  readonly #conn: ConnInfo;
  readonly #connNotes: readonly string[];
  readonly #table: TableName;
  readonly #lockTimeoutMs: number;
  readonly #stallTimeoutMs: number;
  /** Holds the snapshot as long as the comparison runs. */
  #keeper: PgConnection | null = null;

  constructor(options: PostgresOptions) {
    const { info, notes } = resolveConnInfo(options);
    this.#conn = info;
    this.#connNotes = notes;
    this.#table = parseTableName(options.table);
    this.#lockTimeoutMs = durationMs(options.lockTimeout, '--lock-timeout');
    this.#stallTimeoutMs = durationMs(options.stallTimeout, '--stall-timeout');
  }

  async prepare({ target: request, targetWhere, rejects }: VerifyRequest): Promise<VerifyPlan> {
    const { schema, policies, runId, workers } = request;
    checkNames(schema);
    const connection = await connect(this.#conn, {
      applicationName: applicationName(this.#conn, runId),
      initial: true,
    });
    this.#keeper = connection;
    const server = await readServer(connection, { readOnly: true });
    const table = await this.#readTable(connection);
    const mapped = mapToCompare(schema, table, policies);
    const snapshot = await exportSnapshot(connection, server.version);
    const relations = await readRelations(connection, table.oid);
    const slices = tableParts(relations, { workers, serverVersion: server.version });
    const nullsOnly = mapped.columns.filter((c) => valueHashOf(c.type) === null).map((c) => c.name);
    return {
      ticket: sealVerifyTicket({
        conn: this.#conn,
        runId,
        serverVersion: server.version,
        schema,
        columns: mapped.columns,
        snapshot,
        tableWhere: targetWhere,
        rejected: byInput(rejects),
        lockTimeoutMs: this.#lockTimeoutMs,
        stallTimeoutMs: this.#stallTimeoutMs,
      }),
      target: this.#targetPlan(table, mapped, nullsOnly),
      slices,
      nullsOnly,
    };
  }

  async close(): Promise<void> {
    const keeper = this.#keeper;
    this.#keeper = null;
    await keeper?.close();
  }

  async #readTable(connection: PgConnection): Promise<TableFacts> {
    const table = await readTable(connection, this.#table);
    const where = { table: showTable(this.#table) };
    if (table === null) {
      throw new ParloadError('TABLE_MISSING', `there is no table "${where.table}"`, {
        where,
        hint: 'Load the files first: parload copy takes the same arguments.',
      });
    }
    if (!table.selectable) {
      throw new ParloadError('SINK_DENIED', `the user may not read "${showTable(table)}"`, {
        where,
        hint: 'GRANT SELECT on the table to this user.',
      });
    }
    return table;
  }

  #targetPlan(table: TableFacts, mapped: Mapped, nullsOnly: readonly string[]): TargetPlan {
    const names = nullsOnly.map((name) => `"${name}"`).join(', ');
    return {
      target: `postgres://${showTarget(this.#conn)} table ${showTable(table)}`,
      exists: true,
      mapping: mapped.mapping,
      ddl: [],
      committed: {},
      connectionsPerWorker: 1,
      connectionsFixed: 1,
      notes: [
        ...this.#connNotes,
        ...mapped.notes,
        ...(nullsOnly.length === 0
          ? []
          : [
              `only the NULLs are compared, because the server writes values of this type its own way: ${names}`,
            ]),
      ],
    };
  }
}

function byInput(rejects: readonly InputReject[]): Record<string, number[]> {
  const rows: Record<string, number[]> = {};
  for (const { inputId, row } of rejects) {
    rows[inputId] ??= [];
    rows[inputId].push(row);
  }
  return rows;
}

/** One moment for all workers. */
async function exportSnapshot(connection: PgConnection, version: number): Promise<string> {
  const answers = await connection.script(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0;
     SET LOCAL statement_timeout = 0; ${version >= 170_000 ? 'SET LOCAL transaction_timeout = 0;' : ''}
     SELECT pg_export_snapshot() AS snapshot`,
    { doing: 'choosing the moment to compare' },
  );
  return String(answers.at(-1)?.rows[0]?.snapshot);
}
