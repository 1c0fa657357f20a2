// What the command line gives a command.

export const PROGRESS_MODES = ['auto', 'tty', 'line', 'json', 'none'] as const;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options that every command has. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly logLevel: string | undefined;
}

export interface JobArguments {
  readonly positional: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean>>;
  readonly config: string | undefined;
  readonly dryRun: boolean;
  readonly progress: string;
  /** SQL condition on the rows of the table; `verify` only. */
  readonly tableWhere?: string | undefined;
  readonly output: OutputOptions;
}

export interface PlainArguments {
  readonly positional: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean>>;
  readonly output: OutputOptions;
}
