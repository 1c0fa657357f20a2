// Region, endpoint and style: options before environment before the profile.
import { ParloadError } from '../../errors/index.ts';
import type { StorageOptions } from '../storage.ts';

export interface S3Settings {
  readonly profile: string | undefined;
  readonly region: string;
  /** Null: Amazon's own, by region. */
  readonly endpoint: string | null;
  readonly pathStyle: boolean;
}

const DEFAULT_REGION = 'us-east-1';

const env = (...names: readonly string[]): string | undefined =>
  names.map((name) => process.env[name]).find((value) => value !== undefined && value !== '');

type Profile = Readonly<Record<string, string | undefined>>;

async function profileOf(name: string | undefined): Promise<Profile> {
  const { loadSharedConfigFiles, getProfileName } = await import('./sdk.ts');
  const files = await loadSharedConfigFiles();
  const wanted = getProfileName(name === undefined ? {} : { profile: name });
  const found = { ...files.configFile?.[wanted], ...files.credentialsFile?.[wanted] };
  if (name !== undefined && Object.keys(found).length === 0) {
    throw new ParloadError('CONFIG_INVALID', `there is no AWS profile "${name}"`, {
      where: { option: '--profile' },
      hint: 'Profiles are in ~/.aws/config and ~/.aws/credentials (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE).',
    });
  }
  return found;
}

function checkedUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new ParloadError('CONFIG_INVALID', `the endpoint "${text}" is not an http or https URL`, {
    where: { option: '--endpoint-url' },
  });
}

export async function s3Settings(options: StorageOptions): Promise<S3Settings> {
  const profile = await profileOf(options.profile);
  const endpoint =
    options.endpointUrl ?? env('AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL') ?? profile.endpoint_url ?? null;
  const style = profile['s3.addressing_style'];
  return {
    profile: options.profile,
    region: options.region ?? env('AWS_REGION', 'AWS_DEFAULT_REGION') ?? profile.region ?? DEFAULT_REGION,
    endpoint: endpoint === null ? null : checkedUrl(endpoint),
    pathStyle:
      options.pathStyle ?? (style === 'path' ? true : style === 'virtual' ? false : endpoint !== null),
  };
}

/** `cn-north-1` is another partition. */
const suffixOf = (region: string): string =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';

/** A name that a wildcard certificate covers. */
const isHostName = (bucket: string): boolean => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket);

export interface BucketAddress {
  readonly protocol: 'http:' | 'https:';
  readonly host: string;
  /** In front of the key, with a slash at its end. Encoded. */
  readonly base: string;
}

export function bucketAddress(settings: S3Settings, bucket: string, region: string): BucketAddress {
  const url = new URL(settings.endpoint ?? `https://s3.${region}.${suffixOf(region)}`);
  const base = `${url.pathname.replace(/\/$/, '')}/`;
  const protocol = url.protocol as BucketAddress['protocol'];
  return settings.pathStyle || !isHostName(bucket)
    ? { protocol, host: url.host, base: `${base}${encodeURIComponent(bucket)}/` }
    : { protocol, host: `${bucket}.${url.host}`, base };
}
