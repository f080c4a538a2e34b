// The Colyseus peer: one room whose state is a flat schema of float64 sliders.
//   node colyseus_server.mjs PORT PATCH_MS        (NODE_MODULES is the folder that tools/bench_peers.sh filled)
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_MODULES + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Server, Room } = await load('@colyseus/core');
const { WebSocketTransport } = await load('@colyseus/ws-transport');
const { Schema, defineTypes } = await load('@colyseus/schema');

const kSliders = 32; // as many as the generator has writers at most

class Sliders extends Schema {}
defineTypes(Sliders, Object.fromEntries([...Array(kSliders).keys()].map((i) => ['s' + i, 'float64'])));

class Drag extends Room {
  onCreate() {
    this.maxClients = 20000;
    this.maxMessagesPerSecond = 100000;
    this.patchRate = +process.argv[3];
    this.state = new Sliders();
    for (let i = 0; i < kSliders; ++i) this.state['s' + i] = 0;
    this.onMessage('u', (_, [slider, value]) => { this.state['s' + slider] = value; });
  }
}

const server = new Server({ transport: new WebSocketTransport({ perMessageDeflate: false }), greet: false });
server.define('drag', Drag);
await server.listen(+process.argv[2], '127.0.0.1');
console.log('ready');
