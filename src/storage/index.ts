import { ParloadError } from '../errors/index.ts';
import { redactUri } from '../runtime/index.ts';
import { localStorage } from './local/index.ts';
import type { Listing, ListRequest, Storage, StoredObject } from './storage.ts';

export { compileGlob, expandBraces, type GlobSegment, isGlob, matchesPath } from './glob.ts';
export type { ListedObject, Listing, ListRequest, Storage, StoredObject } from './storage.ts';

const STORAGES: readonly Storage[] = [localStorage];

const schemeOf = (uri: string): string => /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase() ?? '';

function storageFor(uri: string): Storage {
  const scheme = schemeOf(uri);
  const storage = STORAGES.find((s) => s.schemes.includes(scheme));
  if (storage === undefined) {
    throw new ParloadError(
      'CONNECTOR_UNKNOWN',
      `cannot read "${redactUri(uri)}": no storage for ${scheme}://`,
      {
        hint: `Files are given as paths, globs, folders or file:// URIs.`,
      },
    );
  }
  return storage;
}

/** Everything that a path, folder, glob or URI stands for. */
export async function listObjects(uri: string, request: ListRequest): Promise<Listing> {
  return storageFor(uri).list(uri, request);
}

/** Opens one object; `uri` as listing gave it. */
export async function openObject(uri: string): Promise<StoredObject> {
  return storageFor(uri).open(uri);
}
