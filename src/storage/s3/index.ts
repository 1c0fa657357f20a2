import type { Json } from '../../model/index.ts';
import { BucketStorage } from '../remote/bucket-storage.ts';
import { HttpClient } from '../remote/http-client.ts';
import type { Storage, StorageModule } from '../storage.ts';
import { Credentials, type Identity } from './credentials.ts';
import { S3Service } from './s3-service.ts';
import { type S3Settings, s3Settings } from './settings.ts';

/** What one thread found out, for the others. */
interface S3Ticket {
  readonly settings: S3Settings;
  readonly identity: Identity | null;
  readonly regions: Readonly<Record<string, string>>;
}

export const storage: StorageModule = {
  create: async (options, ticket): Promise<Storage> => {
    const found = ticket as unknown as S3Ticket | null;
    const settings = found?.settings ?? (await s3Settings(options));
    const credentials =
      options.signRequest === false
        ? null
        : new Credentials(settings.profile, settings.region, found?.identity ?? null);
    const regions = new Map(Object.entries(found?.regions ?? {}));
    const service = new S3Service(new HttpClient(options), {
      settings,
      credentials,
      requesterPays: options.requestPayer === 'requester',
      regions,
    });
    const places = new BucketStorage(service);
    return {
      list: (uri, request) => places.list(uri, request),
      open: (uri, known) => places.open(uri, known),
      create: (uri) => places.create(uri),
      ticket: () =>
        ({
          settings,
          identity: credentials?.known ?? null,
          regions: Object.fromEntries(regions),
        }) as unknown as Json,
      close: () => places.close(),
    };
  },
};
