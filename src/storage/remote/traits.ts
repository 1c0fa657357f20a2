import { MiB } from '../../runtime/units.ts';
import type { StorageTraits } from '../storage.ts';

export const REMOTE_TRAITS: StorageTraits = { latency: 'remote', readAheadBytes: 12 * MiB };
