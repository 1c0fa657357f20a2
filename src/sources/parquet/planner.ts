// Main thread: which files there are, whether they agree, and into which slices they are cut.
import { ParloadError } from '../../errors/index.ts';
import type {
  ArrowField,
  ArrowSchema,
  BatchReader,
  InputInfo,
  InspectOptions,
  Json,
  PlanHints,
  ReadRequest,
  RowRange,
  Slice,
  Source,
  SourcePlan,
} from '../../model/index.ts';
import { checkReadable, type ParquetMetadata } from '../../parquet/index.ts';
import { countRows, mergeRanges, plural, subtractRanges } from '../../runtime/index.ts';
import type { Listing, Stores } from '../../storage/index.ts';
import { estimateGroups } from './estimate.ts';
import { PARQUET_EXTENSIONS } from './extensions.ts';
import { constantStats, partitionColumns } from './hive.ts';
import { openInput, type ParquetInput, SchemaCache } from './input.ts';
import { MetadataCache } from './metadata-cache.ts';
import type { ParquetOptions } from './options.ts';
import { prunedGroups } from './pruning.ts';
import { mergeSchemas, type OwnColumns, ownColumns } from './schema-merge.ts';
import { type CutSlice, cutSlices, neededBytes, type Part, type SlicingInput } from './slicing.ts';
import { storesOf } from './stores.ts';
import { detailJson, ticketJson } from './ticket.ts';

/** Files open at once while their footers are read. */
const OPEN_AT_ONCE = 32;

interface Inspected {
  readonly inputs: readonly ParquetInput[];
  readonly schema: ArrowSchema;
  /** The last columns of `schema`. */
  readonly partitionFields: readonly ArrowField[];
  readonly notes: readonly string[];
}

export class ParquetPlanner implements Source {
  readonly #options: ParquetOptions;
  readonly #stores: Stores;
  readonly #metadata: MetadataCache;
  #storesTicket: Json = null;
  #inspected: Inspected | null = null;

  constructor(options: ParquetOptions) {
    this.#options = options;
    this.#stores = storesOf(options);
    this.#metadata = new MetadataCache(this.#stores);
  }

  async inspect(options?: InspectOptions): Promise<{ inputs: readonly InputInfo[]; schema: ArrowSchema }> {
    this.#inspected ??= await this.#inspect(options?.evolve === true);
    const { inputs, schema } = this.#inspected;
    return { inputs: inputs.map((input) => input.info), schema };
  }

