// `make bench-micro`: each kernel by itself, in seconds. Arguments: words that names must contain.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareNamed } from '../datasets/prepare.ts';
import { decodeKernels } from './decode.ts';
import { encodeKernels } from './encode.ts';
import { framingKernels } from './framing.ts';
import { type KernelResult, measureKernel } from './measure.ts';

/** dist/bench/micro/main.js -> the checkout. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PLACES = {
  root: ROOT,
  cacheDir: join(ROOT, '.parload', 'bench'),
  say: (line: string): void => console.error(line),
};

const SCALES: readonly (readonly [number, string])[] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

function perSecond(value: number, unit: string): string {
  const [scale, letter] = SCALES.find(([least]) => value >= least) ?? [1, ''];
  return `${(value / scale).toFixed(2)} ${letter}${unit}/s`;
}

function line({ name, unit, median, min, max }: KernelResult): string {
  const spread = `${perSecond(min, unit)} to ${perSecond(max, unit)}`;
  return `  ${name.padEnd(26)}${perSecond(median, unit).padStart(18)}   ${spread}`;
}

const words = process.argv.slice(2);
const kernels = [
  ...decodeKernels((name) => prepareNamed(name, PLACES)),
  ...encodeKernels,
  ...framingKernels,
].filter(({ name }) => words.every((word) => name.includes(word)));
if (kernels.length === 0) {
  console.error(`no kernel's name contains ${words.join(' and ')}`);
  process.exitCode = 2;
}
for (const kernel of kernels) console.log(line(await measureKernel(kernel)));
