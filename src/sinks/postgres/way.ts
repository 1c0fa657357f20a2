// How the rows of a load meet those already there, and what is one moment for readers.
import { ParloadError } from '../../errors/index.ts';
import type { PostgresOptions } from './options.ts';

export interface Way {
  readonly mode: 'append' | 'replace' | 'upsert';
  /** slice: each slice by itself. staging: all at once, from a table aside. transaction: all at once, by one connection. */
  readonly atomic: 'slice' | 'staging' | 'transaction';
  /** Columns that tell rows apart, for upsert. */
  readonly key: readonly string[];
  /** What becomes of a row whose key the table has already. */
  readonly onConflict: 'update' | 'nothing' | 'error';
  /** What becomes of rows of the input that share a key: by their order in the input, or refused. */
  readonly duplicates: 'error' | 'last' | 'first';
  /** rebuild: dropped before the load, built again after it. */
  readonly indexes: 'keep' | 'rebuild';
  /** No other job may load into the table meanwhile. */
  readonly alone: boolean;
  /** Part of the job's identity in the ledger. Empty for every append: what one of them loaded, the others skip. */
  readonly identity: string;
}

type WayOptions = Pick<PostgresOptions, 'mode' | 'atomic' | 'key' | 'onConflict' | 'duplicates' | 'indexes'>;

const invalid = (option: string, message: string, hint: string): ParloadError =>
  new ParloadError('CONFIG_INVALID', message, { where: { option }, hint });

export function wayOf(options: WayOptions): Way {
  const { mode } = options;
  const atomic = options.atomic ?? (mode === 'append' ? 'slice' : 'staging');
  if (mode !== 'append' && atomic === 'slice') {
    throw invalid(
      'atomic',
      `--mode ${mode} cannot be done slice by slice: readers would see a part`,
      `Use --atomic staging${mode === 'replace' ? ' or --atomic transaction' : ''}.`,
    );
  }
  if (mode === 'upsert' && atomic === 'transaction') {
    throw invalid(
      'atomic',
      '--mode upsert needs a staging table',
      'Leave --atomic out, or say --atomic staging.',
    );
  }
  const key = options.key ?? [];
  checkUpsertOptions(options, key);
  const onConflict = options.onConflict ?? 'update';
  const duplicates = options.duplicates ?? 'error';
  const identity =
    mode === 'append'
      ? ''
      : JSON.stringify(mode === 'replace' ? [mode] : [mode, [...key].sort(), onConflict, duplicates]);
  const { indexes } = options;
  if (indexes === 'rebuild' && (mode !== 'append' || atomic !== 'slice')) {
    throw invalid(
      'indexes',
      `--indexes rebuild is for --mode append --atomic slice`,
      mode === 'replace' && atomic === 'staging'
        ? 'Leave it out: replace builds the indexes after the load anyway.'
        : 'Leave it out.',
    );
  }
  const alone = mode === 'replace' || indexes === 'rebuild';
  return { mode, atomic, key, onConflict, duplicates, indexes, alone, identity };
}

function checkUpsertOptions(options: WayOptions, key: readonly string[]): void {
  if (options.mode === 'upsert') {
    if (key.length === 0) {
      throw invalid('key', '--mode upsert needs the columns that tell rows apart', 'Add --key a,b.');
    }
    const twice = key.find((name, i) => key.indexOf(name) !== i);
    if (twice !== undefined) throw invalid('key', `--key names "${twice}" twice`, 'Name it once.');
    return;
  }
  const given = [
    ['key', '--key', options.key],
    ['onConflict', '--on-conflict', options.onConflict],
    ['duplicates', '--duplicates', options.duplicates],
  ] as const;
  for (const [option, flag, value] of given) {
    if (value !== undefined) {
      throw invalid(
        option,
        `${flag} says something only with --mode upsert`,
        'Add --mode upsert, or leave it out.',
      );
    }
  }
}
