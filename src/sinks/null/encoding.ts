import { ParloadError } from '../../errors/index.ts';
import type { NullOptions } from './options.ts';

export type NullEncoding = 'none' | 'pg-copy-binary';

const ENCODINGS: Readonly<Record<string, NullEncoding>> = {
  'null:': 'none',
  'null:?encode=none': 'none',
  'null:pg': 'pg-copy-binary',
  'null:?encode=pg-copy-binary': 'pg-copy-binary',
};

export function encodingOf({ url }: NullOptions): NullEncoding {
  const encoding = ENCODINGS[url.replace('//', '')];
  if (encoding !== undefined) return encoding;
  throw new ParloadError(
    'CONFIG_INVALID',
    `${JSON.stringify(url)} is none of ${Object.keys(ENCODINGS).join(' ')}`,
    {
      where: { option: 'url' },
    },
  );
}

type PgCopyBinary = typeof import('../../encoders/pg-copy-binary/index.ts');

/** Loads only what encodes: `null:` measures reading, and shall start as fast as it can. */
export const encoderOf = async (encoding: NullEncoding): Promise<PgCopyBinary | null> =>
  encoding === 'none' ? null : import('../../encoders/pg-copy-binary/index.ts');
