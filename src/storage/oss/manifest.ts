import { BUCKET_FLAGS, HTTP_FLAGS } from '../remote/flags.ts';
import { REMOTE_TRAITS } from '../remote/traits.ts';
import type { StorageManifest } from '../storage.ts';

export const manifest: StorageManifest = {
  kind: 'oss',
  schemes: ['oss'],
  flags: [...BUCKET_FLAGS, ...HTTP_FLAGS],
  traits: REMOTE_TRAITS,
};
