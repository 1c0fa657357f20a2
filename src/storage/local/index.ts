import type { Storage } from '../storage.ts';
import { listLocal } from './list.ts';
import { openLocal } from './local-object.ts';

export const localStorage: Storage = { schemes: ['', 'file'], list: listLocal, open: openLocal };
