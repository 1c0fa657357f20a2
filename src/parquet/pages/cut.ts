// A row range of one row group as a Parquet file of its own, in memory only as a list of pieces: for each column the
// dictionary and the pages that hold the range, and a footer that says so. Nothing before or behind it is read or decoded.
import { chunkStruct, rowGroupStruct } from '../chunk-writer.ts';
import type { ColumnChunk } from '../column-chunk.ts';
import type { DecodeInput } from '../decoder.ts';
import type { FooterParts } from '../project-footer.ts';
import { projectFooter } from '../project-footer.ts';
import type { ParquetSchema } from '../schema.ts';
import { fillerBytes, fillerPage } from './filler.ts';
import type { ChunkPages } from './page-map.ts';

export interface CutRequest {
  readonly uri: string;
  readonly readInto: DecodeInput['readInto'];
  readonly footer: FooterParts;
  readonly schema: ParquetSchema;
  /** All column chunks of the row group, by leaf. */
  readonly chunks: readonly ColumnChunk[];
  /** Pages of the wanted leaves; null for a leaf whose rows cannot be told from its pages. Missing: not wanted. */
  readonly pages: ReadonlyMap<number, ChunkPages | null>;
  /** Rows counted in the row group. */
  readonly rowStart: number;
  readonly rowCount: number;
}

/** One decode call; the parts of a cut have the same rows and different columns. */
export interface CutPart {
  readonly input: DecodeInput;
  /** Root column names. */
  readonly columns: readonly string[];
  /** Rows in front of the wanted ones, decoded with them or skipped. */
  readonly offset: number;
  readonly limit: number;
  /** False for encodings in which the decoder library fails to skip. */
  readonly canSkip: boolean;
  /** File bytes that decoding this part reads. */
  readonly fileBytes: number;
}

interface LeafCut {
  readonly leaf: number;
  readonly dictionary: { readonly start: number; readonly end: number } | null;
  readonly start: number;
  readonly end: number;
  /** First row of the first page. */
  readonly base: number;
}

/** Filler that is made of real zeros beyond this many bytes a column is not worth one decode call less. */
const MAX_FILLER_BYTES = 256 * 1024;

export function cutRowGroup(request: CutRequest): CutPart[] {
  const { chunks, pages, schema, rowStart, rowCount } = request;
  const whole = new Set<string>();
  const cuts: LeafCut[] = [];
  for (const [leaf, found] of pages) {
    const root = schema.leaves[leaf]!.path[0]!;
    if (found === null) {
      whole.add(root);
      continue;
    }
    const selected = found.pages.filter((p) => p.rowEnd > rowStart && p.rowStart < rowStart + rowCount);
    const first = selected[0]!;
    cuts.push({
      leaf,
      dictionary: found.dictionary,
      start: first.start,
      end: selected.at(-1)!.end,
      base: first.rowStart,
    });
  }
  // a root column is decoded whole or cut, never half
  const rootOf = (cut: LeafCut): string => schema.leaves[cut.leaf]!.path[0]!;
  const parts = groupByBase(
    cuts.filter((cut) => !whole.has(rootOf(cut))),
    schema,
  ).map((group) => part(request, group));
  if (whole.size === 0) return parts;
  const wholeCuts = [...pages.keys()]
    .filter((leaf) => whole.has(schema.leaves[leaf]!.path[0]!))
    .map(
      (leaf): LeafCut => ({
        leaf,
        dictionary: null,
        start: chunks[leaf]!.start,
        end: chunks[leaf]!.end,
        base: 0,
      }),
    );
  return [...parts, part(request, wholeCuts)];
}

