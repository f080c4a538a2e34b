// The self-check's other end with NATS' own client: sees slider 0 at 0.25, answers on slider 1.
//   node nats_client.mjs PORT
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_MODULES + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { connect } = await load('@nats-io/transport-node');

const connection = await connect({ servers: `127.0.0.1:${process.argv[2]}` });
connection.subscribe('s.0', {
  callback: async (_, message) => {
    if (+message.string() !== 0.25) return;
    connection.publish('s.1', '0.123456789');
    await connection.flush();
    process.exit(0);
  },
});
await connection.flush();
console.log('ready');
