/**
 * Loaded before a process of ours (`node --import`): any connection it opens, to anywhere, is refused and said on stderr.
 * Listening stays allowed; the product never calls out by itself.
 */
import { isIP, Socket } from 'node:net';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { CALLED_OUT } from './called-out.ts';

function refuse(what: string): never {
  process.stderr.write(`${CALLED_OUT}: ${what}\n`);
  throw new Error(`${CALLED_OUT}: ${what}`);
}

Socket.prototype.connect = function connect(this: Socket, ...args: unknown[]): Socket {
  return refuse(JSON.stringify(args[0]));
} as typeof Socket.prototype.connect;
dgram.Socket.prototype.send = () => refuse('a datagram');
const lookup = dns.lookup as (...args: unknown[]) => void;
// Listening looks its own address up; a name is always somebody else's.
dns.lookup = ((name: string, ...rest: unknown[]) =>
  isIP(name) > 0 ? lookup(name, ...rest) : refuse(name)) as unknown as typeof dns.lookup;
