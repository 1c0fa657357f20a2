import { inspectParquet } from '../../sources/parquet/inspect.ts';
import type { PlainArguments } from '../arguments.ts';
import { inspectText } from '../text/inspect.ts';
import { terminalWidth } from '../text/table.ts';

export async function inspectCommand({ positional, output }: PlainArguments): Promise<number> {
  const files = [];
  for (const path of positional) files.push(await inspectParquet(path));
  if (output.json) {
    process.stdout.write(`${JSON.stringify(files.length === 1 ? files[0] : files)}\n`);
    return 0;
  }
  const style = { width: terminalWidth(process.stdout), verbose: output.verbose };
  process.stdout.write(files.map((file) => inspectText(file, style)).join('\n'));
  return 0;
}
