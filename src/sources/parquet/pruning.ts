// Which row groups a filter cannot need.
import type { ArrowSchema, ColumnStats, Pruner } from '../../model/index.ts';
import type { ColumnChunk, ParquetMetadata } from '../../parquet/index.ts';
import { columnStats } from '../../parquet/statistics.ts';

/** Answers for columns that are not in the file, as partition columns. */
export type ConstantStats = (column: string, rowCount: number) => ColumnStats | null;

/** True by row group: no row of it can pass. Reads only the statistics of columns that the filter asks for. */
export function prunedGroups(
  meta: ParquetMetadata,
  schema: ArrowSchema,
  pruner: Pruner,
  constants: ConstantStats,
): boolean[] {
  const leaves = new Map<string, number>();
  meta.schema.leaves.forEach((leaf, i) => {
    if (leaf.path.length === 1 && leaf.maxRepetition === 0) leaves.set(leaf.name, i);
  });
  const types = new Map(schema.fields.map((field) => [field.name, field.type]));
  // a filter asks for the same columns of every row group, so they are read together after the first
  const asked = new Set<number>();
  return Array.from({ length: meta.rowGroupCount }, (_, g) => {
    const { rowCount } = meta.rowGroup(g);
    if (rowCount === 0) return false;
    let chunks: (ColumnChunk | null)[] | null = null;
    return pruner((column) => {
      const constant = constants(column, rowCount);
      if (constant !== null) return constant;
      const leaf = leaves.get(column);
      const type = types.get(column);
      if (leaf === undefined || type === undefined) return null;
      asked.add(leaf);
      if (chunks?.[leaf] == null) chunks = meta.columns(g, (i) => asked.has(i));
      const chunk = chunks[leaf];
      if (chunk == null || chunk.isEncrypted) return null;
      return columnStats(meta, chunk, type, rowCount);
    });
  });
}
