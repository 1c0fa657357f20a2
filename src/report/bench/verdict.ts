// What held a case back, with the figures that say so. Rules in order; the first that holds is the answer.
import type { CaseSummary } from './summary.ts';

export type Bottleneck = 'slices' | 'server' | 'client' | 'machine' | 'wait' | 'unclear';

export interface Verdict {
  readonly bottleneck: Bottleneck;
  /** One sentence with the figures. */
  readonly text: string;
}

export interface VerdictContext {
  readonly cores: number;
  readonly floorSeconds: number | null;
}

/** A core, or all cores together, is taken as full from here on: the rest is start, end and the measuring itself. */
const FULL = 0.85;
/** A wall within this factor of the floor is the server's time. */
const NEAR_FLOOR = 1.1;
/** Workers that wait more than this share of their time are held back by what they wait for. */
const WAITING = 0.4;
/** One slice that takes more than this share of the wall, while workers have slices for less than that share of it. */
const ONE_SLICE = 0.6;
const OCCUPIED = 0.75;

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const seconds = (value: number): string => `${value.toFixed(2)} s`;

interface Figures {
  readonly wall: number;
  readonly clientCpu: number;
  readonly serverCpu: number | null;
  /** Client CPU per second and thread that could work. */
  readonly clientLoad: number;
  /** CPU of client and server per second and core. */
  readonly machineLoad: number;
  readonly backendLoad: number | null;
  readonly idle: number | null;
}

function figuresOf(summary: CaseSummary, wall: number, cores: number): Figures {
  const clientCpu = summary.clientCpu?.median ?? 0;
  const serverCpu = summary.serverCpu?.median ?? null;
  return {
    wall,
    clientCpu,
    serverCpu,
    clientLoad: clientCpu / wall / Math.min(cores, Math.max(1, summary.spec.workers)),
    machineLoad: (clientCpu + (serverCpu ?? 0)) / wall / cores,
    backendLoad: summary.backendCpu === null ? null : summary.backendCpu.median / wall,
    idle: summary.idleShare?.median ?? null,
  };
}

function sliceVerdict(summary: CaseSummary, { wall }: Figures): Verdict | null {
  const { spec, sliceCount, longestSlice } = summary;
  if (spec.workers < 2 || sliceCount === null) return null;
  if (sliceCount < spec.workers) {
    const text = `${sliceCount} slices for ${spec.workers} workers: ${spec.workers - sliceCount} had nothing to do`;
    return { bottleneck: 'slices', text };
  }
  const longest = longestSlice?.median ?? 0;
  const occupied = (summary.totalSlice?.median ?? 0) / (spec.workers * wall);
  if (longest / wall <= ONE_SLICE || occupied >= OCCUPIED) return null;
  const text = `one of ${sliceCount} slices took ${seconds(longest)} of ${seconds(wall)}; workers had slices for ${percent(occupied)} of the time`;
  return { bottleneck: 'slices', text };
}

function serverVerdict(figures: Figures, floorSeconds: number | null): Verdict | null {
  const { wall, backendLoad, serverCpu, clientCpu } = figures;
  const cpu = serverCpu === null ? '' : `; server CPU ${seconds(serverCpu)}, client ${seconds(clientCpu)}`;
  if (floorSeconds !== null && wall <= NEAR_FLOOR * floorSeconds) {
    const ratio = (wall / floorSeconds).toFixed(2);
    return { bottleneck: 'server', text: `wall is ${ratio} x that of ready-made bytes${cpu}` };
  }
  if (backendLoad !== null && backendLoad >= FULL) {
    return { bottleneck: 'server', text: `one backend was busy ${percent(backendLoad)} of the time${cpu}` };
  }
  return null;
}

function machineVerdict(figures: Figures, cores: number): Verdict | null {
  const { serverCpu, machineLoad, clientCpu } = figures;
  if (serverCpu === null || serverCpu === 0 || machineLoad < FULL) return null;
  const more = clientCpu > serverCpu ? 'the client takes more' : 'the server takes more';
  const text = `client and server fill ${percent(machineLoad)} of ${cores} cores: ${seconds(clientCpu)} and ${seconds(serverCpu)}; ${more}`;
  return { bottleneck: 'machine', text };
}

export function verdictOf(summary: CaseSummary, { cores, floorSeconds }: VerdictContext): Verdict | null {
  if (summary.wall === null || summary.spec.tool !== 'parload') return null;
  const figures = figuresOf(summary, summary.wall.median, cores);
  const found =
    sliceVerdict(summary, figures) ?? serverVerdict(figures, floorSeconds) ?? machineVerdict(figures, cores);
  if (found !== null) return found;
  const threads = Math.min(cores, summary.spec.workers);
  if (figures.clientLoad >= FULL) {
    const text = `client CPU: ${seconds(figures.clientCpu)} in ${seconds(figures.wall)} on ${threads} of ${cores} cores (${percent(figures.clientLoad)})`;
    return { bottleneck: 'client', text };
  }
  if (summary.spec.sink === 'postgres' && figures.idle !== null && figures.idle >= WAITING) {
    const server =
      figures.backendLoad === null ? '' : `; the busiest backend worked ${percent(figures.backendLoad)}`;
    return {
      bottleneck: 'wait',
      text: `network or disk: workers waited ${percent(figures.idle)} of their time${server}`,
    };
  }
  const text = `nothing was full: client ${percent(figures.clientLoad)} of ${threads} cores${figures.idle === null ? '' : `, workers waited ${percent(figures.idle)}`}; a short run, or others on this machine`;
  return { bottleneck: 'unclear', text };
}
