// The table that the rows need when there is none.
import { ddlOf, defaultCrateType, quoteIdent } from '../../encoders/crate-json/index.ts';
import { ParloadError } from '../../errors/index.ts';
import type { ArrowSchema } from '../../model/index.ts';
import { KEY_COLUMN, quoteTable, type TableName } from './identifiers.ts';
import type { CrateOptions } from './options.ts';
import { durationMs } from './settings.ts';

export type TableOptions = Pick<
  CrateOptions,
  | 'key'
  | 'shards'
  | 'replicas'
  | 'refreshInterval'
  | 'columnPolicy'
  | 'partitionedBy'
  | 'clusteredBy'
  | 'unindexed'
>;

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** Of the primary key: what tells rows apart, and what CrateDB wants in it besides. */
export function keyOf(options: TableOptions): string[] {
  const clustered = options.clusteredBy === undefined ? [] : [options.clusteredBy];
  return [...new Set([...(options.key ?? [KEY_COLUMN]), ...(options.partitionedBy ?? []), ...clustered])];
}

function checkColumns(schema: ArrowSchema, options: TableOptions): void {
  const names = new Set(schema.fields.map((f) => f.name));
  const named = {
    key: options.key ?? [],
    partitionedBy: options.partitionedBy ?? [],
    clusteredBy: options.clusteredBy === undefined ? [] : [options.clusteredBy],
    unindexed: options.unindexed ?? [],
  };
  for (const [option, columns] of Object.entries(named)) {
    const missing = columns.filter((name) => !names.has(name));
    if (missing.length > 0) {
      throw new ParloadError(
        'COLUMN_UNKNOWN',
        `${option} names ${list(missing)}, which the rows do not have`,
        {
          where: { option },
        },
      );
    }
  }
}

/** Nothing is NOT NULL but the key: a file's schema says what it may hold, not what the table must. */
export function createTableSql(table: TableName, schema: ArrowSchema, options: TableOptions): string {
  checkColumns(schema, options);
  const unindexed = new Set(options.unindexed);
  const columns = schema.fields.map((field) => {
    const type = ddlOf(defaultCrateType(field));
    const plain = unindexed.has(field.name) ? ' INDEX OFF STORAGE WITH (columnstore = false)' : '';
    return `${quoteIdent(field.name)} ${type}${plain}`;
  });
  const key = keyOf(options).map(quoteIdent).join(', ');
  const clustered = [
    ...(options.clusteredBy === undefined ? [] : [`BY (${quoteIdent(options.clusteredBy)})`]),
    ...(options.shards === undefined ? [] : [`INTO ${options.shards} SHARDS`]),
  ];
  const partitions = (options.partitionedBy ?? []).map(quoteIdent).join(', ');
  const settings = [
    ...(options.replicas === undefined ? [] : [`number_of_replicas = '${options.replicas}'`]),
    ...(options.refreshInterval === undefined
      ? []
      : [`refresh_interval = ${durationMs(options.refreshInterval, '--refresh-interval')}`]),
    `column_policy = '${options.columnPolicy ?? 'strict'}'`,
  ];
  return [
    `CREATE TABLE ${quoteTable(table)} (`,
    [`${quoteIdent(KEY_COLUMN)} TEXT`, ...columns, `PRIMARY KEY (${key})`].map((c) => `  ${c}`).join(',\n'),
    `)${clustered.length === 0 ? '' : ` CLUSTERED ${clustered.join(' ')}`}${partitions === '' ? '' : ` PARTITIONED BY (${partitions})`} WITH (${settings.join(', ')})`,
  ].join('\n');
}
