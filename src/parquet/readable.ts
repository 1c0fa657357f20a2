import { ParloadError } from '../errors/index.ts';
import type { Where } from '../model/index.ts';
import type { ColumnChunk } from './column-chunk.ts';

/** What a reader needs of the chunks it is going to read: inside the file, in this file, not encrypted. */
export function checkReadable(
  chunks: readonly (ColumnChunk | null)[],
  where: Where,
  sizeBytes: number,
): void {
  for (const chunk of chunks) {
    if (chunk === null) continue;
    if (!chunk.isEncrypted && chunk.filePath === null && chunk.end <= sizeBytes) continue;
    const at = { ...where, column: chunk.path.join('.') };
    if (chunk.isEncrypted) {
      throw new ParloadError('PARQUET_UNSUPPORTED', 'a column is encrypted', {
        where: at,
        hint: 'Leave the column out with --exclude, or write the file again without encryption.',
      });
    }
    if (chunk.filePath !== null) {
      throw new ParloadError('PARQUET_UNSUPPORTED', 'the data of a column lies in another file', {
        where: at,
        hint: 'This is a summary file (_metadata); load the data files beside it.',
      });
    }
    throw new ParloadError(
      'PARQUET_CORRUPT',
      `a column should end at byte ${chunk.end}, but the file has ${sizeBytes}`,
      { where: at },
    );
  }
}
