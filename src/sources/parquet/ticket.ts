// Plain data that a worker needs to open slices. Small, whatever the footer: slices name the part of it they need.
import type { ArrowField, Json } from '../../model/index.ts';
import type { FooterLayout, FooterLocation } from '../../parquet/index.ts';

export interface InputTicket {
  readonly id: string;
  readonly uri: string;
  readonly sizeBytes: number;
  readonly version: string;
  readonly footer: FooterLocation;
  readonly layout: FooterLayout;
  /** By partition column; null = NULL. */
  readonly partitions: readonly (string | null)[];
  /** The columns that this file has, as it has them, when they are not those of the job. */
  readonly own?: readonly ArrowField[];
}

export interface ParquetTicket {
  /** What the storages tell one another. May hold secrets. */
  readonly stores: Json;
  readonly inputs: readonly InputTicket[];
  /** The files' own columns, merged; then the partition columns. */
  readonly fields: readonly ArrowField[];
  readonly partitionCount: number;
}

/** `Slice.detail` of this source. */
export interface SliceDetail {
  /** First and last row group; neighbours in the file and in the footer. */
  readonly rowGroups: readonly [number, number];
  /** Where their structs are in the footer: `start <= byte < end`. */
  readonly footer: readonly [number, number];
  /** Rows of those row groups. */
  readonly groupRows: number;
  /** First row of the slice, counted in the first of them. */
  readonly offset: number;
}

export const ticketJson = (ticket: ParquetTicket): Json => ticket as unknown as Json;
export const ticketOf = (json: Json): ParquetTicket => json as unknown as ParquetTicket;
export const detailJson = (detail: SliceDetail): Json => detail as unknown as Json;
export const detailOf = (json: Json): SliceDetail => json as unknown as SliceDetail;
