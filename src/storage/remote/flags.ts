// Flags that several remote storages share, named as in the aws command.
import type { FlagSpec } from '../../model/index.ts';

const GROUP = 'Object storage and web (s3://, oss://, https://):';

const flag = (spec: Omit<FlagSpec, 'group'>): FlagSpec => ({ ...spec, group: GROUP });

/** Every storage that is spoken to over HTTP. */
export const HTTP_FLAGS: readonly FlagSpec[] = [
  flag({
    flag: '--ca-bundle',
    key: 'caBundle',
    kind: 'string',
    placeholder: 'file',
    help: 'certificates to trust besides the known ones (PEM)',
    defaultText: 'AWS_CA_BUNDLE',
  }),
  flag({
    flag: '--connect-timeout',
    key: 'connectTimeout',
    kind: 'duration',
    placeholder: 'duration',
    help: 'how long one host may take to answer',
    defaultText: '10s',
  }),
  flag({
    flag: '--read-timeout',
    key: 'readTimeout',
    kind: 'duration',
    placeholder: 'duration',
    help: 'longest wait for the next bytes of an answer',
    defaultText: '60s',
  }),
];

/** Stores of buckets and keys. */
export const BUCKET_FLAGS: readonly FlagSpec[] = [
  flag({
    flag: '--endpoint-url',
    key: 'endpointUrl',
    kind: 'string',
    placeholder: 'url',
    help: 'where the store is, as http://localhost:9000',
    defaultText: 'the cloud of the scheme',
  }),
  flag({
    flag: '--region',
    key: 'region',
    kind: 'string',
    placeholder: 'name',
    help: 'region of the bucket',
    defaultText: 'AWS_REGION, the profile; OSS_REGION',
  }),
  flag({
    flag: '--profile',
    key: 'profile',
    kind: 'string',
    placeholder: 'name',
    help: 'profile of the shared AWS files, or section of ~/.ossutilconfig',
    defaultText: 'AWS_PROFILE',
  }),
  flag({
    flag: '--path-style',
    key: 'pathStyle',
    kind: 'boolean',
    help: 'bucket in the path and not in the host name; --no-path-style for the contrary',
    defaultText: 'with --endpoint-url',
  }),
  flag({
    flag: '--no-sign-request',
    key: 'signRequest',
    kind: 'boolean',
    help: 'anonymous: no credentials are looked for',
  }),
  flag({
    flag: '--request-payer',
    key: 'requestPayer',
    kind: 'string',
    choices: ['requester'],
    help: 'pay for requests to a requester-pays bucket',
  }),
];

export const SPOOL_FLAG: FlagSpec = flag({
  flag: '--spool',
  key: 'spool',
  kind: 'boolean',
  help: 'copy to a temporary file what a web server gives only as a whole',
});
