import type { Json } from '../../model/index.ts';
import { BucketStorage } from '../remote/bucket-storage.ts';
import { HttpClient } from '../remote/http-client.ts';
import type { Storage, StorageModule } from '../storage.ts';
import { OssService } from './oss-service.ts';
import { type OssSettings, ossSettings } from './settings.ts';

export const storage: StorageModule = {
  create: async (options, ticket): Promise<Storage> => {
    const settings = (ticket as unknown as OssSettings | null) ?? ossSettings(options);
    const requesterPays = options.requestPayer === 'requester';
    const places = new BucketStorage(new OssService(new HttpClient(options), settings, requesterPays));
    return {
      list: (uri, request) => places.list(uri, request),
      open: (uri, known) => places.open(uri, known),
      create: (uri) => places.create(uri),
      ticket: () => settings as unknown as Json,
      close: () => places.close(),
    };
  },
};
