// Bytes by URI, wherever they are. The folder of a scheme loads when its first URI comes.
import { ParloadError } from '../errors/index.ts';
import type { Json } from '../model/index.ts';
import { redactUri } from '../runtime/index.ts';
import { storageLoaders } from './loaders.gen.ts';
import { storageManifests } from './manifests.gen.ts';
import type {
  ByteSink,
  KnownObject,
  Listing,
  ListRequest,
  Storage,
  StorageManifest,
  StorageOptions,
  StorageTraits,
  StoredObject,
} from './storage.ts';

export { compileGlob, expandBraces, type GlobSegment, isGlob, matchesPath } from './glob.ts';
export type {
  ByteSink,
  KnownObject,
  ListedObject,
  Listing,
  ListRequest,
  StorageOptions,
  StorageTraits,
  StoredObject,
} from './storage.ts';

const schemeOf = (uri: string): string => /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase() ?? '';

function manifestFor(uri: string): StorageManifest {
  const scheme = schemeOf(uri);
  const manifest = storageManifests.find((m) => m.schemes.includes(scheme));
  if (manifest !== undefined) return manifest;
  const known = storageManifests.flatMap((m) => m.schemes.filter((s) => s !== '')).map((s) => `${s}://`);
  throw new ParloadError(
    'CONNECTOR_UNKNOWN',
    `cannot read "${redactUri(uri)}": no storage for ${scheme}://`,
    { hint: `Files are given as paths, globs and folders, or as ${known.join(', ')}.` },
  );
}

/** All storages of one thread, with one set of options; each is made when it is first needed. */
export class Stores {
  readonly #options: StorageOptions;
  readonly #tickets: Readonly<Record<string, Json | undefined>>;
  readonly #open = new Map<string, Promise<Storage>>();

  /** `ticket`: what `ticket()` gave in the thread that listed. */
  constructor(options: StorageOptions = {}, ticket: Json = null) {
    this.#options = options;
    this.#tickets = (ticket ?? {}) as Record<string, Json | undefined>;
  }

  /** Everything that a path, folder, glob or URI stands for. */
  async list(uri: string, request: ListRequest): Promise<Listing> {
    return (await this.#storage(uri)).list(uri, request);
  }

  /** Opens one object; `uri` as listing gave it. */
  async open(uri: string, known?: KnownObject): Promise<StoredObject> {
    return (await this.#storage(uri)).open(uri, known);
  }

  /** A new object. */
  async create(uri: string): Promise<ByteSink> {
    const storage = await this.#storage(uri);
    if (storage.create !== undefined) return storage.create(uri);
    throw new ParloadError('CONNECTOR_UNKNOWN', `cannot write to ${redactUri(uri)}: it is only read`, {
      hint: 'Objects are written to s3:// and oss://.',
    });
  }

  traits(uri: string): StorageTraits {
    return manifestFor(uri).traits;
  }

  /** Plain data, secrets included: for the threads that open what was listed here. */
  async ticket(): Promise<Json> {
    const tickets: Record<string, Json> = {};
    for (const [kind, storage] of this.#open) tickets[kind] = (await storage).ticket?.() ?? null;
    return tickets;
  }

  async close(): Promise<void> {
    const storages = [...this.#open.values()];
    this.#open.clear();
    for (const storage of storages) await (await storage.catch(() => null))?.close();
  }

  #storage(uri: string): Promise<Storage> {
    const { kind } = manifestFor(uri);
    let storage = this.#open.get(kind);
    if (storage === undefined) {
      storage = storageLoaders[kind]!().then((module) =>
        module.create(this.#options, this.#tickets[kind] ?? null),
      );
      this.#open.set(kind, storage);
    }
    return storage;
  }
}

/** Without options: local files mostly. */
const plain = new Stores();

export const listObjects = (uri: string, request: ListRequest): Promise<Listing> => plain.list(uri, request);
export const createObject = (uri: string): Promise<ByteSink> => plain.create(uri);
export const openObject = (uri: string): Promise<StoredObject> => plain.open(uri);
