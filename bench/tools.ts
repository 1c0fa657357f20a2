// How each tool is run: a command line, and what its output tells.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ParloadError } from '../src/errors/index.ts';
import type { RunReport } from '../src/model/index.ts';
import { type CaseSpec, type DataSet, loadsRows } from '../src/report/bench/results.ts';
import type { PreparedData } from './datasets/prepare.ts';
import { indexPath, readCopyIndex } from './floor/copy-file.ts';
import { runChild } from './measure/child.ts';
import { cleanEnv, PARLOAD } from './plan.ts';

export const TABLE = 'bench_rows';

export interface ToolContext {
  readonly root: string;
  readonly cacheDir: string;
  readonly say: (line: string) => void;
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Whether the table must exist before. */
  readonly needsTable: boolean;
  /** Rows, bytes and so on; the process ended well. */
  readonly read: (stdout: string) => ToolFigures;
}

export interface ToolFigures {
  /** null: the tool does not say. */
  readonly rowCount: number | null;
  readonly bytesSent: number;
  readonly workersUsed: number;
  readonly report: RunReport | null;
}

const FLOOR = fileURLToPath(new URL('./floor.js', import.meta.url));
const FLOOR_MAKER = fileURLToPath(new URL('./floor/make.js', import.meta.url));
const FLOOR_TIMEOUT_MS = 30 * 60_000;

const figuresOf = (report: RunReport): ToolFigures => ({
  rowCount: report.rows.loaded,
  bytesSent: report.bytesSent,
  workersUsed: report.workers,
  report,
});

function parloadCommand(
  spec: CaseSpec,
  data: PreparedData,
  url: string | null,
  context: ToolContext,
  probe: string,
): Command {
  const preload = pathToFileURL(join(context.root, 'bench', 'preload.mjs')).href;
  const isServer = spec.sink === 'postgres' || spec.sink === 'crate';
  const sink = isServer ? url! : spec.sink;
  const table = spec.sink === 'postgres' ? ['--table', TABLE] : [];
  const slice = spec.slice === '' ? [] : ['--slice', spec.slice];
  return {
    command: process.execPath,
    args: [
      ...[PARLOAD, 'copy', ...data.sources, sink, ...table],
      ...['--workers', String(spec.workers), ...slice, ...spec.args],
      ...['--json', '--progress', 'json'],
    ],
    env: cleanEnv({ NODE_OPTIONS: `--import ${preload}`, PARLOAD_BENCH_PROBE: probe }),
    needsTable: false,
    read: (stdout) => figuresOf(JSON.parse(stdout) as RunReport),
  };
}

/** Nothing but the command: no probe in it, no progress. */
function startCommand(spec: CaseSpec, data: PreparedData): Command {
  const copy = ['copy', ...data.sources, spec.sink, '--workers', String(spec.workers), '--quiet', '--json'];
  const args = {
    'start:node': ['-e', '0'],
    'start:help': [PARLOAD, '--help'],
    'start:copy': [PARLOAD, ...copy],
  }[spec.tool as string]!;
  return {
    command: process.execPath,
    args,
    env: cleanEnv(),
    needsTable: false,
    read: (stdout) => {
      if (!loadsRows(spec.tool)) return { rowCount: null, bytesSent: 0, workersUsed: 0, report: null };
      return figuresOf(JSON.parse(stdout) as RunReport);
    },
  };
}

/** Where the ready-made bytes of a data set are, or will be. */
export function floorPath({ sources, facts }: PreparedData, cacheDir: string): string {
  const key = createHash('sha256')
    .update(JSON.stringify([sources, facts]))
    .digest('hex')
    .slice(0, 10);
  return join(cacheDir, `${facts.name}-${key}.pgcopy`);
}

export async function makeFloor(data: PreparedData, { cacheDir, say }: ToolContext): Promise<void> {
  const path = floorPath(data, cacheDir);
  if (existsSync(path)) return;
  mkdirSync(cacheDir, { recursive: true });
  say(`making ready-made COPY bytes of ${data.facts.name} for the floor`);
  const { code, stderr } = await runChild({
    command: process.execPath,
    args: [FLOOR_MAKER, path, ...data.sources],
    env: cleanEnv(),
    timeoutMs: FLOOR_TIMEOUT_MS,
  });
  if (code !== 0) throw new ParloadError('UNEXPECTED', `making the floor's bytes failed: ${stderr}`);
}

