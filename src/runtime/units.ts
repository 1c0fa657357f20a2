// Sizes, durations and counts as people write and read them.
import { ParloadError } from '../errors/index.ts';

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

const BYTE_UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  k: KiB,
  kb: KiB,
  kib: KiB,
  m: MiB,
  mb: MiB,
  mib: MiB,
  g: GiB,
  gb: GiB,
  gib: GiB,
  t: 1024 * GiB,
  tb: 1024 * GiB,
  tib: 1024 * GiB,
};

/** `256MiB`, `256MB`, `256m`, `1.5g` or plain bytes; decimal and binary names mean the same, powers of 1024. */
export function parseBytes(text: string, option: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const factor = match === null ? undefined : BYTE_UNITS[match[2]!.toLowerCase()];
  if (match === null || factor === undefined) {
    throw new ParloadError(
      'CONFIG_INVALID',
      `${option}: "${text}" is not a size; write for example 512MiB or 2g`,
      { where: { option } },
    );
  }
  return Math.round(Number(match[1]) * factor);
}

const DURATION_UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** `30s`, `500ms`, `5m`, `2h`; a plain number is seconds. Returns milliseconds. */
export function parseDurationMs(text: string, option: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const factor = match === null ? undefined : DURATION_UNITS[match[2]!.toLowerCase() || 's'];
  if (match === null || factor === undefined) {
    throw new ParloadError(
      'CONFIG_INVALID',
      `${option}: "${text}" is not a duration; write for example 30s or 5m`,
      { where: { option } },
    );
  }
  return Math.round(Number(match[1]) * factor);
}

export function formatBytes(bytes: number): string {
  if (bytes < KiB) return `${Math.round(bytes)} B`;
  const [value, unit] =
    bytes < MiB ? [bytes / KiB, 'KiB'] : bytes < GiB ? [bytes / MiB, 'MiB'] : [bytes / GiB, 'GiB'];
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
}

/** 3000000 -> 3,000,000. By hand: `toLocaleString` starts a library of languages, which takes 20 ms. */
export const formatCount = (count: number): string =>
  String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');

/** 850 ms, 12.3 s, 4m 05s, 2h 03m */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const pad = (n: number): string => String(n).padStart(2, '0');
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${pad(Math.floor((seconds % 3600) / 60))}m`;
}

export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${formatCount(count)} ${count === 1 ? noun : many}`;
