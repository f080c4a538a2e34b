// The edges of the server as a browser meets them: behind nginx under a sub-path, and over TLS.

import { rmSync } from "node:fs";
import { request } from "node:http";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, page_errors, untilLive } from "./browser";
import { NdcastServer } from "./ndcast_server";
import { makeCertificate, Nginx } from "./nginx";
import { sample } from "./paths";

const kBase = "/a/b/";
const image = sample("mri-stack.ome.zarr");

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  expect(page_errors).toEqual([]);
});

async function open(url: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.on("pageerror", (error) => page_errors.push(String(error)));
  await page.goto(url);
  return { context, page };
}

/** Status of a request that says what no browser would. */
function statusOf(port: number, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

const kUpgrade = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };

test.each([{ tls: false }, { tls: true }])("behind nginx under /a/b/, TLS at the proxy: $tls", async ({ tls }) => {
  const certificate = tls ? makeCertificate() : undefined;
  const server = await NdcastServer.start([image, "--base-url", kBase, "--trusted-proxy", "127.0.0.1"]);
  const nginx = await Nginx.start(server.port, kBase, certificate);
  try {
    const address = new URL(server.link);
    expect(address.pathname).toBe(kBase);
    address.port = String(nginx.port);
    if (tls) address.protocol = "https:";
    const { context, page } = await open(address.toString());
    await untilLive(page);
    expect(new URL(page.url()).pathname).toBe(kBase);
    expect(page.url()).not.toContain("token");

    const cookies = await context.cookies(address.origin + kBase);
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatchObject({ name: `ndcast-${server.port}`, path: kBase, httpOnly: true, sameSite: "Strict", secure: tls });
    expect(await context.cookies(`${address.origin}/a/`)).toEqual([]);

    await page.getByTestId("dim-z-on").click();
    await expect.poll(() => page.evaluate(() => (window.ndcast?.lastFrame?.server_seq ?? 0) >= (window.ndcast?.serverSeq ?? 1))).toBe(true);

    if (!tls) {
      const cookie = `${cookies[0]?.name}=${cookies[0]?.value}`;
      const host = `127.0.0.1:${nginx.port}`;
      const from = (path: string, more: Record<string, string>) => statusOf(nginx.port, path, { Host: host, Cookie: cookie, ...more });
      expect(await from(`${kBase}api/v1/scene`, {})).toBe(200);
      expect(await from(`${kBase}api/v1/scene`, { Cookie: "" })).toBe(401);
      expect(await from(`${kBase}api/v1/scene`, { Origin: "http://evil.example" })).toBe(403);
      expect(await from(`${kBase}api/v1/scene`, { Host: "evil.example" })).toBe(403);
      expect(await from(`${kBase}state`, { ...kUpgrade, Origin: `http://${host}` })).toBe(101);
      expect(await from(`${kBase}state`, { ...kUpgrade, Origin: "http://evil.example" })).toBe(403);
      // Past the proxy nothing is served outside the sub-path, and an unlisted peer could say what it likes.
      expect(await statusOf(server.port, "/api/v1/scene", { Host: host, Cookie: cookie })).toBe(404);
      expect(await statusOf(server.port, "/state", { Host: host, Cookie: cookie, ...kUpgrade })).toBe(404);
    }
    await context.close();
  } finally {
    await nginx.stop();
    await server.stop();
    if (certificate !== undefined) rmSync(certificate.folder, { recursive: true });
  }
});

test("over TLS of its own: page, state and pixels", async () => {
  const certificate = makeCertificate();
  const server = await NdcastServer.start([image, "--tls-cert", certificate.certificate, "--tls-key", certificate.key]);
  try {
    expect(server.link.startsWith("https://")).toBe(true);
    const { context, page } = await open(server.link);
    await untilLive(page);
    const cookies = await context.cookies();
    expect(cookies[0]).toMatchObject({ httpOnly: true, secure: true, path: "/" });
    expect(await statusOf(server.port, "/", { Host: "localhost" })).toBe(400);
    await context.close();
  } finally {
    await server.stop();
    rmSync(certificate.folder, { recursive: true });
  }
});
