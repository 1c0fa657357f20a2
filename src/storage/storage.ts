// What a place for bytes must offer. Each folder beside this file is one place.
import type { ByteObject } from '../model/index.ts';

/** A `ByteObject` whose version can be asked for again without reading. */
export interface StoredObject extends ByteObject {
  /** Fails with SOURCE_CHANGED when the object is no longer the one that was opened. Cheap: once a slice. */
  verify(): Promise<void>;
}

/** One object that a URI, folder or glob stands for. */
export interface ListedObject {
  readonly uri: string;
  readonly sizeBytes: number;
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

export interface Storage {
  /** URI schemes without colon; '' stands for plain paths. */
  readonly schemes: readonly string[];
  list(uri: string, request: ListRequest): Promise<Listing>;
  open(uri: string): Promise<StoredObject>;
}
