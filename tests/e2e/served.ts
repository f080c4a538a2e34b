// What most files here begin with: a browser, a served image, and pages that show it.
//
//   const at = served([sample("mri-stack.ome.zarr")], { pages: 2 });
//   let page: Page, other: Page;
//   beforeAll(() => void ([page, other] = at.both));
//
//   test("…", async () => { const third = await at.open({ name: "Cleo" }); … });
//
// It declares its own beforeAll and afterAll, so it is called where those may be: at the top of a file or of a describe. In the
// end every page is closed, the server has to stop cleanly, and no page may have had an error.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launch, openPage, page_errors, untilLive, type PageOptions } from "./browser";
import { Door, NdcastServer } from "./ndcast_server";

export interface ServedOptions {
  /** Opened and live before the first test; 1 unless told. */
  pages?: number;
  /** Pages come through a door that can be slammed and held. */
  door?: boolean;
}

export interface Served {
  readonly browser: Browser;
  readonly server: NdcastServer;
  readonly door: Door;
  /** What pages open: the server's link, through the door when there is one. */
  readonly link: string;
  readonly page: Page;
  /** Of two pages or more, the first two. */
  readonly both: [Page, Page];
  /** Another page, live; `link` when it comes by another one. */
  open(options?: PageOptions & { link?: string }): Promise<Page>;
}

/** `args` are those of `ndcast serve`; what only a beforeAll knows comes as a function, called after the beforeAlls above. */
export function served(args: string[] | (() => string[] | Promise<string[]>), { pages = 1, door = false }: ServedOptions = {}): Served {
  let browser: Browser | undefined;
  let server: NdcastServer | undefined;
  let through: Door | undefined;
  const opened: Page[] = [];

  const there = <Thing>(thing: Thing | undefined, what: string): Thing => {
    if (thing === undefined) throw new Error(`${what} is there after served()'s beforeAll`);
    return thing;
  };
  const at: Served = {
    get browser() {
      return there(browser, "the browser");
    },
    get server() {
      return there(server, "the server");
    },
    get door() {
      return there(through, "the door, if one was asked for,");
    },
    get link(): string {
      const link = new URL(at.server.link);
      if (through !== undefined) link.port = String(through.port);
      return link.toString();
    },
    get page(): Page {
      return there(opened[0], "a page");
    },
    get both(): [Page, Page] {
      return [there(opened[0], "a page"), there(opened[1], "the second page, if two were asked for,")];
    },
    async open({ link = at.link, ...options } = {}) {
      const page = await openPage(at.browser, link, options);
      await untilLive(page);
      return page;
    },
  };

  beforeAll(async () => {
    browser = await launch();
    server = await NdcastServer.start(typeof args === "function" ? await args() : args);
    if (door) through = await Door.to(server.port);
    for (let i = 0; i < pages; ++i) opened.push(await at.open());
  });
  afterAll(async () => {
    await browser?.close();
    await through?.close();
    await server?.stop();
    expect(page_errors).toEqual([]);
  });
  return at;
}
