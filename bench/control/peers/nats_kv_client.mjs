// The self-check's other end with NATS' own client: sees slider 0 at 0.25, answers on slider 1.
//   node nats_kv_client.mjs PORT
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(process.env.NODE_MODULES + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { connect } = await load('@nats-io/transport-node');
const { Kvm } = await load('@nats-io/kv');

const connection = await connect({ servers: `127.0.0.1:${process.argv[2]}` });
const bucket = await new Kvm(connection).open('drag');
const entries = await bucket.watch({ include: 'updates' });
console.log('ready');
for await (const entry of entries) {
  if (entry.key !== '0' || +entry.string() !== 0.25) continue;
  await bucket.put('1', '0.123456789');
  process.exit(0);
}
