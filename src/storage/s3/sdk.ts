// The SDK's part in it, by itself: it loads when credentials are looked up.
export { defaultProvider } from '@aws-sdk/credential-provider-node';
export { getProfileName, loadSharedConfigFiles } from '@smithy/core/config';
