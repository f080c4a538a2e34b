// The self-check's other end with Colyseus' own client: sees slider 0 at 0.25, answers on slider 1.
//   node colyseus_client.mjs PORT
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_MODULES + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Client } = await load('@colyseus/sdk');

const room = await new Client(`http://127.0.0.1:${process.argv[2]}`).joinOrCreate('drag');
console.log('ready');
let answered = false;
room.onStateChange((state) => {
  if (state.s0 === 0.25 && !answered) room.send('u', [1, 0.123456789]);
  answered ||= state.s0 === 0.25;
  if (state.s1 === 0.123456789) process.exit(0);
});
