import type { StorageModule } from '../storage.ts';
import { WebStorage } from './web-storage.ts';

export const storage: StorageModule = {
  create: async (options, ticket) => new WebStorage(options, ticket),
};
