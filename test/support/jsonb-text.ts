// The text of a jsonb as Postgres prints it, made from values: members sorted by length and bytes, ", " and ": " between.

/** A number as it stands. */
export class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonTree = null | boolean | string | Digits | readonly JsonTree[] | ReadonlyMap<string, JsonTree>;

const byLength = (a: string, b: string): number => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length - y.length || Buffer.compare(x, y);
};

export function jsonbText(tree: JsonTree): string {
  if (tree instanceof Digits) return tree.text;
  if (tree instanceof Map) {
    const members = [...(tree as ReadonlyMap<string, JsonTree>)].sort(([a], [b]) => byLength(a, b));
    return `{${members.map(([name, value]) => `${JSON.stringify(name)}: ${jsonbText(value)}`).join(', ')}}`;
  }
  if (Array.isArray(tree)) return `[${(tree as readonly JsonTree[]).map(jsonbText).join(', ')}]`;
  return JSON.stringify(tree);
}
