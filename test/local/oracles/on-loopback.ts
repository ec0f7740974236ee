/** Loaded before a server that would listen on every interface and on fixed ports: it listens on loopback, and says where. */
import { type AddressInfo, type ListenOptions, Server } from 'node:net';

const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;

Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const wanted = typeof args[0] === 'object' ? (args[0] as ListenOptions).port : args[0];
  this.once('listening', () => {
    console.log(`for ${wanted} on ${(this.address() as AddressInfo).port}`);
  });
  return listen.call(this, { port: 0, host: '127.0.0.1' }, ...args.filter((arg) => typeof arg === 'function'));
};
