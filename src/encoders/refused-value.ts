/** Why a value cannot travel; the encoder adds column and row. No value in it. */
export class RefusedValue {
  readonly reason: string;
  readonly index: number;
  constructor(reason: string, index: number) {
    this.reason = reason;
    this.index = index;
  }
}

/** Called from generated code; `index` is the row within the batch's columns. */
export function refuse(reason: string, index: number): never {
  throw new RefusedValue(reason, index);
}
