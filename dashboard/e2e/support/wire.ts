import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { system } from "./system";

/** A wire between browser and server that can be cut: what no browser setting does to a shared worker. */
export class Wire {
  private isCut = false;
  private readonly sockets = new Set<Socket>();
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<Wire> {
    const target = new URL(system.url);
    let wire: Wire | null = null;
    const server = createServer((socket) => wire?.join(socket, Number(target.port), target.hostname));
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    wire = new Wire(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return wire;
  }

  private join(near: Socket, port: number, host: string): void {
    near.on("error", () => undefined);
    if (this.isCut) {
      near.destroy();
      return;
    }
    const far = connect(port, host);
    far.on("error", () => near.destroy());
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on("close", () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }
}
