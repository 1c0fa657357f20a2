/**
 * Expressions for a transaction that is open for long: a client that vanished without a word (power cut, a cable) is
 * noticed after a minute, and its locks go. The server's own default is mostly two hours.
 */
export const KEEPALIVE_SQL = `set_config('tcp_keepalives_idle', '30', true),
  set_config('tcp_keepalives_interval', '10', true), set_config('tcp_keepalives_count', '3', true)`;
