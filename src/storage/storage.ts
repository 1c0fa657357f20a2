// What a place for bytes must offer. Each folder beside this file that has a manifest is one place.
import type { ByteObject, FlagSpec, Json } from '../model/index.ts';
import type { ByteRange } from '../runtime/index.ts';

/** A `ByteObject` whose version can be asked for again without reading. */
export interface StoredObject extends ByteObject {
  /** Fails with SOURCE_CHANGED when the object is no longer the one that was opened. Cheap: once a slice. */
  verify(): Promise<void>;
  /**
   * What is going to be read next, in about this order; replaces what was said before. Where a read costs a round trip, it
   * is fetched ahead, within `StorageTraits.readAheadBytes`. Other bytes can be read all the same. Absent: nothing to gain.
   */
  expect?(ranges: readonly ByteRange[]): void;
}

/** What is known of an object that was looked at before: it is opened without asking again. */
export interface KnownObject {
  readonly sizeBytes: number;
  readonly version: string;
}

/** One object that a URI, folder or glob stands for. */
export interface ListedObject {
  /** Without secrets: what a signed URL has in its query is kept by the storage. */
  readonly uri: string;
  readonly sizeBytes: number;
  /** Where listing tells it; `open` takes it back as `KnownObject`. */
  readonly version?: string;
  /** `name=value` folder names between the dataset's root and the object, outermost first, still encoded. */
  readonly partitions: readonly string[];
}

export interface Listing {
  /** Sorted by URI. Never empty: nothing found is SOURCE_NOT_FOUND. */
  readonly objects: readonly ListedObject[];
  /** object: the URI named exactly one object. many: a folder or a glob. */
  readonly kind: 'object' | 'many';
  /** Empty files that a folder or glob contained and that were left out; they are reported, not hidden. */
  readonly skippedEmpty: readonly string[];
}

export interface ListRequest {
  /** Endings, with dot and in lower case, that count as data inside a folder; a file named explicitly always counts. */
  readonly extensions: readonly string[];
}

/** Takes the bytes of a new object, which appears when it is complete, or not at all. */
export interface ByteSink {
  readonly uri: string;
  /** Waits while too much is under way. The bytes may be used again when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the object visible. */
  finish(): Promise<KnownObject>;
  /** Takes away what was sent. Must not throw; after `finish` it does nothing. */
  abort(): Promise<void>;
}

export interface StorageTraits {
  /** remote: a read costs a round trip. */
  readonly latency: 'local' | 'remote';
  /** Bytes that one worker may hold besides what it asked for. */
  readonly readAheadBytes: number;
}

/** Options of all storages together, as they come from flags and job files: plain data, it crosses threads. */
export interface StorageOptions {
  readonly endpointUrl?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly pathStyle?: boolean | undefined;
  readonly signRequest?: boolean | undefined;
  readonly requestPayer?: 'requester' | undefined;
  readonly spool?: boolean | undefined;
  readonly caBundle?: string | undefined;
  /** Milliseconds. */
  readonly connectTimeoutMs?: number | undefined;
  readonly readTimeoutMs?: number | undefined;
}

export interface Storage {
  list(uri: string, request: ListRequest): Promise<Listing>;
  /** `uri` as listing gave it. */
  open(uri: string, known?: KnownObject): Promise<StoredObject>;
  /** A new object. Absent: this place is only read. */
  create?(uri: string): Promise<ByteSink>;
  /** Plain data that lets another thread open what was listed here; secrets allowed. */
  ticket?(): Json;
  close(): Promise<void>;
}

/** What can be known of a storage without loading it. */
export interface StorageManifest {
  readonly kind: string;
  /** URI schemes without colon; '' stands for plain paths. */
  readonly schemes: readonly string[];
  readonly flags: readonly FlagSpec[];
  readonly traits: StorageTraits;
}

export interface StorageModule {
  /** `ticket`: what `Storage.ticket` gave in the thread that listed; null there. */
  create(options: StorageOptions, ticket: Json): Promise<Storage>;
}
