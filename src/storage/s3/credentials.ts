// Who we are to AWS, as its own command line finds out: by the SDK, which loads when it is needed. Threads that read get
// what was found, and load it only when that grows old.
import { ParloadError } from '../../errors/index.ts';

export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  /** Milliseconds since 1970; null: for good. */
  readonly expiresAt: number | null;
  /** Where it comes from, for people. */
  readonly source: string;
}

/** Renewed so long before the end: requests take time, and clocks differ. */
const RENEW_MS = 5 * 60_000;

/** By the SDK's names of features, the most telling first. */
const SOURCES: readonly (readonly [string, string])[] = [
  ['CREDENTIALS_STS_ASSUME_ROLE_WEB_ID', 'a web identity token (AWS_WEB_IDENTITY_TOKEN_FILE)'],
  ['CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN', 'a web identity token (AWS_WEB_IDENTITY_TOKEN_FILE)'],
  ['CREDENTIALS_STS_ASSUME_ROLE', 'an assumed role of the profile'],
  ['CREDENTIALS_PROFILE_SSO', 'single sign-on (SSO) of the profile'],
  ['CREDENTIALS_PROFILE_SSO_LEGACY', 'single sign-on (SSO) of the profile'],
  ['CREDENTIALS_SSO', 'single sign-on (SSO)'],
  ['CREDENTIALS_PROFILE_PROCESS', 'credential_process of the profile'],
  ['CREDENTIALS_PROCESS', 'credential_process of the profile'],
  ['CREDENTIALS_PROFILE_LOGIN', 'aws login'],
  ['CREDENTIALS_LOGIN', 'aws login'],
  ['CREDENTIALS_ENV_VARS', 'the environment (AWS_ACCESS_KEY_ID)'],
  ['CREDENTIALS_PROFILE', 'the profile in the shared AWS files'],
  ['CREDENTIALS_HTTP', 'the container (AWS_CONTAINER_CREDENTIALS_*)'],
  ['CREDENTIALS_IMDS', "the instance's metadata"],
];

function sourceOf(features: Readonly<Record<string, unknown>> | undefined): string {
  const found = SOURCES.find(([name]) => features?.[name] !== undefined);
  return found?.[1] ?? 'the AWS credential chain';
}

async function fromSdk(profile: string | undefined, region: string): Promise<Identity> {
  const { defaultProvider } = await import('./sdk.ts');
  // it writes warnings to the console, where our result goes
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, trace() {} };
  const provider = defaultProvider({
    ...(profile === undefined ? {} : { profile }),
    clientConfig: { region },
    logger: quiet,
    // on a machine outside of AWS nobody answers
    timeout: 1000,
    maxRetries: 1,
  });
  const found = await provider().catch((cause: unknown) => {
    const named = profile === undefined ? '' : ` of the profile "${profile}"`;
    throw new ParloadError('SOURCE_DENIED', `no AWS credentials${named} were found`, {
      cause: cause instanceof Error ? new Error(cause.name) : undefined,
      hint: 'Looked at: environment, profile, SSO, web identity, container, instance. For public data: --no-sign-request.',
    });
  });
  return {
    accessKeyId: found.accessKeyId,
    secretAccessKey: found.secretAccessKey,
    sessionToken: found.sessionToken ?? null,
    expiresAt: found.expiration?.getTime() ?? null,
    source: sourceOf((found as { $source?: Record<string, unknown> }).$source),
  };
}

export class Credentials {
  readonly #profile: string | undefined;
  readonly #region: string;
  #identity: Promise<Identity> | null;
  #known: Identity | null;

  /** `known`: what another thread found. */
  constructor(profile: string | undefined, region: string, known: Identity | null) {
    this.#profile = profile;
    this.#region = region;
    this.#known = known;
    this.#identity = known === null ? null : Promise.resolve(known);
  }

  async get(): Promise<Identity> {
    const identity = await (this.#identity ?? this.#find());
    const { expiresAt } = identity;
    if (expiresAt === null || Date.now() < expiresAt - RENEW_MS) return identity;
    return await this.#find().catch((error: unknown) => {
      // what there is holds for some minutes more
      if (Date.now() < expiresAt) return identity;
      throw error;
    });
  }

  /** The store says that they are too old. */
  async renew(): Promise<void> {
    await this.#find();
  }

  /** As of now; null before the first request. */
  get known(): Identity | null {
    return this.#known;
  }

  #find(): Promise<Identity> {
    const identity = fromSdk(this.#profile, this.#region);
    this.#identity = identity;
    return identity.then(
      (found) => {
        this.#known = found;
        return found;
      },
      (error: unknown) => {
        if (this.#identity === identity) this.#identity = null;
        throw error;
      },
    );
  }
}
