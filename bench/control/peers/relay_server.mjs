// The floor: repeats every message, numbered, to everybody.
//   node relay_server.mjs PORT        (NODE_MODULES is the folder that tools/bench_peers.sh filled)
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_MODULES + '/');
const { WebSocketServer } = (await import(pathToFileURL(require.resolve('ws')))).default;

let seq = 0;
const sockets = new Set();
const server = new WebSocketServer({ port: +process.argv[2], host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket._socket.setNoDelay(true);
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('message', (data) => {
    const update = JSON.parse(data);
    update.seq = ++seq;
    const text = JSON.stringify(update);
    for (const other of sockets) other.send(text);
  });
});
server.on('listening', () => console.log('ready'));
