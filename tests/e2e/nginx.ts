// Debian's nginx in front of ndcast, as an operator sets it up: a sub-path, WebSockets, X-Forwarded headers. It runs as
// whoever runs the test, in a folder of its own, on a free port.
//
//   const proxy = await Nginx.start(server.port, "/a/b/");
//   await page.goto(`http://127.0.0.1:${proxy.port}/a/b/?token=…`);

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const kStartTimeoutMs = 10_000;

export interface Certificates {
  folder: string;
  /** PEM files by what they are. */
  certificate: string;
  key: string;
}

/** A self-signed certificate for localhost, by Debian's openssl. */
export function makeCertificate(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "ndcast-tls-"));
  const certificate = join(folder, "cert.pem");
  const key = join(folder, "key.pem");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate, ...subject], { stdio: "ignore" });
  return { folder, certificate, key };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

export class Nginx {
  readonly port: number;
  private readonly child_: ChildProcess;
  private readonly folder_: string;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.child_ = child;
    this.folder_ = folder;
    this.port = port;
  }

  static async start(upstream_port: number, path: string, tls?: Certificates): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), "ndcast-nginx-"));
    mkdirSync(join(folder, "temp"));
    const port = await freePort();
    const secure = tls === undefined ? "" : `ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key};`;
    const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/temp/${kind};`).join("\n  ");
    // Run by root, nginx would hand its workers to another user, who may not read the folder.
    const user = process.getuid?.() === 0 ? "user root;" : "";
    writeFileSync(
      join(folder, "nginx.conf"),
      `${user} daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
  ${temp}
  map $http_upgrade $connection_upgrade { default upgrade; "" close; }
  server {
    listen 127.0.0.1:${port}${tls === undefined ? "" : " ssl"};
    ${secure}
    location ${path} {
      proxy_pass http://127.0.0.1:${upstream_port};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_read_timeout 120s;
      proxy_buffering off;
    }
  }
}
`,
    );
    const child = spawn("/usr/sbin/nginx", ["-p", folder, "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")], { stdio: "ignore" });
    const proxy = new Nginx(child, folder, port);
    for (const end = Date.now() + kStartTimeoutMs; !(await answers(port)); ) {
      if (child.exitCode !== null || Date.now() > end) {
        const log = readFileSync(join(folder, "error.log"), "utf8");
        await proxy.stop();
        throw new Error(`nginx does not answer: ${log}`);
      }
    }
    return proxy;
  }

  async stop(): Promise<void> {
    if (this.child_.exitCode === null) {
      const ended = new Promise((resolve) => this.child_.once("exit", resolve));
      this.child_.kill("SIGTERM");
      await ended;
    }
    rmSync(this.folder_, { recursive: true, force: true });
  }
}
