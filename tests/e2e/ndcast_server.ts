// The real binary, started on a free port, and a door in front of it that a test can slam.
//
//   const server = await NdcastServer.start([samples("blastocyst.ome.zarr")]);
//   await page.goto(server.link);          // http://127.0.0.1:PORT/?token=…
//   const door = await Door.to(server.port);   door.slam();   door.open();

import { execFile, spawn, type ChildProcess } from "node:child_process";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Transform, type TransformCallback } from "node:stream";
import { createInterface } from "node:readline";
import { ndcast_binary } from "./paths";

const kStartTimeoutMs = 30_000;
const kStopTimeoutMs = 10_000;

export class NdcastServer {
  readonly link: string;
  private readonly child_: ChildProcess;
  private readonly log_: string[];

  private constructor(child: ChildProcess, link: string, log: string[]) {
    this.child_ = child;
    this.link = link;
    this.log_ = log;
  }

  static start(args: string[]): Promise<NdcastServer> {
    const child = spawn(ndcast_binary, ["serve", ...args, "--port", "0", "--no-journal"], { stdio: ["ignore", "pipe", "pipe"] });
    const log: string[] = [];
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`ndcast serve printed no link within ${kStartTimeoutMs} ms:\n${log.join("\n")}`));
      }, kStartTimeoutMs);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`ndcast serve ended with ${code}:\n${log.join("\n")}`)));
      const read = (line: string) => {
        log.push(line);
        // With --no-auth the link has no token.
        const link = /^https?:\/\/\S+$/.exec(line.trim())?.[0];
        if (link === undefined) return;
        clearTimeout(timer);
        resolve(new NdcastServer(child, link, log));
      };
      createInterface({ input: child.stdout }).on("line", read);
      createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
    });
  }

  get port(): number {
    return Number(new URL(this.link).port);
  }

  get log(): string {
    return this.log_.join("\n");
  }

  /** Ends it as Ctrl-C would; fails when it does not stop cleanly. */
  async stop(): Promise<void> {
    const ended = new Promise<number | string>((resolve) => this.child_.once("exit", (code, signal) => resolve(code ?? signal ?? "?")));
    if (this.child_.exitCode !== null) throw new Error(`ndcast serve had ended with ${this.child_.exitCode}:\n${this.log}`);
    this.child_.kill("SIGTERM");
    const timer = setTimeout(() => this.child_.kill("SIGKILL"), kStopTimeoutMs);
    const status = await ended;
    clearTimeout(timer);
    if (status !== 0) throw new Error(`ndcast serve stopped with ${status}, expected 0:\n${this.log}`);
  }
}

/** Runs `ndcast …` to its end. @throws with its standard error when it fails. */
export function ndcast(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(ndcast_binary, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`ndcast ${args.join(" ")}: ${stderr || error.message}`));
      else resolve(stdout);
    });
  });
}

const kPieceBytes = 1024;

/** Bytes go through one piece at a time, each in its time; those behind it wait where they came from. */
class Pacer extends Transform {
  private readonly bits_per_s_: () => number;

  constructor(bits_per_s: () => number) {
    super({ highWaterMark: 4 * kPieceBytes });
    this.bits_per_s_ = bits_per_s;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const bits_per_s = this.bits_per_s_();
    if (!Number.isFinite(bits_per_s)) {
      done(null, chunk);
      return;
    }
    const piece = chunk.subarray(0, kPieceBytes);
    setTimeout(() => {
      this.push(piece);
      if (piece.length === chunk.length) done();
      else this._transform(chunk.subarray(kPieceBytes), _encoding, done);
    }, (8000 * piece.length) / bits_per_s);
  }
}

/** A TCP door to a local port. Slammed, it drops every connection and refuses new ones. */
export class Door {
  private readonly server_: Server;
  private readonly sockets_ = new Set<Socket>();
  /** Those of them that lead to the server. */
  private readonly inner_ = new Set<Socket>();
  private shut_ = false;
  private bits_per_s_ = Infinity;
  private target_port_: number;

  private constructor(target_port: number) {
    this.target_port_ = target_port;
    this.server_ = createServer((socket) => {
      if (this.shut_) {
        socket.destroy();
        return;
      }
      const inner = connect(this.target_port_, "127.0.0.1");
      this.inner_.add(inner);
      inner.on("close", () => this.inner_.delete(inner));
      for (const [one, other] of [
        [socket, inner],
        [inner, socket],
      ] as const) {
        this.sockets_.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.sockets_.delete(one);
          other.destroy();
        });
      }
      const pacer = new Pacer(() => this.bits_per_s_);
      socket.pipe(inner).pipe(pacer).pipe(socket);
    });
  }

  static async to(target_port: number): Promise<Door> {
    const door = new Door(target_port);
    await new Promise<void>((resolve) => door.server_.listen(0, "127.0.0.1", resolve));
    return door;
  }

  get port(): number {
    return (this.server_.address() as AddressInfo).port;
  }

  slam(): void {
    this.shut_ = true;
    for (const socket of this.sockets_) socket.destroy();
  }

  open(): void {
    this.shut_ = false;
  }

  /** Each connection brings so many bits a second from the server; Infinity: what it can. */
  narrow(bits_per_s: number): void {
    this.bits_per_s_ = bits_per_s;
  }

  /** What the server says waits here until letGo(). */
  hold(): void {
    for (const socket of this.inner_) socket.pause();
  }

  letGo(): void {
    for (const socket of this.inner_) socket.resume();
  }

  /** From now on new connections end at another port, as those to a restarted server do. */
  leadTo(target_port: number): void {
    this.target_port_ = target_port;
  }

  async close(): Promise<void> {
    this.slam();
    await new Promise<void>((resolve) => this.server_.close(() => resolve()));
  }
}
