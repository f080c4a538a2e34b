// The self-check's other end with the `ws` package: sees slider 0 at 0.25, answers on slider 1.
//   node relay_client.mjs PORT
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_MODULES + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)));
const WebSocket = (await load('ws')).default;

const socket = new WebSocket(`ws://127.0.0.1:${process.argv[2]}/`, { perMessageDeflate: false });
socket.on('open', () => console.log('ready'));
socket.on('message', (data) => {
  const { k, v } = JSON.parse(data);
  if (k !== 0 || v !== 0.25) return;
  socket.send(JSON.stringify({ k: 1, v: 0.123456789 }), () => setTimeout(() => process.exit(0), 200));
});
