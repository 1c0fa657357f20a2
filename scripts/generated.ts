// A generated file: written, or with --check compared with what is on disk.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From dist/scripts. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** `by` is the command to name when the file is stale. */
export function generated(file: string, text: string, by: string): void {
  const path = join(ROOT, file);
  const onDisk = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (onDisk === text) return;
  if (process.argv.includes('--check')) {
    console.error(`${file} is stale: run \`${by}\``);
    process.exitCode = 1;
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${file}`);
}
