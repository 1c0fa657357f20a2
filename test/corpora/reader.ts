// A process that reads the files it is told one by one, so that a file that takes too long or too much memory can be seen and
// stopped.
import { ParloadError } from '../../src/errors/index.ts';
import { digestFile, type FileDigest } from './golden.ts';

/** What became of one file. `peakBytes`: the most memory that the process ever had. */
export type Answer =
  | { readonly kind: 'read'; readonly digest: FileDigest; readonly peakBytes: number }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly place: readonly string[];
      readonly peakBytes: number;
    }
  | { readonly kind: 'crashed'; readonly message: string; readonly peakBytes: number };

const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;

async function answer(path: string): Promise<Answer> {
  try {
    const digest = await digestFile(path);
    return { kind: 'read', digest, peakBytes: peakBytes() };
  } catch (error) {
    if (!ParloadError.is(error) || error.code === 'UNEXPECTED') {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { kind: 'crashed', message, peakBytes: peakBytes() };
    }
    const { code, message, where } = error;
    return { kind: 'refused', code, message, place: Object.keys(where), peakBytes: peakBytes() };
  }
}

process.on('message', (path: string) => {
  void answer(path).then((result) => process.send?.(result));
});