/** Ready-made bytes are several times the file: those of a user's file are not kept. */
export function removeFloor(data: PreparedData, cacheDir: string): void {
  const path = floorPath(data, cacheDir);
  for (const file of [path, indexPath(path)]) rmSync(file, { force: true });
}

function floorCommand(spec: CaseSpec, data: PreparedData, url: string, context: ToolContext): Command {
  return {
    command: process.execPath,
    args: [FLOOR, floorPath(data, context.cacheDir), url, TABLE, String(spec.workers)],
    env: cleanEnv(),
    needsTable: true,
    read: (stdout) => {
      const { rows, bytes, connections } = JSON.parse(stdout) as Record<string, number>;
      return { rowCount: rows!, bytesSent: bytes!, workersUsed: connections!, report: null };
    },
  };
}

function psqlCommand(data: PreparedData, url: string, { cacheDir }: ToolContext): Command {
  const path = floorPath(data, cacheDir);
  const copy = `\\copy ${TABLE} from '${path.replaceAll("'", "''")}' (format binary)`;
  return {
    command: 'psql',
    args: ['-qX', url, '-v', 'ON_ERROR_STOP=1', '-c', copy],
    env: cleanEnv(),
    needsTable: true,
    read: () => ({ rowCount: null, bytesSent: readCopyIndex(path).rowBytes, workersUsed: 1, report: null }),
  };
}

/** The interpreter that has the peers; null when there is none. */
export function peersPython(root: string): string | null {
  const dir = process.env.PARLOAD_PEERS_VENV || join(root, '.parload', 'peers');
  const python = join(dir, 'bin', 'python');
  return existsSync(python) ? python : null;
}

function peerCommand(spec: CaseSpec, data: PreparedData, url: string, { root }: ToolContext): Command {
  const name = spec.tool.slice('peer:'.length);
  const python = peersPython(root);
  if (python === null || data.sources.length !== 1) {
    throw new ParloadError('USAGE', `${name} needs a Python environment with it, and one file`, {
      hint: 'Set PARLOAD_PEERS_VENV; bench/README.md says what must be in it.',
    });
  }
  return {
    command: python,
    args: [join(root, 'bench', 'peers', `load_${name}.py`), data.sources[0]!, url, TABLE],
    env: cleanEnv({ PYTHONDONTWRITEBYTECODE: '1' }),
    needsTable: true,
    read: () => ({ rowCount: null, bytesSent: 0, workersUsed: spec.workers, report: null }),
  };
}

/** `url` is null only where no case needs a server. */
export function commandFor(
  spec: CaseSpec,
  data: PreparedData,
  url: string | null,
  context: ToolContext,
  probe: string,
): Command {
  if (spec.tool === 'parload') return parloadCommand(spec, data, url, context, probe);
  if (spec.tool.startsWith('start:')) return startCommand(spec, data);
  if (spec.tool === 'floor') return floorCommand(spec, data, url!, context);
  if (spec.tool === 'psql') return psqlCommand(data, url!, context);
  return peerCommand(spec, data, url!, context);
}

/** Why this case cannot run on this machine; null when it can. */
export function missingTool({ tool }: CaseSpec, root: string): string | null {
  if (tool === 'psql' && !hasProgram('psql')) return 'psql is not on this machine';
  if (tool.startsWith('peer:') && peersPython(root) === null) return 'no Python environment with the peers';
  return null;
}

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const usesFloorFile = ({ tool }: CaseSpec): boolean => tool === 'floor' || tool === 'psql';
export const needsServer = ({ sink }: CaseSpec): boolean => sink === 'postgres';
export const needsCrate = ({ sink }: CaseSpec): boolean => sink === 'crate';
export const needsDdl = ({ tool }: CaseSpec): boolean => tool !== 'parload' && !tool.startsWith('start:');

/** Decimal and binary sizes of wire bytes are about 10 times those of a well compressed file. */
export const floorIsFeasible = (facts: DataSet): boolean => facts.fileBytes < 1024 ** 3;