/** One group for all, unless a column would need much filler: such columns go by themselves, from their own first page. */
function groupByBase(cuts: readonly LeafCut[], schema: ParquetSchema): LeafCut[][] {
  if (cuts.length === 0) return [];
  const base = Math.min(...cuts.map((cut) => cut.base));
  const roots = new Set<string>();
  for (const cut of cuts) {
    const leaf = schema.leaves[cut.leaf]!;
    if (fillerBytes(leaf, cut.base - base, cut.dictionary !== null) > MAX_FILLER_BYTES)
      roots.add(leaf.path[0]!);
  }
  const isApart = (cut: LeafCut): boolean => roots.has(schema.leaves[cut.leaf]!.path[0]!);
  const together = cuts.filter((cut) => !isApart(cut));
  const apart = cuts.filter(isApart);
  return [together, apart].filter((group) => group.length > 0);
}

interface Piece {
  /** Position in the cut's own address space. */
  readonly at: number;
  readonly length: number;
  /** Bytes made here, or where they lie in the file. */
  readonly bytes: Uint8Array | null;
  readonly fileStart: number;
}

class Layout {
  readonly pieces: Piece[] = [];
  // byte 0 would mean "no offset" to some readers
  length = 4;

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.push({ at: this.length, length: bytes.length, bytes, fileStart: 0 });
    this.length += bytes.length;
  }

  addFile(start: number, end: number): void {
    this.pieces.push({ at: this.length, length: end - start, bytes: null, fileStart: start });
    this.length += end - start;
  }

  async readInto(readFile: DecodeInput['readInto'], start: number, into: Uint8Array): Promise<void> {
    const end = start + into.length;
    const wanted = this.pieces.filter((piece) => piece.at < end && piece.at + piece.length > start);
    await Promise.all(
      wanted.map(async (piece) => {
        const from = Math.max(start, piece.at);
        const to = Math.min(end, piece.at + piece.length);
        const part = into.subarray(from - start, to - start);
        if (piece.bytes === null) await readFile(piece.fileStart + from - piece.at, part);
        else part.set(piece.bytes.subarray(from - piece.at, to - piece.at));
      }),
    );
  }
}

function part(request: CutRequest, cuts: readonly LeafCut[]): CutPart {
  const { schema, chunks } = request;
  const base = Math.min(...cuts.map((cut) => cut.base));
  const offset = request.rowStart - base;
  const rows = offset + request.rowCount;
  const layout = new Layout();
  const written = new Map<number, Uint8Array>();
  let fileBytes = 0;
  for (const cut of cuts) {
    const node = schema.leaves[cut.leaf]!;
    const start = layout.length;
    if (cut.dictionary !== null) layout.addFile(cut.dictionary.start, cut.dictionary.end);
    const dataAt = layout.length;
    if (cut.base > base) layout.add(fillerPage(node, cut.base - base, cut.dictionary !== null));
    layout.addFile(cut.start, cut.end);
    fileBytes +=
      cut.end - cut.start + (cut.dictionary === null ? 0 : cut.dictionary.end - cut.dictionary.start);
    const dictionaryAt = cut.dictionary === null ? null : start;
    const chunk = chunks[cut.leaf]!;
    const valueCount = node.maxRepetition > 0 ? chunk.valueCount + rows : rows;
    written.set(
      cut.leaf,
      chunkStruct(chunk, node, { valueCount, start, end: layout.length, dataAt, dictionaryAt }),
    );
  }
  // columns that are not read keep an entry, because row groups have one a leaf
  const structs = schema.leaves.map((node, leaf) => {
    const place = { valueCount: rows, start: 4, end: 4, dataAt: 4, dictionaryAt: null };
    return written.get(leaf) ?? chunkStruct(chunks[leaf]!, node, place);
  });
  const footer = projectFooter(request.footer, {
    bytes: rowGroupStruct(structs, rows, layout.length),
    count: 1,
    rowCount: rows,
  });
  return {
    input: {
      uri: request.uri,
      footer,
      readInto: (start, into) => layout.readInto(request.readInto, start, into),
    },
    columns: [...new Set(cuts.map((cut) => schema.leaves[cut.leaf]!.path[0]!))],
    offset,
    limit: request.rowCount,
    canSkip: !cuts.some((cut) => chunks[cut.leaf]!.encodings.some((name) => name.startsWith('DELTA'))),
    fileBytes,
  };
}
