// Writers whose statistics are known to be wrong. Skipping a row group by a wrong bound loses rows without a trace, so
// what these wrote is not believed.
import type { ArrowType } from '../model/index.ts';
import type { ColumnChunk } from './column-chunk.ts';

interface Suspect {
  /** Matches `created_by`; its first group is the major version. */
  readonly writer: RegExp;
  /** Versions below this one; infinity: all. */
  readonly below: number;
  readonly columns: 'all' | 'bytes' | 'dictionary';
}

const SUSPECTS: readonly Suspect[] = [
  // apache/arrow ARROW-12513 (null count 0), GH-15042 and GH-34106 (bounds of the first part only): dictionary arrays
  { writer: /^parquet-cpp(?:-arrow)? version (\d+)/, below: 12, columns: 'dictionary' },
  // jorgecarleitao/arrow2#1414: null count of the dictionary instead of the column; Polars began with arrow2
  { writer: /^(?:Arrow2|Polars)/i, below: Number.POSITIVE_INFINITY, columns: 'dictionary' },
  // apache/arrow-rs#643: text compared wrongly before 5.2
  { writer: /^parquet-rs version (\d+)/, below: 6, columns: 'bytes' },
  // bounds of timestamps in the local time of the machine that wrote them
  { writer: /^Parquet\.Net(?: version (\d+))?/, below: 5, columns: 'all' },
  // bounds of categories in their own order
  { writer: /^fastparquet/, below: Number.POSITIVE_INFINITY, columns: 'bytes' },
];

const isBytes = (chunk: ColumnChunk): boolean =>
  chunk.physical === 'BYTE_ARRAY' || chunk.physical === 'FIXED_LEN_BYTE_ARRAY';

/** True when the column was given to the writer as a dictionary, as far as the file tells. */
function wasDictionary(chunk: ColumnChunk, type: ArrowType, hasArrowSchema: boolean): boolean {
  if (type.id === 'dictionary') return true;
  return !hasArrowSchema && isBytes(chunk) && chunk.encodings.some((encoding) => encoding.includes('DICT'));
}

/** `hasArrowSchema`: the writer left the Arrow types that it had. */
export function isTrusted(
  createdBy: string | null,
  hasArrowSchema: boolean,
  chunk: ColumnChunk,
  type: ArrowType,
): boolean {
  return !SUSPECTS.some(({ writer, below, columns }) => {
    const match = writer.exec(createdBy ?? '');
    if (match === null || Number(match[1] ?? 0) >= below) return false;
    if (columns === 'all') return true;
    return columns === 'bytes' ? isBytes(chunk) : wasDictionary(chunk, type, hasArrowSchema);
  });
}

/** PARQUET-816: before 1.2.9 the size of a chunk lacked the header of its dictionary page, which has less bytes than this. */
const DICTIONARY_HEADER_BYTES = 100;

export function slackOf(createdBy: string | null): number {
  const match = /^parquet-mr(?: version (\d+)\.(\d+)\.(\d+)|$)/.exec(createdBy ?? '');
  if (match === null) return 0;
  const [major, minor, patch] = match.slice(1).map(Number);
  const fixed = major! > 1 || (major === 1 && (minor! > 2 || (minor === 2 && patch! >= 9)));
  return fixed ? 0 : DICTIONARY_HEADER_BYTES;
}
