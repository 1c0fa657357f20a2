// The import graph as it is: what esbuild resolves, plus type imports, which esbuild drops.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { build } from 'esbuild';

export interface Import {
  /** A file of ours as `src/x.ts`, or a package's name, or `node:x`. */
  readonly to: string;
  readonly external: boolean;
  /** True for `import type`: it holds at compile time only. */
  readonly typeOnly: boolean;
}

/** Path from the repository's root, with `/`, to what the file imports. */
export type Graph = ReadonlyMap<string, readonly Import[]>;

/** All TypeScript files below `dirs`, as paths from `root` with `/`. */
export function typescriptFiles(root: string, dirs: readonly string[]): string[] {
  return dirs.flatMap((dir) =>
    readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => posix.join(dir, name.replaceAll('\\', '/')))
      .sort(),
  );
}

/** `pg/lib/x` -> `pg`, `@scope/x/y` -> `@scope/x`, `node:fs/promises` -> `node:fs`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const TYPE_IMPORT = /^\s*(?:import|export)\s+type\s[^'"]*?\sfrom\s+['"]([^'"]+)['"]/gm;
const BRACED_IMPORT = /^\s*(?:import|export)\s*\{([^}]*)\}\s*from\s+['"]([^'"]+)['"]/gm;

const toImport = (from: string, specifier: string): Import => {
  const own = specifier.startsWith('.');
  const to = own ? posix.join(posix.dirname(from), specifier) : packageOf(specifier);
  return { to, external: !own, typeOnly: true };
};

/** Imports of types alone, by pattern: `import type ... from` and `import { type A, type B } from`. */
export function typeImports(from: string, code: string): Import[] {
  const whole = [...code.matchAll(TYPE_IMPORT)].map((m) => m[1]!);
  const braced = [...code.matchAll(BRACED_IMPORT)]
    .filter((m) =>
      m[1]!
        .split(',')
        .filter((name) => name.trim() !== '')
        .every((name) => name.trim().startsWith('type ')),
    )
    .map((m) => m[2]!);
  return [...whole, ...braced].map((specifier) => toImport(from, specifier));
}

export async function importGraph(root: string, dirs: readonly string[]): Promise<Graph> {
  const files = typescriptFiles(root, dirs);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files,
    bundle: true,
    write: false,
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outdir: 'unused',
    logLevel: 'silent',
  });
  return new Map(
    files.map((file) => {
      const values = (metafile.inputs[file]?.imports ?? []).map(
        ({ path, external = false }): Import => ({
          to: external ? packageOf(path) : path,
          external,
          typeOnly: false,
        }),
      );
      return [file, [...values, ...typeImports(file, readFileSync(join(root, file), 'utf8'))]];
    }),
  );
}
