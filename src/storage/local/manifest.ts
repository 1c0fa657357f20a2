import type { StorageManifest } from '../storage.ts';

export const manifest: StorageManifest = {
  kind: 'local',
  schemes: ['', 'file'],
  flags: [],
  traits: { latency: 'local', readAheadBytes: 0 },
};
