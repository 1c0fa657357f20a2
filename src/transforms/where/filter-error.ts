import { ParloadError } from '../../errors/index.ts';

/** Shown on either side of the place; filters are written by programs too. */
const CONTEXT_CHARACTERS = 60;

/** Shows the place: the filter is the user's own text, so it may be printed. */
export function filterError(text: string, at: number, why: string, column?: string): ParloadError {
  // one line around the place, so that the caret stands under it
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const to = text.indexOf('\n', at);
  const start = Math.max(from, at - CONTEXT_CHARACTERS);
  const end = Math.min(to < 0 ? text.length : to, at + CONTEXT_CHARACTERS);
  const line = text.slice(start, end).replaceAll('\t', ' ');
  return new ParloadError(
    'FILTER_INVALID',
    `${why} (at character ${at + 1} of the filter)\n  ${line}\n  ${' '.repeat(at - start)}^`,
    { where: { option: 'where', ...(column === undefined ? {} : { column }) } },
  );
}
