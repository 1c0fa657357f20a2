// An error as the command shows it: what, where, why, what to do.
import { fromWire, type ParloadError, toWire } from '../../errors/index.ts';
import type { Where, WireError } from '../../model/index.ts';
import { formatCount } from '../../runtime/index.ts';
import { sourceStack } from './stack.ts';

const RED = '\x1b[31m';
const RESET = '\x1b[0m';

export interface ErrorStyle {
  /** Stacks as well. */
  readonly verbose: boolean;
  readonly color: boolean;
}

/** Row numbers count from 0 in the input, as `inspect` shows row groups. */
const whereLine = (where: Where): string =>
  Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? formatCount(value) : value}`)
    .join(', ');

export function errorText(error: ParloadError | WireError, style: ErrorStyle): string {
  const wire = 'causes' in error ? error : toWire(error);
  const label = style.color ? `${RED}error:${RESET}` : 'error:';
  const lines = [`${label} ${wire.message.replaceAll('\n', '\n       ')}`];
  const where = whereLine(wire.where);
  if (where !== '') lines.push(`where: ${where}`);
  for (const cause of wire.causes) lines.push(`cause: ${cause}`);
  if (wire.hint !== null && wire.hint !== '') lines.push(`hint: ${wire.hint}`);
  lines.push(`code: ${wire.code}`);
  if (style.verbose) lines.push(sourceStack(fromWire(wire).stack ?? ''));
  return `${lines.join('\n')}\n`;
}
