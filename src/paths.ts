/**
 * The thread entry. This file lies one level below the root in dist/ and in a bundle alike, so one relative URL
 * serves both.
 */
export const workerEntry = (name: string): URL => new URL(`../workers/${name}.js`, import.meta.url);
