// The Hocuspocus peer: one Yjs document, nothing stored.
//   node hocuspocus_server.mjs PORT        (NODE_MODULES is the folder that tools/bench_peers.sh filled)
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_MODULES + '/');
const { Server } = await import(pathToFileURL(require.resolve('@hocuspocus/server')));

const server = new Server({ port: +process.argv[2], address: '127.0.0.1', quiet: true });
await server.listen();
console.log('ready');
