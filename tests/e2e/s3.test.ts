// Images in a bucket of a real S3 server (s3rver): what the program reads there is what lies in the folder; unknown
// keys and buckets are refused in words that hold no secret. (Signatures: AWS's published vectors, in http_store_test.cc.)

import { execFile, type ExecFileException } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ndcast_binary, repository, sample } from "./paths";

const kBucket = "images";
// s3rver knows this account.
const kKeys = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };

// s3rver is CommonJS and ships no types: what is used of it.
interface S3Server {
  run(): Promise<{ address: string; port: number }>;
  close(): Promise<void>;
  readonly store: { putObject(object: object): Promise<unknown> };
}
interface S3Options {
  port: number;
  address: string;
  silent: boolean;
  directory: string;
  configureBuckets: { name: string; configs: string[] }[];
}
const require_web = createRequire(join(repository, "web", "package.json"));
const S3rver = require_web("s3rver") as new (options: S3Options) => S3Server;
const S3Object = require_web("s3rver/lib/models/object.js") as new (
  bucket: string, key: string, content: Buffer, metadata: Record<string, string>) => object;

let server: S3Server;
let folder: string;
let endpoint: string;

function files_below(root: string): string[] {
  return readdirSync(root).flatMap((name) => {
    const path = join(root, name);
    return statSync(path).isDirectory() ? files_below(path) : [path];
  });
}

async function put(root: string, prefix: string): Promise<void> {
  for (const path of files_below(root)) {
    await server.store.putObject(new S3Object(kBucket, `${prefix}/${relative(root, path)}`, readFileSync(path), {}));
  }
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function run(args: string[], environment: Record<string, string> = kKeys): Promise<Outcome> {
  const env = { PATH: process.env.PATH, HOME: folder, AWS_REGION: "us-east-1", ...environment };
  return new Promise((resolve) => {
    execFile(ndcast_binary, args, { env, encoding: "utf8", timeout: 60_000 }, (error: ExecFileException | null, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }));
  });
}

const info = (uri: string, ...more: string[]) => run(["info", "--json", "--stats", uri, ...more]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ndcast-s3-"));
  server = new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory: folder, configureBuckets: [{ name: kBucket, configs: [] }] });
  const { port } = await server.run();
  endpoint = `http://127.0.0.1:${port}`;
  await put(sample("mri-stack.ome.zarr"), "deep/mri stack+1.ome.zarr");
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

describe("a bucket", () => {
  const uri = `s3://${kBucket}/deep/mri stack+1.ome.zarr`;

  test("holds what the folder holds", async () => {
    const there = await info(uri, "--s3-endpoint", endpoint);
    expect(there.stderr).toBe("");
    const here = await info(sample("mri-stack.ome.zarr"));
    const arrays = (outcome: Outcome) => (JSON.parse(outcome.stdout) as { arrays: unknown[] }).arrays;
    expect(arrays(there)).toEqual(arrays(here));
  });

  test("is found by the environment's endpoint too", async () => {
    const there = await run(["info", "--json", uri], { ...kKeys, AWS_ENDPOINT_URL: endpoint });
    expect(there.code).toBe(0);
  });

  test("is closed to a key that it does not know, and no message repeats a secret", async () => {
    const thief = await run(["info", uri, "--s3-endpoint", endpoint], { AWS_ACCESS_KEY_ID: "NOBODY", AWS_SECRET_ACCESS_KEY: "guessed-secret" });
    expect(thief.code).toBe(1);
    expect(thief.stderr).toContain("403 (InvalidAccessKeyId)");
    expect(thief.stderr + thief.stdout).not.toContain("guessed-secret");
  });

  // s3rver serves everybody who does not claim to be somebody.
  test("is read without a signature when told so, whatever the environment holds", async () => {
    const nobody = await run(["info", "--json", uri, "--s3-endpoint", endpoint, "--s3-anonymous"], { AWS_ACCESS_KEY_ID: "NOBODY", AWS_SECRET_ACCESS_KEY: "x" });
    expect(nobody.stderr).toBe("");
    expect(nobody.code).toBe(0);
  });

  test("that is not there is said so", async () => {
    const none = await info("s3://no-such-bucket/a.zarr", "--s3-endpoint", endpoint);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain("no-such-bucket");
  });
});
