import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A site the stories break and mend, at an address of this machine that the probes reach. */
export class Site {
  private status = 200;
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<Site> {
    let site: Site | null = null;
    const server = createServer((_request, response) => {
      const status = site?.status ?? 200;
      response.writeHead(status, { "content-type": "text/html", "x-served-by": "stories" });
      response.end(status === 200 ? "<h1>All is well</h1>" : "<h1>Out of order & <b>sorry</b></h1>");
    });
    const host = process.env.UPGUARD_SITE_HOST ?? "127.0.0.1";
    await new Promise<void>((ready) => server.listen(0, host, ready));
    site = new Site(server, `http://${host}:${(server.address() as AddressInfo).port}/`);
    return site;
  }

  break(): void {
    this.status = 503;
  }

  mend(): void {
    this.status = 200;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
