import type { Storage, StorageModule } from '../storage.ts';
import { listLocal } from './list.ts';
import { openLocal } from './local-object.ts';
import { createLocal } from './local-sink.ts';

const local: Storage = {
  list: listLocal,
  open: (uri) => openLocal(uri),
  create: createLocal,
  close: async () => undefined,
};

export const storage: StorageModule = { create: async () => local };
