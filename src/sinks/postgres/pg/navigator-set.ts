// When pg is loaded it asks whether it runs at Cloudflare: by `navigator`, which Node has since version 21, and else by a
// `Response`, for which Node 20 loads its whole HTTP client: 33 ms of CPU and 10 MiB in each thread (measured).
const global: { navigator?: unknown } = globalThis;

/** Whether it has to go again. */
export const isSet = global.navigator === undefined;

if (isSet) {
  Object.defineProperty(global, 'navigator', {
    value: { userAgent: `Node.js/${process.versions.node.split('.')[0]}` },
    configurable: true,
  });
}
