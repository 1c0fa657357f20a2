// Columns of the slice before, so that their buffers serve the next one: a dictionary of a few MiB a column would otherwise be
// garbage after every slice, and garbage outside of V8's heap is collected late.
import type { BatchColumn, SchemaNode } from '../../parquet/index.ts';

/** Nodes of the same shape are read by the same columns. */
const shapeOf = (nodes: readonly SchemaNode[]): string =>
  JSON.stringify(nodes, (key, value: unknown) => (key === 'stored' ? undefined : value));

export class KeptColumns<C extends BatchColumn> {
  #shape = '';
  #columns: readonly C[] | null = null;

  /**
   * Columns for `roots`: those of the slice before after `again`, or new ones by `make`. They are kept for the next slice when
   * `read` has come to its end; what an error or an early stop left behind is not used again.
   */
  async *read<T>(
    roots: readonly SchemaNode[],
    make: () => readonly C[],
    again: (columns: readonly C[]) => void,
    read: (columns: readonly C[]) => AsyncGenerator<T, void, void>,
  ): AsyncGenerator<T, void, void> {
    const shape = shapeOf(roots);
    let columns = shape === this.#shape ? this.#columns : null;
    this.#columns = null;
    if (columns === null) columns = make();
    else again(columns);
    yield* read(columns);
    this.#shape = shape;
    this.#columns = columns;
  }
}
