// Decimals as BYTE_ARRAY: big-endian numbers of any length.
import type { ArrowType } from '../../model/index.ts';
import { ByteValues } from './byte-values.ts';
import { turnDecimal } from './turn-decimal.ts';
import type { ColumnBuffers } from './values.ts';

const BYTES: ArrowType = { id: 'binary', large: false };

export class ByteDecimals extends ByteValues {
  readonly #bytes: number;
  #out = new Uint8Array(0);

  constructor(bits: number) {
    super();
    this.#bytes = bits / 8;
  }

  override buffers(_type: ArrowType): ColumnBuffers {
    const { offsets, data } = super.buffers(BYTES);
    const ends = new Int32Array(offsets!.buffer, offsets!.byteOffset, offsets!.byteLength >> 2);
    const rows = ends.length - 1;
    const width = this.#bytes;
    if (this.#out.length < rows * width) this.#out = new Uint8Array(rows * width);
    for (let i = 0; i < rows; i++) turnDecimal(data!, ends[i]!, ends[i + 1]!, this.#out, i * width, width);
    return { offsets: null, data: this.#out.subarray(0, rows * width) };
  }
}
