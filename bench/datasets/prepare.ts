// A data set's files: found, or made once and kept in .parload/bench.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ParloadError } from '../../src/errors/index.ts';
import type { DataSet } from '../../src/report/bench/results.ts';
import { planCopy } from '../plan.ts';
import { DATA, type DataRecipe, fileNameOf } from './catalogue.ts';

export interface PreparedData {
  readonly facts: DataSet;
  /** Changes with the files' content. */
  readonly identity: string;
  /** As `copy` is given them. */
  readonly sources: readonly string[];
}

export interface DataPlaces {
  readonly root: string;
  readonly cacheDir: string;
  readonly say: (line: string) => void;
}

const MAKER = fileURLToPath(new URL('./make.js', import.meta.url));

/** A data set by name; its file is made when it is not there yet. */
export async function prepareNamed(name: string, places: DataPlaces): Promise<PreparedData> {
  const recipe = DATA[name];
  if (recipe === undefined) {
    throw new ParloadError('USAGE', `there is no data set "${name}"`, {
      hint: `The bench makes: ${Object.keys(DATA).join(', ')}. Files are given as paths.`,
    });
  }
  const shared = sharedFile(recipe, places.root);
  const path = shared ?? (await madeFile(name, places));
  const sources = recipe.copies === undefined ? [path] : copiesOf(path, recipe.copies);
  const origin = shared === null ? 'made by the bench' : basename(shared);
  return describe(name, recipe.title, origin, sources);
}

/** Files of the user's. */
export const prepareFiles = (name: string, sources: readonly string[]): Promise<PreparedData> =>
  describe(name, sources.join(' '), 'given', sources);

function sharedFile(recipe: DataRecipe, root: string): string | null {
  if (recipe.shared === undefined) return null;
  const dir = process.env.PARLOAD_SHARED || resolve(root, '..', 'shared');
  const path = join(dir, recipe.shared);
  return existsSync(path) ? path : null;
}

async function madeFile(name: string, { cacheDir, say }: DataPlaces): Promise<string> {
  // Data sets that differ only in how often their file is given share it.
  const recipe = DATA[name]!;
  const [same = name] = Object.keys(DATA).filter((other) => sameFile(DATA[other]!, recipe));
  const path = join(cacheDir, fileNameOf(same));
  if (existsSync(path)) return path;
  mkdirSync(cacheDir, { recursive: true });
  say(`making ${same} (${recipe.title}); it is kept for the next time`);
  const child = spawn(process.execPath, [MAKER, same, path], { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  if (code !== 0) throw new ParloadError('UNEXPECTED', `making the data set ${same} failed (${code})`);
  return path;
}

const sameFile = (a: DataRecipe, b: DataRecipe): boolean =>
  a.shared === undefined &&
  a.rowGroupRows === b.rowGroupRows &&
  JSON.stringify(a.recipe) === JSON.stringify(b.recipe);

/** Names of their own, because an input is known by its URI. */
function copiesOf(path: string, copies: number): string[] {
  return Array.from({ length: copies }, (_, i) => {
    const link = path.replace(/\.parquet$/, `-copy${i}.parquet`);
    rmSync(link, { force: true });
    symlinkSync(basename(path), link);
    return link;
  });
}

async function describe(
  name: string,
  title: string,
  origin: string,
  sources: readonly string[],
): Promise<PreparedData> {
  const plan = await planCopy([...sources, 'null:']);
  const sum = (of: (input: (typeof plan.inputs)[number]) => number): number =>
    plan.inputs.reduce((total, input) => total + of(input), 0);
  return {
    sources,
    identity: plan.inputs.map((input) => `${input.id} ${input.version}`).join('\n'),
    facts: {
      name,
      title,
      origin,
      files: plan.inputs.length,
      fileBytes: sum((input) => input.sizeBytes),
      rowCount: sum((input) => input.rowCount),
      rowGroups: sum((input) => input.partCount),
      columns: plan.target.mapping.length,
    },
  };
}
