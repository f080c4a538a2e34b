// The self-check's other end with Hocuspocus' own provider: sees slider 0 at 0.25, answers on slider 1.
//   node hocuspocus_client.mjs PORT
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_MODULES + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { HocuspocusProvider, HocuspocusProviderWebsocket } = await load('@hocuspocus/provider');
const WebSocket = (await load('ws')).default;
const Y = await load('yjs');

const document = new Y.Doc();
const sliders = document.getMap('m');
const websocketProvider = new HocuspocusProviderWebsocket({
  url: `ws://127.0.0.1:${process.argv[2]}`,
  WebSocketPolyfill: WebSocket,
});
const provider = new HocuspocusProvider({ websocketProvider, name: 'd', document, onSynced: () => console.log('ready') });
provider.attach();
sliders.observe(() => {
  if (sliders.get('s0') === 0.25 && sliders.get('s1') !== 0.123456789) {
    sliders.set('s1', 0.123456789);
    setTimeout(() => process.exit(0), 200);
  }
});
