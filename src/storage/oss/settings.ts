// Keys, region and endpoint: options before environment before ~/.ossutilconfig, the file of Alibaba Cloud's own command.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ParloadError } from '../../errors/index.ts';
import type { StorageOptions } from '../storage.ts';
import type { OssIdentity } from './sign.ts';

export interface OssSettings {
  readonly region: string;
  /** With scheme. */
  readonly endpoint: string;
  readonly pathStyle: boolean;
  /** Null: anonymous. */
  readonly identity: OssIdentity | null;
  /** Where the identity comes from, for people. */
  readonly source: string;
}

type Section = Readonly<Record<string, string>>;

const env = (...names: readonly string[]): string | undefined =>
  names.map((name) => process.env[name]).find((value) => value !== undefined && value !== '');

/** `[Credentials]` and `[profile name]` with `key = value`; names without regard to case. */
export function parseSections(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let current: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[(?:profile\s+)?([^\]]+)\]/i.exec(line);
    const pair = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (head !== null) {
      const name = head[1]!.trim().toLowerCase();
      sections[name] ??= {};
      current = sections[name];
    } else if (pair !== null) current[pair[1]!.toLowerCase()] = pair[2]!;
  }
  return sections;
}

function fileSection(profile: string | undefined): Section {
  const path = env('OSS_CONFIG_FILE', 'OSSUTIL_CONFIG_FILE') ?? join(homedir(), '.ossutilconfig');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (profile === undefined) return {};
    throw new ParloadError('CONFIG_INVALID', `--profile: ${path} cannot be read`, { cause });
  }
  const sections = parseSections(text);
  if (profile === undefined) return sections.default ?? sections.credentials ?? {};
  const found = sections[profile.toLowerCase()];
  if (found !== undefined) return found;
  throw new ParloadError('CONFIG_INVALID', `there is no section "${profile}" in ${path}`, {
    where: { option: '--profile' },
  });
}

interface Found {
  readonly identity: OssIdentity | null;
  readonly source: string;
}

function fromEnvironment(): Found {
  const accessKeyId = env('OSS_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_ID');
  const accessKeySecret = env('OSS_ACCESS_KEY_SECRET', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET');
  const securityToken = env('OSS_SESSION_TOKEN', 'ALIBABA_CLOUD_SECURITY_TOKEN') ?? null;
  if (accessKeyId === undefined || accessKeySecret === undefined) return { identity: null, source: '' };
  return {
    identity: { accessKeyId, accessKeySecret, securityToken },
    source: 'the environment (OSS_ACCESS_KEY_ID)',
  };
}

function fromFile(section: Section): Found {
  const accessKeyId = section.accesskeyid ?? section['access-key-id'];
  const accessKeySecret = section.accesskeysecret ?? section['access-key-secret'];
  if (accessKeyId === undefined || accessKeySecret === undefined) return { identity: null, source: '' };
  const securityToken = section.ststoken ?? section['sts-token'] ?? null;
  return { identity: { accessKeyId, accessKeySecret, securityToken }, source: '~/.ossutilconfig' };
}

function identityOf(options: StorageOptions, section: Section): Found {
  if (options.signRequest === false) return { identity: null, source: '' };
  const candidates = [fromEnvironment(), fromFile(section)];
  // a profile that was named is meant
  if (options.profile !== undefined) candidates.reverse();
  const found = candidates.find(({ identity }) => identity !== null);
  if (found !== undefined) return found;
  throw new ParloadError('SOURCE_DENIED', 'no OSS credentials were found', {
    hint: 'Set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET (and OSS_SESSION_TOKEN), or write ~/.ossutilconfig. For public data: --no-sign-request.',
  });
}

/** `oss-cn-hangzhou.aliyuncs.com`, `cn-hangzhou-internal.oss.aliyuncs.com` and their like tell the region. */
const regionOfHost = (host: string): string | undefined =>
  /^(?:.+\.)?oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(host)?.[1];

export function ossSettings(options: StorageOptions): OssSettings {
  const section = fileSection(options.profile);
  const given = options.endpointUrl ?? env('OSS_ENDPOINT') ?? section.endpoint;
  const url = given === undefined ? null : /^https?:\/\//.test(given) ? given : `https://${given}`;
  if (url !== null && !URL.canParse(url)) {
    throw new ParloadError('CONFIG_INVALID', 'the endpoint of OSS is not a URL', {
      where: { option: '--endpoint-url' },
    });
  }
  const host = url === null ? '' : new URL(url).hostname;
  const region = options.region ?? env('OSS_REGION') ?? section.region ?? regionOfHost(host);
  if (region === undefined) {
    throw new ParloadError('CONFIG_INVALID', 'oss:// needs the region of the bucket', {
      where: { option: '--region' },
      hint: 'Give --region cn-hangzhou (or OSS_REGION): signatures name it.',
    });
  }
  const bare = region.replace(/^oss-/, '');
  // Alibaba's own hosts take no bucket in the path
  const isOwn = host === '' || host.endsWith('.aliyuncs.com');
  return {
    region: bare,
    endpoint: url?.replace(/\/+$/, '') ?? `https://oss-${bare}.aliyuncs.com`,
    pathStyle: options.pathStyle ?? !isOwn,
    ...identityOf(options, section),
  };
}
