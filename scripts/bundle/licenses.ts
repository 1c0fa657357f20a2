// The licences of what is copied into the bundle: each asks to be where the code is.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `.../node_modules/@scope/name/lib/x.js` -> `.../node_modules/@scope/name` */
const PACKAGE_FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** `inputs` as in esbuild's metafile, below `root`. A package that says nothing about its licence is an error. */
export function licensesOf(root: string, inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((input) => PACKAGE_FOLDER.exec(input)?.[0] ?? []));
  return [...folders]
    .sort()
    .map((folder) => section(join(root, folder)))
    .join('\n');
}

function section(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Manifest;
  if (license === undefined) throw new Error(`${name} does not say under which licence it is`);
  const texts = readdirSync(folder)
    .filter((entry) => /^licen[cs]e/i.test(entry))
    .map((entry) => `\n${readFileSync(join(folder, entry), 'utf8').trim()}\n`);
  const line = '-'.repeat(80);
  return `${line}\n${name} ${version}: ${license}\n${line}\n${texts.join('')}`;
}
