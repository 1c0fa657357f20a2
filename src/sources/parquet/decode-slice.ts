// The rows of one slice out of one file, streamed from their pages.
import { ParloadError } from '../../errors/index.ts';
import type { ArrowBatch, ArrowField, Slice } from '../../model/index.ts';
import type { PageCodecs } from '../../parquet/codecs/index.ts';
import {
  type BatchColumn,
  ColumnStream,
  type LeafMaker,
  type LeafStream,
  NestedColumn,
  NestedLeafStream,
  openColumn,
  PageSource,
  type SchemaNode,
  streamRows,
} from '../../parquet/index.ts';
import { Arena } from '../../runtime/index.ts';
import { withoutFirst } from './batch-rows.ts';
import { JoinedSlice } from './joined-slice.ts';
import { KeptColumns } from './kept-columns.ts';
import type { OpenFile } from './open-files.ts';
import { type PagedRowGroup, PagedRowGroups } from './paged-row-group.ts';
import { pageRanges } from './read-order.ts';
import { detailOf } from './ticket.ts';

export class SliceDecoder {
  readonly #codecs: PageCodecs;
  /** The files' own columns that are wanted. */
  readonly #fields: readonly ArrowField[];
  readonly #groups: PagedRowGroups;
  readonly #memoryBytes: number;
  readonly #arena = new Arena();
  readonly #streams = new KeptColumns<BatchColumn<LeafStream>>();
  readonly #joined = new KeptColumns<BatchColumn>();

  constructor(codecs: PageCodecs, fields: readonly ArrowField[], memoryBytes: number) {
    this.#codecs = codecs;
    this.#fields = fields;
    this.#groups = new PagedRowGroups(new Set(fields.map((field) => field.name)));
    this.#memoryBytes = memoryBytes;
  }

  /** WebAssembly memory of codecs, which never shrinks. */
  get heldBytes(): number {
    return this.#codecs.memoryBytes;
  }

  read(file: OpenFile, slice: Slice, batchRows: number): AsyncGenerator<ArrowBatch, void, void> {
    const [first, last] = detailOf(slice.detail).rowGroups;
    return first === last ? this.#readOne(file, slice, batchRows) : this.#readJoined(file, slice, batchRows);
  }

  async *#readJoined(
    file: OpenFile,
    slice: Slice,
    batchRows: number,
  ): AsyncGenerator<ArrowBatch, void, void> {
    const joined = await JoinedSlice.open(file, slice, this.#fields, {
      codecs: this.#codecs,
      arena: this.#arena,
      mostBytes: this.#memoryBytes / 2,
      kept: this.#joined,
    });
    // small groups: decoding what is in front is cheap
    yield* withoutFirst(detailOf(slice.detail).offset, joined.stream(batchRows));
  }

  async *#readOne(file: OpenFile, slice: Slice, batchRows: number): AsyncGenerator<ArrowBatch, void, void> {
    const group = await this.#groups.get(file, slice);
    const { offset } = detailOf(slice.detail);
    file.object.expect?.(pageRanges(group.pages.values(), offset, slice.rowCount));
    const roots = rootsOf(group, this.#fields);
    const sourceOf = sources(group, offset);
    const maker = streamMaker(sourceOf, offset);
    yield* this.#streams.read(
      roots,
      () => this.#fields.map((field, i) => openColumn(roots[i]!, field, this.#memoryBytes, maker)),
      (columns) => {
        for (const { leaves } of columns)
          for (const leaf of leaves) leaf.open(sourceOf(leaf.source.leaf), offset);
      },
      (columns) =>
        streamRows({
          columns,
          fields: this.#fields,
          rowCount: slice.rowCount,
          batchRows,
          mostPageBytes: this.#memoryBytes,
          readInto: (start, into) => file.object.readInto(start, into),
          arena: this.#arena,
          codecs: this.#codecs,
        }),
    );
  }
}

function rootsOf({ meta }: PagedRowGroup, fields: readonly ArrowField[]): SchemaNode[] {
  // the first of several with one name, as everywhere
  const byName = new Map(meta.schema.root.children.map((node) => [node.name, node] as const).reverse());
  return fields.map(({ name }) => {
    const node = byName.get(name);
    if (node !== undefined) return node;
    throw new ParloadError('SOURCE_CHANGED', `the column "${name}" is no longer in the file`, {
      where: { column: name },
    });
  });
}

const keyOf = ({ path }: SchemaNode): string => path.join('\0');

/** Where the pages of a leaf are, from a row of the row group on. The leaf may be another row group's. */
function sources({ meta, chunks, pages }: PagedRowGroup, rowStart: number): (leaf: SchemaNode) => PageSource {
  const indices = new Map(meta.schema.leaves.map((leaf, i) => [keyOf(leaf), i] as const).reverse());
  return (leaf) => {
    const index = indices.get(keyOf(leaf))!;
    return new PageSource(chunks[index]!, meta.schema.leaves[index]!, pages.get(index)!, rowStart);
  };
}

const streamMaker = (
  sourceOf: (leaf: SchemaNode) => PageSource,
  rowStart: number,
): LeafMaker<BatchColumn<LeafStream>> => ({
  flat: (leaf, field, reader) => new ColumnStream(sourceOf(leaf), field.type, reader, rowStart),
  nested: (field, plan, leaves) =>
    new NestedColumn(
      field,
      plan,
      leaves.map((options) => new NestedLeafStream(sourceOf(options.leaf), options, rowStart)),
    ),
});
