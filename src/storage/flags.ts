// What all storages together add to a source that reads from them.
import type { FlagSpec } from '../model/index.ts';
import { storageManifests } from './manifests.gen.ts';

/** Each flag once: storages share them. */
export const storageFlags: readonly FlagSpec[] = [
  ...new Map(storageManifests.flatMap((m) => m.flags).map((spec) => [spec.flag, spec])).values(),
];

export const storageSchemes: readonly string[] = storageManifests
  .flatMap((m) => m.schemes)
  .filter((scheme) => scheme !== '');
