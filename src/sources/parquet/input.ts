// One file as the planner knows it.
import { createHash } from 'node:crypto';
import { ParloadError } from '../../errors/index.ts';
import type { InputInfo } from '../../model/index.ts';
import { arrowSchema, type FileSchema } from '../../parquet/arrow-schema.ts';
import { readFooter, readMetadata } from '../../parquet/footer.ts';
import {
  NO_GROUPS,
  type ParquetFooter,
  type ParquetMetadata,
  projectFooter,
  wholeFooter,
} from '../../parquet/index.ts';
import type { ListedObject, StoredObject, Stores } from '../../storage/index.ts';
import { type PartitionValues, parsePartitions } from './hive.ts';

export interface ParquetInput {
  readonly info: InputInfo;
  /** True when a folder or a glob led to it. */
  readonly many: boolean;
  readonly partitions: PartitionValues;
  readonly footer: { readonly start: number; readonly length: number; readonly sha256: string };
  readonly layout: ParquetMetadata['layout'];
  readonly schema: FileSchema;
}

const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
};

/** The same file at the same place with the same footer; 24 hex digits are 96 bits. */
const identityOf = (uri: string, sizeBytes: number, footer: ParquetFooter): string =>
  sha256(uri, String(sizeBytes), footer.sha256).slice(0, 24);

/** Each distinct schema once: a thousand files of one writer have one. */
export class SchemaCache {
  readonly #known = new Map<string, FileSchema>();

  schemaOf(meta: ParquetMetadata): FileSchema {
    const footer = projectFooter(wholeFooter(meta.footer, meta.layout), NO_GROUPS);
    const key = sha256(footer);
    let schema = this.#known.get(key);
    if (schema === undefined) {
      schema = arrowSchema(meta);
      this.#known.set(key, schema);
    }
    return schema;
  }
}

export interface OpenedInput {
  readonly input: ParquetInput;
  readonly meta: ParquetMetadata;
}

function named<T>(uri: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ParloadError.is(error) ? error.at({ input: uri }) : error;
  }
}

/** What a remote listing told need not be asked for again. */
const openListed = (stores: Stores, { uri, sizeBytes, version }: ListedObject): Promise<StoredObject> =>
  stores.open(uri, version === undefined ? undefined : { sizeBytes, version });

export async function openInput(
  stores: Stores,
  object: ListedObject,
  many: boolean,
  schemas: SchemaCache,
): Promise<OpenedInput> {
  const file = await openListed(stores, object);
  try {
    const footer = await readFooter(file);
    const meta = readMetadata(file, footer.bytes);
    const schema = named(file.uri, () => schemas.schemaOf(meta));
    const info: InputInfo = {
      id: identityOf(file.uri, file.sizeBytes, footer),
      uri: file.uri,
      sizeBytes: file.sizeBytes,
      version: file.version,
      rowCount: meta.rowCount,
      partCount: meta.rowGroupCount,
    };
    const input: ParquetInput = {
      info,
      many,
      partitions: parsePartitions(object.partitions),
      footer: { ...footer.location, sha256: footer.sha256 },
      layout: meta.layout,
      schema,
    };
    return { input, meta };
  } finally {
    await file.close();
  }
}

/** The footer again, later. It must still be the same. */
export async function reopenMetadata(stores: Stores, input: ParquetInput): Promise<ParquetMetadata> {
  const file = await stores.open(input.info.uri, input.info);
  try {
    const footer = file.version === input.info.version ? await readFooter(file) : null;
    if (footer?.sha256 !== input.footer.sha256) {
      throw new ParloadError('SOURCE_CHANGED', `${input.info.uri} was modified while it was being planned`, {
        where: { input: input.info.uri },
      });
    }
    return readMetadata(file, footer.bytes);
  } finally {
    await file.close();
  }
}
