/**
 * Every error code: what to do about it, whether the same attempt may succeed later, and the exit code.
 * docs/reference/errors.md is generated from this table.
 * Exit codes: 1 failed, 2 usage or config, 3 source, 4 sink, 5 loaded with rejects, 6 verification differs, 130 interrupted.
 */
export const CODES = {
  // usage and configuration
  USAGE: { exit: 2, retryable: false, hint: 'Run the command with --help to see its options.' },
  CONFIG_INVALID: {
    exit: 2,
    retryable: false,
    hint: 'Correct the option named above; docs/reference/config.md lists them all.',
  },
  CONFIG_UNREADABLE: { exit: 2, retryable: false, hint: 'Check the path and that the file is valid YAML.' },
  CONNECTOR_UNKNOWN: {
    exit: 2,
    retryable: false,
    hint: 'Sources come first, the sink last: parload copy data.parquet postgres://host/db --table t',
  },
  COLUMN_UNKNOWN: {
    exit: 2,
    retryable: false,
    hint: 'Column names are case-sensitive; `parload inspect FILE` lists them.',
  },
  FILTER_INVALID: {
    exit: 2,
    retryable: false,
    hint: "Filters look like: --where \"amount >= 10 and day < '2024-02-01' and code in ('a','b') and note is null\".",
  },
  MEMORY_TOO_SMALL: {
    exit: 2,
    retryable: false,
    hint: 'Raise --memory to the figure above, use fewer --workers, or smaller slices with --slice rows:N.',
  },
  // source
  SOURCE_NOT_FOUND: {
    exit: 3,
    retryable: false,
    hint: 'Check the path; quote globs so that the shell does not expand them away.',
  },
  SOURCE_DENIED: { exit: 3, retryable: false, hint: 'The file exists but may not be read by this user.' },
  SOURCE_UNREADABLE: {
    exit: 3,
    retryable: true,
    hint: 'Reading failed; look at the cause. The slice is tried again.',
  },
  SOURCE_UNREACHABLE: {
    exit: 3,
    retryable: true,
    hint: 'Is the address right (URI, --endpoint-url, --region), and does this machine need a proxy (HTTPS_PROXY)?',
  },
  SOURCE_CHANGED: {
    exit: 3,
    retryable: false,
    hint: 'The input was modified after it was planned. What was committed stays; run again with the finished file.',
  },
  NOT_PARQUET: {
    exit: 3,
    retryable: false,
    hint: 'The file is not Parquet; look at its first bytes (a web page, CSV or gzip saved under that name?).',
  },
  PARQUET_CORRUPT: {
    exit: 3,
    retryable: false,
    hint: 'The file is damaged or truncated; fetch it again from where it was made. Nothing of the slice it is in was loaded.',
  },
  PARQUET_UNSUPPORTED: {
    exit: 3,
    retryable: false,
    hint: 'The file is valid but uses a feature that parload does not read; write it again without that feature.',
  },
  SCHEMA_MISMATCH: {
    exit: 3,
    retryable: false,
    hint: 'All inputs of one job need the same columns and types; --schema evolve makes them one where it can, or load the odd file by itself.',
  },
  FILE_UNWRITABLE: {
    exit: 2,
    retryable: false,
    hint: 'Check the path, its folder, and that this user may write there.',
  },
  // values
  TYPE_UNSUPPORTED: {
    exit: 4,
    retryable: false,
    hint: 'Leave the column out with --exclude. docs/types.md lists which Postgres types take which columns.',
  },
  VALUE_REFUSED: {
    exit: 4,
    retryable: false,
    hint: 'The value does not fit the target type without loss; use a wider column type, or leave the column out with --exclude.',
  },
  // sink
  SINK_UNREACHABLE: { exit: 4, retryable: true, hint: 'Is the server running, and are host and port right?' },
  SINK_HOST_UNKNOWN: {
    exit: 4,
    retryable: false,
    hint: 'The host name does not resolve; check its spelling.',
  },
  SINK_AUTH: {
    exit: 4,
    retryable: false,
    hint: 'Check user and password (URI, PGUSER, PGPASSWORD, ~/.pgpass) and that the database admits this user.',
  },
  SINK_TLS: {
    exit: 4,
    retryable: false,
    hint: 'Check --sslmode and --sslrootcert; sslmode=require encrypts without checking the certificate.',
  },
  SINK_DENIED: {
    exit: 4,
    retryable: false,
    hint: 'The user lacks a privilege; grant it or use another user.',
  },
  SINK_DATABASE_MISSING: {
    exit: 4,
    retryable: false,
    hint: 'Create the database first, or correct its name in the URI.',
  },
  TABLE_MISSING: { exit: 4, retryable: false, hint: 'Create the table, or leave out --create-table never.' },
  TABLE_EXISTS: { exit: 4, retryable: false, hint: 'Leave out --create-table only, or name another table.' },
  COLUMN_MISSING: {
    exit: 4,
    retryable: false,
    hint: 'Add the column to the table, leave it out with --exclude, or map it with --rename file_name=table_name.',
  },
  SINK_REJECTED: {
    exit: 4,
    retryable: false,
    hint: 'The server refused the data itself: the message says why. Nothing of that slice is in the table.',
  },
  REJECTS_EXCEEDED: {
    exit: 4,
    retryable: false,
    hint: 'Look at the rejected rows so far (--rejects FILE.parquet), mend the table or the files, or raise --max-errors; then run the same command again.',
  },
  SINK_SQL: {
    exit: 4,
    retryable: false,
    hint: 'The server refused a statement; look at the cause for its reason.',
  },
  SINK_FULL: {
    exit: 4,
    retryable: false,
    hint: 'The server is out of disk or memory; free some and run the same command again: it goes on where it stopped.',
  },
  SINK_BUSY: {
    exit: 4,
    retryable: true,
    hint: 'The server is starting, stopping or recovering; try again shortly.',
  },
  SINK_CONNECTIONS: {
    exit: 4,
    retryable: true,
    hint: 'The server has no free connection; use fewer --workers or raise its limit.',
  },
  SINK_CONFLICT: {
    exit: 4,
    retryable: true,
    hint: 'A transaction lost against another one; the slice is tried again.',
  },
  SINK_LOST: {
    exit: 4,
    retryable: true,
    hint: 'The connection broke; the slice is tried again. What was committed stays: run the same command again.',
  },
  SINK_STALLED: {
    exit: 4,
    retryable: true,
    hint: 'The server took no bytes for a long time; check locks and disk there, or raise --stall-timeout.',
  },
  SINK_TIMEOUT: {
    exit: 4,
    retryable: false,
    hint: 'The server gave up waiting; look for what blocks it, or raise the timeout.',
  },
  LOCKED: {
    exit: 4,
    retryable: false,
    hint: 'Another run of the same job is working; wait for it or stop it, then run again.',
  },
  FENCED: { exit: 4, retryable: false, hint: 'A newer run of the same job took over; let it finish.' },
  LEDGER_STALE: {
    exit: 4,
    retryable: false,
    hint: 'To load everything again into the table as it is, add --again; otherwise empty the table first.',
  },
  COUNT_DIFFERS: {
    exit: 4,
    retryable: false,
    hint: 'The target confirmed another number of rows than were sent; the slice was rolled back. Is there a trigger or rule that drops rows?',
  },
  CHECK_FAILED: {
    exit: 6,
    retryable: false,
    hint: 'The rows do not meet --not-null, --check or --min-rows; correct the files or the conditions and run again.',
  },
  VERIFY_DIFFERS: {
    exit: 6,
    retryable: false,
    hint: 'The table does not hold the rows of the files; load it again, or find out who else wrote to it.',
  },
  MODE_REFUSED: {
    exit: 4,
    retryable: false,
    hint: 'The table does not allow this --mode as it is; change what is named above, or use another --mode.',
  },
  KEY_NOT_UNIQUE: {
    exit: 4,
    retryable: false,
    hint: 'Create a unique index over exactly the columns of --key, then run again.',
  },
  KEY_INVALID: {
    exit: 4,
    retryable: false,
    hint: 'Rows of the input share a key or have none; nothing was changed. --duplicates last or first chooses among rows that share one.',
  },
  LOAD_UNDONE: {
    exit: 4,
    retryable: false,
    hint: 'With --atomic transaction one failed slice undoes the whole load: the table is as it was. Run the same command again, or use --atomic staging, which tries slices again.',
  },
  TARGET_CHANGED: {
    exit: 4,
    retryable: false,
    hint: 'Somebody altered the table during the load; nothing was changed by it. Run the same command again.',
  },
  // running
  WORKER_DIED: {
    exit: 1,
    retryable: true,
    hint: 'A worker thread ended unexpectedly, most often out of memory; try --memory, fewer --workers or smaller --slice rows:N.',
  },
  DECODER_MEMORY: {
    exit: 1,
    retryable: true,
    hint: 'Decompression needed more memory than WebAssembly has; use fewer --workers, or write the file again with smaller pages.',
  },
  INTERRUPTED: { exit: 130, retryable: false, hint: 'Run the same command again to go on where it stopped.' },
  UNEXPECTED: {
    exit: 1,
    retryable: false,
    hint: 'This is a bug in parload; please report it with the stack, which -v shows.',
  },
} as const satisfies Record<string, { exit: number; retryable: boolean; hint: string }>;

export type ErrorCode = keyof typeof CODES;
