// What `parload inspect FILE` prints. Plain data.
import { typeName } from '../../arrow/index.ts';
import type { ArrowField, ArrowType, ColumnStats } from '../../model/index.ts';
import { readFooter, readMetadata } from '../../parquet/footer.ts';
import type { ColumnChunk, ParquetMetadata } from '../../parquet/index.ts';
import { columnStats } from '../../parquet/statistics.ts';
import { openObject } from '../../storage/index.ts';
import { boundText } from './bound-text.ts';
import { SchemaCache } from './input.ts';

export interface InspectedColumn {
  readonly name: string;
  readonly type: string;
  readonly logical: string | null;
  readonly nullable: boolean;
  readonly codecs: readonly string[];
  readonly encodings: readonly string[];
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** Null when a row group does not say. */
  readonly nulls: number | null;
  /** Bounds as text; null when unknown. Text bounds may be shortened. */
  readonly min: string | null;
  readonly max: string | null;
}

export interface ParquetInspection {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly rows: number;
  readonly createdBy: string | null;
  readonly columns: readonly InspectedColumn[];
  readonly rowGroups: readonly {
    readonly index: number;
    readonly rows: number;
    readonly compressedBytes: number;
    readonly uncompressedBytes: number;
  }[];
  readonly keyValueKeys: readonly string[];
}

/** What all row groups together say about one root column. */
class ColumnSummary {
  readonly #field: ArrowField;
  readonly #codecs = new Set<string>();
  readonly #encodings = new Set<string>();
  #compressed = 0;
  #uncompressed = 0;
  #stats: ColumnStats | null = null;
  #leaves = 0;

  constructor(field: ArrowField) {
    this.#field = field;
  }

  add(chunk: ColumnChunk, stats: ColumnStats, isFlat: boolean): void {
    this.#codecs.add(chunk.codec);
    for (const encoding of chunk.encodings) this.#encodings.add(encoding);
    this.#compressed += Math.max(0, chunk.compressedBytes);
    this.#uncompressed += Math.max(0, chunk.uncompressedBytes);
    if (!isFlat) this.#leaves++;
    else this.#stats = this.#stats === null ? stats : joinStats(this.#stats, stats);
  }

  result(): InspectedColumn {
    const { name, type, nullable, logical } = this.#field;
    const text = (bound: ColumnStats['min']): string | null =>
      bound === null ? null : boundText(valueType(type), logical, bound);
    return {
      name,
      type: typeName(type),
      logical,
      nullable,
      codecs: [...this.#codecs],
      encodings: [...this.#encodings],
      compressedBytes: this.#compressed,
      uncompressedBytes: this.#uncompressed,
      nulls: this.#leaves > 0 ? null : (this.#stats?.nullCount ?? null),
      min: text(this.#stats?.min ?? null),
      max: text(this.#stats?.max ?? null),
    };
  }
}

const valueType = (type: ArrowType): ArrowType => (type.id === 'dictionary' ? type.value : type);

type Bound = NonNullable<ColumnStats['min']>;

const isLess = (a: Bound, b: Bound): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) < 0 : a < b;

/** A row group in which all is null has no bounds and takes none away. */
function joinStats(a: ColumnStats, b: ColumnStats): ColumnStats {
  const allNull = (s: ColumnStats): boolean => s.nullCount === s.rowCount;
  const pick = (x: ColumnStats['min'], y: ColumnStats['min'], less: boolean): ColumnStats['min'] => {
    if (x === null) return allNull(a) ? y : null;
    if (y === null) return allNull(b) ? x : null;
    return isLess(x, y) === less ? x : y;
  };
  const nullCount = a.nullCount === null || b.nullCount === null ? null : a.nullCount + b.nullCount;
  return {
    min: pick(a.min, b.min, true),
    max: pick(a.max, b.max, false),
    nullCount,
    rowCount: a.rowCount + b.rowCount,
  };
}

function summarize(meta: ParquetMetadata, fields: readonly ArrowField[]): InspectedColumn[] {
  const summaries = fields.map((field) => new ColumnSummary(field));
  // by position: names may come twice
  const roots = meta.schema.root.children;
  const rootOf = new Map(roots.flatMap((root, i) => leavesOf(root).map((leaf) => [leaf, i] as const)));
  for (let g = 0; g < meta.rowGroupCount; g++) {
    const { rowCount } = meta.rowGroup(g);
    for (const chunk of meta.columns(g)) {
      const leaf = chunk === null ? undefined : meta.schema.leaves[chunk.leaf];
      const root = leaf === undefined ? undefined : rootOf.get(leaf);
      if (chunk === null || leaf === undefined || root === undefined || summaries[root] === undefined)
        continue;
      const stats = columnStats(meta, chunk, fields[root]!.type, rowCount);
      const isFlat = leaf.path.length === 1 && leaf.maxRepetition === 0;
      summaries[root].add(chunk, stats, isFlat);
    }
  }
  return summaries.map((summary) => summary.result());
}

type Node = ParquetMetadata['schema']['root'];
const leavesOf = (node: Node): Node[] =>
  node.children.length === 0 ? [node] : node.children.flatMap(leavesOf);

function groupsOf(meta: ParquetMetadata): ParquetInspection['rowGroups'] {
  return Array.from({ length: meta.rowGroupCount }, (_, index) => {
    const group = meta.rowGroup(index);
    const chunks = meta.columns(index);
    const sum = (of: (chunk: ColumnChunk) => number): number =>
      chunks.reduce((total, chunk) => total + Math.max(0, chunk === null ? 0 : of(chunk)), 0);
    return {
      index,
      rows: group.rowCount,
      compressedBytes: sum((chunk) => chunk.compressedBytes),
      uncompressedBytes: sum((chunk) => chunk.uncompressedBytes),
    };
  });
}

export async function inspectParquet(uri: string): Promise<ParquetInspection> {
  const file = await openObject(uri);
  try {
    const footer = await readFooter(file);
    const meta = readMetadata(file, footer.bytes);
    const { fields } = new SchemaCache().schemaOf(meta);
    return {
      uri: file.uri,
      sizeBytes: file.sizeBytes,
      rows: meta.rowCount,
      createdBy: meta.createdBy,
      columns: summarize(meta, fields),
      rowGroups: groupsOf(meta),
      keyValueKeys: meta.keyValues.map((pair) => pair.key),
    };
  } finally {
    await file.close();
  }
}
