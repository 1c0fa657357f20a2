import { createRequire } from 'node:module';

type Zlib = typeof import('node:zlib');

let loaded: Zlib | null = null;

/** node:zlib when it is first needed: many files need none of it, and loading it takes each thread 2 ms. */
export const zlib = (): Zlib => {
  loaded ??= createRequire(import.meta.url)('node:zlib') as Zlib;
  return loaded;
};
