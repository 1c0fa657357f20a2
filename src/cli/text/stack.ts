// Stacks name places in the bundle; people want those in the sources. Done when a stack is shown: Node's own
// --enable-source-maps would read every map at the start.
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageJson } from '../../paths.ts';

const PLACE = /(file:\/\/[^\s()]+?\/bundle\/[^\s()/]+\.js):(\d+):(\d+)/g;

function mapOf(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8')) as SourceMapPayload);
  } catch {
    return null;
  }
}

/** The same stack with places as `src/cli/main.ts:12:3`, from the package's folder; what has no map stays as it is. */
export function sourceStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  const root = fileURLToPath(new URL('.', packageJson()));
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, mapOf(file));
    // Both count from 0 here, and from 1 in a stack.
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    const source = fileURLToPath(new URL(entry.originalSource, file));
    return `${relative(root, source)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}
