import { HTTP_FLAGS, SPOOL_FLAG } from '../remote/flags.ts';
import { REMOTE_TRAITS } from '../remote/traits.ts';
import type { StorageManifest } from '../storage.ts';

export const manifest: StorageManifest = {
  kind: 'http',
  schemes: ['https', 'http'],
  flags: [...HTTP_FLAGS, SPOOL_FLAG],
  traits: REMOTE_TRAITS,
};
