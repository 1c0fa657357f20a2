// zod's issues as lines that a person in a hurry can act on. Values are never shown: they may be secrets.
import type * as z from 'zod';
import { ParloadError } from '../errors/index.ts';
import { didYouMean } from '../runtime/index.ts';
import type { Path } from './file.ts';

export interface IssueContext {
  /** Put before every path, as ['sink']. */
  readonly prefix: Path;
  /** Names that are allowed at the top of the checked value. */
  readonly known: readonly string[];
  /** How a missing option can be given on the command line, as `--table <name>`. */
  flagOf(key: string): string | null;
  placeOf(path: Path): string | null;
}

type Issue = z.core.$ZodIssue;

/** Of a union's branches the one that says most: the first whose type fits. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const branch = issue.errors.find((issues) => issues.some((i) => i.code !== 'invalid_type'));
  const inner = branch?.find((i) => i.code !== 'invalid_type');
  return inner === undefined ? issue : innermost({ ...inner, path: [...issue.path, ...inner.path] } as Issue);
}

const expectedOf = (issue: Issue): string[] => {
  if (issue.code === 'invalid_union') {
    return [...new Set(issue.errors.flat().flatMap((i) => expectedOf(i)))];
  }
  return issue.code === 'invalid_type' ? [issue.expected] : [];
};

const isMissing = (issue: Issue): boolean =>
  issue.message.includes('received undefined') ||
  (issue.code === 'invalid_union' && issue.errors.flat().every(isMissing));

const lower = (text: string): string =>
  text.replace(/^Invalid input: /, '').replace(/^[A-Z](?=[a-z])/, (c) => c.toLowerCase());

function describe(issue: Issue, name: string, context: IssueContext): string {
  if (isMissing(issue) && issue.path.length > 0) {
    const flag = context.flagOf(String(issue.path.at(-1)));
    return `${name} is missing${flag === null ? '' : `; give ${flag}`}`;
  }
  const inner = innermost(issue);
  if (inner.code === 'invalid_union') return `${name}: expected ${expectedOf(inner).join(' or ')}`;
  return `${name}: ${lower(inner.message)}`;
}

function linesOf(issue: Issue, context: IssueContext): string[] {
  const line = (path: Path, text: string): string => {
    const place = context.placeOf([...context.prefix, ...path]);
    return place === null || text.startsWith(`${place}:`) ? text : `${text} (${place})`;
  };
  if (issue.code === 'unrecognized_keys') {
    const inside = [...context.prefix, ...issue.path].join('.');
    const known = issue.path.length === 0 ? context.known : [];
    return issue.keys.map((key) =>
      line(
        [...issue.path, key],
        `unknown option "${key}"${inside === '' ? '' : ` in ${inside}`}${didYouMean(key, known)}`,
      ),
    );
  }
  const name = [...context.prefix, ...issue.path].join('.') || 'job';
  return [line(issue.path, describe(issue, name, context))];
}

export function configError(error: z.core.$ZodError, context: IssueContext): ParloadError {
  const lines = error.issues.flatMap((issue) => linesOf(issue, context));
  return new ParloadError('CONFIG_INVALID', lines.join('\n'));
}
