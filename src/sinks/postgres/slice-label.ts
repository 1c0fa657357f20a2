// How a slice's transaction is found from another connection, also when nobody ever learned which backend it is: it
// holds a shared advisory lock. The lock keeps nobody out.
import { createHash } from 'node:crypto';

/** Key of one slice in one run: signed 64 bits. */
export const labelOf = (runId: string, sliceId: string): bigint => {
  const hash = createHash('sha256').update(`parload slice ${runId} ${sliceId}`).digest('hex');
  return BigInt.asIntN(64, BigInt(`0x${hash.slice(0, 16)}`));
};

/** An expression for the slice's own transaction; never waits. */
export const takeLabelSql = (label: bigint): string => `pg_try_advisory_xact_lock_shared(${label})`;

/** Rows of pg_locks `l` of the backends that hold it. The server keeps the key in two unsigned halves. */
export const heldLabelSql = (label: bigint): string => {
  const key = BigInt.asUintN(64, label);
  return `l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid::int8 = ${key >> 32n}
    AND l.objid::int8 = ${key & 0xffff_ffffn} AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
};
