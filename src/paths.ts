// Our own files that are found by their place. This file is one folder below dist/, compiled (dist/src) and bundled
// (dist/bundle) alike.

/** Defined by scripts/bundle/main.ts. */
declare const PARLOAD_BUNDLED: true | undefined;

const bundled = typeof PARLOAD_BUNDLED !== 'undefined';

/** A thread entry. In the bundle it is beside the rest. */
export const workerEntry = (name: string): URL =>
  new URL(bundled ? `./${name}.js` : `../workers/${name}.js`, import.meta.url);

/** Of this package. */
export const packageJson = (): URL => new URL('../../package.json', import.meta.url);

/** The benchmark, which is in the repository only. */
export const benchMain = (): URL => new URL('../bench/main.js', import.meta.url);
