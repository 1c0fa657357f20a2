// The options of a job that belong to no connector, as command-line flags. Pure data: `--help` loads nothing else.
import { ParloadError } from '../errors/index.ts';
import type { FlagSpec } from '../model/index.ts';

export const ROW_FLAGS: readonly FlagSpec[] = [
  {
    flag: '--columns',
    key: 'columns',
    kind: 'list',
    placeholder: 'a,b',
    help: 'load only these columns',
  },
  { flag: '--exclude', key: 'exclude', kind: 'list', placeholder: 'a,b', help: 'load all columns but these' },
  {
    flag: '--rename',
    key: 'rename',
    kind: 'list',
    placeholder: 'from=to,..',
    help: 'column names in the target',
  },
  {
    flag: '--where',
    key: 'where',
    kind: 'string',
    placeholder: 'filter',
    help: "load only rows that pass, as \"fare >= 10 and code in ('a','b') and note is null\"; also between, not in, is not null",
  },
  {
    flag: '--schema',
    key: 'schema',
    kind: 'string',
    choices: ['strict', 'evolve'],
    help: 'evolve adds missing columns to the table, widens types, and takes files of different columns',
    defaultText: 'strict',
  },
  {
    flag: '--again',
    key: 'again',
    kind: 'boolean',
    help: 'load a second time what the ledger shows as loaded',
  },
];

/** What becomes of values that the target cannot hold as they are. */
export const VALUE_FLAGS: readonly FlagSpec[] = [
  {
    flag: '--null-byte',
    key: 'nullByte',
    kind: 'string',
    placeholder: 'error|strip|replace:X',
    help: 'NUL bytes in text',
    defaultText: 'error',
  },
  {
    flag: '--timestamp-ns',
    key: 'timestampNs',
    kind: 'string',
    choices: ['error', 'truncate', 'round'],
    help: 'times and timestamps finer than the target',
    defaultText: 'error',
  },
  {
    flag: '--invalid-utf8',
    key: 'invalidUtf8',
    kind: 'string',
    choices: ['error', 'replace'],
    help: 'text that is not UTF-8; U+FFFD replaces what is none',
    defaultText: 'error',
  },
  {
    flag: '--non-finite',
    key: 'nonFinite',
    kind: 'string',
    choices: ['keep', 'null', 'error'],
    help: 'NaN and infinities',
    defaultText: 'keep',
  },
  {
    flag: '--overflow',
    key: 'overflow',
    kind: 'string',
    choices: ['error', 'null'],
    help: "values beyond the column type's range or length",
    defaultText: 'error',
  },
];

/** What becomes of rows that the target refuses. */
export const REJECT_FLAGS: readonly FlagSpec[] = [
  {
    flag: '--on-error',
    key: 'onError',
    kind: 'string',
    choices: ['stop', 'skip'],
    help: 'a row that is refused stops the load, or is left out and remembered',
    defaultText: 'stop',
  },
  {
    flag: '--max-errors',
    key: 'maxErrors',
    kind: 'int',
    placeholder: 'n',
    help: 'most rows of the job that may be left out; means --on-error skip',
    defaultText: '1000',
  },
  {
    flag: '--rejects',
    key: 'rejects',
    kind: 'string',
    placeholder: 'file.parquet',
    help: 'gets the rows left out, with reasons; loads like any other file; means --on-error skip',
  },
];

export const SPEED_FLAGS: readonly FlagSpec[] = [
  {
    flag: '--workers',
    key: 'workers',
    kind: 'int',
    placeholder: 'n',
    help: 'worker threads, each with a connection of its own',
    defaultText: 'one a core, at most 16',
  },
  {
    flag: '--memory',
    key: 'memory',
    kind: 'bytes',
    placeholder: 'size',
    help: 'budget for all of it, as 512MiB or 2g',
    defaultText: 'a quarter of what there is',
  },
  {
    flag: '--slice',
    key: 'slice',
    kind: 'string',
    placeholder: 'how',
    help: 'unit of work and commit: auto, row-group or rows:N',
    defaultText: 'auto',
  },
  {
    flag: '--batch-rows',
    key: 'batchRows',
    kind: 'int',
    placeholder: 'n',
    help: 'most rows decoded at a time',
    defaultText: 'by size',
  },
  {
    flag: '--batch-bytes',
    key: 'batchBytes',
    kind: 'bytes',
    placeholder: 'size',
    help: 'bytes encoded at a time',
    defaultText: '1MiB',
  },
  {
    flag: '--retries',
    key: 'retries',
    kind: 'int',
    placeholder: 'n',
    help: 'how often a failed slice is tried again',
    defaultText: '5',
  },
  {
    flag: '--retry-budget',
    key: 'retryBudget',
    kind: 'duration',
    placeholder: 'duration',
    help: 'how long to wait for a target that is away; not counted as retries',
    defaultText: '2m',
  },
];

export const JOB_FLAGS: readonly FlagSpec[] = [...ROW_FLAGS, ...VALUE_FLAGS, ...REJECT_FLAGS, ...SPEED_FLAGS];

/** `--batch-rows` -> `PARLOAD_BATCH_ROWS` */
export const envName = (flag: string): string =>
  `PARLOAD_${flag
    .replace(/^--(no-)?/, '')
    .replaceAll('-', '_')
    .toUpperCase()}`;

/** Splits at commas; a name with a comma is written in double quotes. */
export function splitList(text: string): string[] {
  const items = text.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return items.map((item) => item.trim().replaceAll('"', '')).filter((item) => item !== '');
}

/** Stands between texts of a flag that was given several times: no argument can hold it. */
export const TEXTS_BETWEEN = '\0';

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

/** Text from the command line or the environment, as the schema wants it. `name` is how the user called it. */
export function parseFlag(spec: FlagSpec, text: string, name: string): unknown {
  const refuse = (expected: string): ParloadError =>
    new ParloadError('CONFIG_INVALID', `${name}: "${text}" is not ${expected}`, { where: { option: name } });
  if (spec.kind === 'int') {
    if (!/^\s*\d+\s*$/.test(text)) throw refuse('a whole number');
    return Number(text);
  }
  if (spec.kind === 'boolean') {
    const value = BOOLEANS[text.trim().toLowerCase()];
    if (value === undefined) throw refuse('true or false');
    return value;
  }
  if (spec.choices !== undefined && !spec.choices.includes(text)) {
    throw refuse(`one of ${spec.choices.join(', ')}`);
  }
  if (spec.kind === 'texts') return text.split(TEXTS_BETWEEN);
  return spec.kind === 'list' ? splitList(text) : text;
}
