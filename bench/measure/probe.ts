// Reads what preload.mjs wrote.
import { readFileSync, rmSync } from 'node:fs';
import type { GcCounts } from '../../src/report/bench/results.ts';

interface ProbeFile {
  readonly majorCount: number;
  readonly majorUs: number;
  readonly minorCount: number;
  readonly minorUs: number;
  readonly wasmCompilations: number;
  readonly loops: readonly { readonly activeMs: number; readonly idleMs: number }[];
  readonly highWaterBytes: number | null;
}

export interface ProbeFigures {
  readonly gc: GcCounts | null;
  readonly wasmCompilations: number | null;
  readonly idleShare: number | null;
  readonly highWaterBytes: number | null;
}

const NOTHING: ProbeFigures = { gc: null, wasmCompilations: null, idleShare: null, highWaterBytes: null };

/** Nothing where the process ended without writing. Removes the file. */
export function readProbe(path: string): ProbeFigures {
  let probe: ProbeFile;
  try {
    probe = JSON.parse(readFileSync(path, 'utf8')) as ProbeFile;
  } catch {
    return NOTHING;
  } finally {
    rmSync(path, { force: true });
  }
  const sum = (of: (loop: ProbeFile['loops'][number]) => number): number =>
    probe.loops.reduce((total, loop) => total + of(loop), 0);
  const all = sum((loop) => loop.activeMs + loop.idleMs);
  return {
    gc: {
      majorCount: probe.majorCount,
      majorMs: probe.majorUs / 1000,
      minorCount: probe.minorCount,
      minorMs: probe.minorUs / 1000,
    },
    wasmCompilations: probe.wasmCompilations,
    idleShare: all === 0 ? null : sum((loop) => loop.idleMs) / all,
    highWaterBytes: probe.highWaterBytes,
  };
}