  async #inspect(evolve: boolean): Promise<Inspected> {
    const listings = await Promise.all(
      this.#options.paths.map((path) => this.#stores.list(path, { extensions: PARQUET_EXTENSIONS })),
    );
    const inputs = await this.#open(listings);
    const files = inputs.map((input) => ({ uri: input.info.uri, schema: input.schema }));
    const merged = mergeSchemas(files, { evolve });
    const partitions = partitionColumns(
      this.#options.hivePartitioning,
      inputs.map((input) => ({ uri: input.info.uri, many: input.many, values: input.partitions })),
    );
    const notes = [...(partitions.note === null ? [] : [partitions.note]), ...schemaNotes(inputs)];
    const names = new Set(partitions.fields.map((field) => field.name));
    const hidden = merged.fields.filter((field) => names.has(field.name)).map((field) => `"${field.name}"`);
    // as Spark and DuckDB do: whoever moved a file meant the folder it is in
    if (hidden.length > 0) notes.push(`folder names replace the files' own columns ${hidden.join(', ')}`);
    const skipped = listings.flatMap((listing) => listing.skippedEmpty);
    if (skipped.length > 0) {
      notes.push(`${plural(skipped.length, 'file')} of 0 bytes left out, the first is ${skipped[0]}`);
    }
    const own = merged.fields.filter((field) => !names.has(field.name));
    return {
      inputs,
      schema: { fields: [...own, ...partitions.fields] },
      partitionFields: partitions.fields,
      notes,
    };
  }

  async #open(listings: readonly Listing[]): Promise<ParquetInput[]> {
    const objects = new Map(
      listings.flatMap((listing) =>
        listing.objects.map((object) => [object.uri, { object, many: listing.kind === 'many' }]),
      ),
    );
    const schemas = new SchemaCache();
    const queue = [...objects.values()];
    const inputs: ParquetInput[] = new Array(queue.length);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < queue.length) {
        const at = next++;
        const { object, many } = queue[at]!;
        const { input, meta } = await openInput(this.#stores, object, many, schemas);
        inputs[at] = input;
        this.#metadata.put(input, meta);
      }
    };
    const workers = Array.from({ length: Math.min(OPEN_AT_ONCE, queue.length) }, work);
    const failed = (await Promise.allSettled(workers)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return inputs;
  }

  #ready(): Inspected {
    if (this.#inspected === null) throw new ParloadError('UNEXPECTED', 'plan was called before inspect');
    return this.#inspected;
  }

  async plan(request: ReadRequest, hints: PlanHints): Promise<SourcePlan> {
    const { inputs, schema, notes } = this.#ready();
    checkColumns(request.columns, schema);
    const slicing: SlicingInput[] = [];
    let rowsCommitted = 0;
    let rowsPruned = 0;
    for (const input of inputs) {
      const committed = mergeRanges(hints.committed[input.info.id] ?? []);
      const parts = await this.#parts(input, request);
      slicing.push({ parts, committed });
      const all = { start: 0, end: input.info.rowCount };
      rowsCommitted += input.info.rowCount - countRows(subtractRanges(all, committed));
      rowsPruned += prunedRows(parts, committed);
    }
    const cuts = cutSlices(slicing, hints);
    const slices: Slice[] = [];
    for (const cut of cuts) slices.push(await this.#slice(inputs[cut.input]!, cut));
    const most = cuts.reduce((max, cut) => Math.max(max, neededBytes(cut)), 0);
    const aheadBytes = inputs.reduce(
      (max, { info }) => Math.max(max, this.#stores.traits(info.uri).readAheadBytes),
      0,
    );
    this.#storesTicket = await this.#stores.ticket();
    return {
      slices,
      rowsPruned,
      rowsCommitted,
      bytesPerWorker: Math.ceil(most + aheadBytes),
      notes,
    };
  }

  /** The row groups of one file as slicing wants them. */
  async #parts(input: ParquetInput, request: ReadRequest): Promise<Part[]> {
    const { partitionFields } = this.#ready();
    const meta = await this.#metadata.get(input);
    const { uri, sizeBytes } = input.info;
    const wanted = request.columns === null ? null : new Set(request.columns);
    const constants = new Map(partitionFields.map((field, i) => [field.name, { field, i }]));
    const isWanted = (leaf: number): boolean => {
      const root = meta.schema.leaves[leaf]!.path[0]!;
      return (wanted === null || wanted.has(root)) && !constants.has(root);
    };
    const named = <T>(work: () => T): T => {
      try {
        return work();
      } catch (error) {
        throw ParloadError.is(error) ? error.at({ input: uri }) : error;
      }
    };
    const estimates = named(() =>
      estimateGroups(meta, isWanted, (rowGroup, chunks) =>
        checkReadable(chunks, { input: uri, rowGroup }, sizeBytes),
      ),
    );
    const { pruner } = request;
    const pruned =
      // bounds of another type, or of a column that this file lacks, say nothing of the job's
      pruner === null || 'own' in ownOf(input, this.#ready())
        ? null
        : named(() =>
            prunedGroups(meta, input.schema, pruner, (column, rowCount) => {
              const constant = constants.get(column);
              if (constant === undefined) return null;
              return constantStats(constant.field, input.partitions[constant.i]?.value ?? null, rowCount);
            }),
          );
    return estimates.map((estimate, g) => ({
      rowStart: meta.rowGroup(g).rowStart,
      rowCount: meta.rowGroup(g).rowCount,
      estBytes: estimate.estBytes,
      fixedBytes: estimate.compressedBytes,
      pageBytes: estimate.pageBytes,
      pruned: pruned?.[g] ?? false,
    }));
  }

  async #slice(input: ParquetInput, cut: CutSlice): Promise<Slice> {
    const meta = await this.#metadata.get(input);
    const { id, uri } = input.info;
    return {
      id: `${id}:${cut.rowStart}+${cut.rowCount}`,
      inputId: id,
      inputUri: uri,
      rowStart: cut.rowStart,
      rowCount: cut.rowCount,
      estBytes: cut.estBytes,
      detail: detailJson(detailFor(meta, cut)),
    };
  }

  ticket(): Json {
    const { inputs, schema, partitionFields } = this.#ready();
    return ticketJson({
      stores: this.#storesTicket,
      inputs: inputs.map((input) => ({
        id: input.info.id,
        uri: input.info.uri,
        sizeBytes: input.info.sizeBytes,
        version: input.info.version,
        footer: { start: input.footer.start, length: input.footer.length },
        layout: input.layout,
        partitions: partitionFields.map((_, i) => input.partitions[i]?.value ?? null),
        ...ownOf(input, this.#ready()),
      })),
      fields: schema.fields,
      partitionCount: partitionFields.length,
    });
  }

  async partOf(inputId: string, row: number): Promise<number> {
    const input = this.#ready().inputs.find(({ info }) => info.id === inputId);
    if (input === undefined) return -1;
    const meta = await this.#metadata.get(input);
    let group = meta.rowGroupCount - 1;
    while (group > 0 && meta.rowGroup(group).rowStart > row) group--;
    return group;
  }

  open(): BatchReader {
    throw new ParloadError('UNEXPECTED', 'a planner reads no rows');
  }

  async close(): Promise<void> {
    this.#metadata.clear();
    await this.#stores.close();
  }
}

const ownOf = ({ schema: own }: ParquetInput, { schema, partitionFields }: Inspected): OwnColumns =>
  ownColumns(own, schema.fields.slice(0, schema.fields.length - partitionFields.length));

/** What the files' schemas have to say, each once. */
function schemaNotes(inputs: readonly ParquetInput[]): string[] {
  const uris = new Map<string, string[]>();
  for (const { info, schema } of inputs) {
    for (const note of schema.notes) {
      const known = uris.get(note);
      if (known === undefined) uris.set(note, [info.uri]);
      else known.push(info.uri);
    }
  }
  return [...uris].map(([note, [first, ...more]]) =>
    more.length === 0 ? `${note} (${first})` : `${note} (${first} and ${plural(more.length, 'file')} more)`,
  );
}

function checkColumns(columns: ReadRequest['columns'], schema: ArrowSchema): void {
  const known = new Set(schema.fields.map((field) => field.name));
  for (const column of columns ?? []) {
    if (known.has(column)) continue;
    throw new ParloadError('COLUMN_UNKNOWN', `the source has no column "${column}"`, { where: { column } });
  }
}

const prunedRows = (parts: readonly Part[], committed: readonly RowRange[]): number =>
  parts
    .filter((part) => part.pruned)
    .reduce((sum, part) => {
      const range = { start: part.rowStart, end: part.rowStart + part.rowCount };
      return sum + countRows(subtractRanges(range, committed));
    }, 0);

function detailFor(meta: ParquetMetadata, cut: CutSlice) {
  const first = meta.rowGroup(cut.first);
  const last = meta.rowGroup(cut.last);
  return {
    rowGroups: [cut.first, cut.last],
    footer: [first.extent.start, last.extent.end],
    groupRows: last.rowStart + last.rowCount - first.rowStart,
    offset: cut.rowStart - first.rowStart,
  } as const;
}
