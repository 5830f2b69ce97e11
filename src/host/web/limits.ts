/** What one client, or all of them together, may take from the loopback server. Tests lower the times. */
export interface Limits {
  /** Open connections; more are dropped at once. */
  readonly connections: number;
  /** Time to send all headers, ms. */
  readonly headersMs: number;
  /** Time to send the whole request, ms. */
  readonly requestMs: number;
  /** How often the two times above are checked, ms. */
  readonly checkMs: number;
  /** Size of all headers together, bytes. */
  readonly headerBytes: number;
  /** Bodies being received at one time, all clients together, bytes. */
  readonly bodyBytesInFlight: number;
  /** Event streams open at one time. */
  readonly streams: number;
  /** What may wait in one event stream for a client that does not read, bytes. */
  readonly streamBytes: number;
  /** Sign-ins with a wrong token within a minute before all are refused for the rest of it. */
  readonly wrongTokens: number;
}

export const DEFAULT_LIMITS: Limits = {
  connections: 64,
  headersMs: 5_000,
  requestMs: 30_000,
  checkMs: 500,
  headerBytes: 16_384,
  bodyBytesInFlight: 128_000_000,
  streams: 24,
  streamBytes: 1_000_000,
  wrongTokens: 20,
};
