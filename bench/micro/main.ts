// `make bench-micro`: each kernel by itself, in seconds. Arguments: words that names must contain.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareNamed } from '../datasets/prepare.ts';
import { runChild } from '../measure/child.ts';
import { cleanEnv } from '../plan.ts';
import { decodeKernels } from './decode.ts';
import { encodeKernels } from './encode.ts';
import { framingKernels } from './framing.ts';
import { type Kernel, type KernelResult, measureKernel } from './measure.ts';

/** Before a kernel's exact name: measure it here. */
const ONE = '--one=';
const TIMEOUT_MS = 120_000;

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

const kernels = [...decodeKernels((name) => prepareNamed(name, PLACES)), ...encodeKernels, ...framingKernels];

/** In a process of its own: what one kernel taught the compiler would slow down the next, by half and more. */
async function measured({ name }: Kernel): Promise<KernelResult> {
  const { code, stdout, stderr } = await runChild({
    command: process.execPath,
    args: [fileURLToPath(import.meta.url), ONE + name],
    env: cleanEnv(),
    timeoutMs: TIMEOUT_MS,
  });
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
  return JSON.parse(stdout) as KernelResult;
}

const words = process.argv.slice(2);
const one = words[0]?.startsWith(ONE) === true ? words[0].slice(ONE.length) : null;
const chosen = kernels.filter(({ name }) => words.every((word) => name.includes(word)));
if (one !== null) {
  console.log(JSON.stringify(await measureKernel(kernels.find(({ name }) => name === one)!)));
} else if (chosen.length === 0) {
  console.error(`no kernel's name contains ${words.join(' and ')}`);
  process.exitCode = 2;
} else {
  for (const shape of new Set(chosen.map(({ data }) => data)))
    if (shape !== undefined) await prepareNamed(shape, PLACES);
  for (const kernel of chosen) console.log(line(await measured(kernel)));
}
