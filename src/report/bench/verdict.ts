// What held a case back, with the figures that say so. Rules in order; the first that holds is the answer.
import { plural } from '../../runtime/index.ts';
import type { CaseSummary } from './summary.ts';

export type Bottleneck = 'slices' | 'server' | 'client' | 'machine' | 'others' | 'wait' | 'unclear';

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
/** Cores that others may keep busy before they are named as the reason. */
const DISTURBED = 0.25;
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
  /** Cores that everybody else kept busy. */
  readonly others: number;
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
    others: summary.others?.median ?? 0,
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

function othersVerdict({ machineLoad, others }: Figures, cores: number): Verdict | null {
  if (others < DISTURBED || machineLoad + others / cores < FULL) return null;
  const text = `other processes kept ${others.toFixed(1)} of ${plural(cores, 'core')} busy: measure again on a quiet machine`;
  return { bottleneck: 'others', text };
}

function clientVerdict(figures: Figures, workers: number, cores: number): Verdict | null {
  const { clientLoad, clientCpu, wall } = figures;
  if (clientLoad < FULL) return null;
  const text = `client CPU: ${seconds(clientCpu)} in ${seconds(wall)}, ${plural(workers, 'worker')} on ${plural(cores, 'core')}`;
  return { bottleneck: 'client', text };
}

/** Only a sink that is sent to can keep workers waiting. */
function waitVerdict({ idle, backendLoad }: Figures, sink: string): Verdict | null {
  if (sink !== 'postgres' || idle === null || idle < WAITING) return null;
  const server = backendLoad === null ? '' : `; the busiest backend worked ${percent(backendLoad)}`;
  return {
    bottleneck: 'wait',
    text: `network or disk: workers waited ${percent(idle)} of their time${server}`,
  };
}

function unclear({ clientLoad, idle }: Figures): Verdict {
  const waited = idle === null ? '' : `, workers waited ${percent(idle)} of their time`;
  return {
    bottleneck: 'unclear',
    text: `nothing was full: client at ${percent(clientLoad)}${waited}; a short run`,
  };
}

export function verdictOf(summary: CaseSummary, { cores, floorSeconds }: VerdictContext): Verdict | null {
  const { wall, spec } = summary;
  if (wall === null || spec.tool !== 'parload') return null;
  const figures = figuresOf(summary, wall.median, cores);
  return (
    sliceVerdict(summary, figures) ??
    serverVerdict(figures, floorSeconds) ??
    machineVerdict(figures, cores) ??
    clientVerdict(figures, spec.workers, cores) ??
    othersVerdict(figures, cores) ??
    waitVerdict(figures, spec.sink) ??
    unclear(figures)
  );
}
