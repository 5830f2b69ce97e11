/** The bridge over Electron's IPC: one channel for calls, one for events, each sender checked. */
import type { Reply } from '../../bridge/wire.ts';
import { BRIDGE_CODES } from '../../bridge/errors.ts';
import type { EventHub } from '../../bridge/events.ts';
import type { BridgeServer } from '../../bridge/server.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from './channels.ts';
import { isAppUrl } from './guard.ts';

/** The parts of Electron used here, so that tests can stand in for them. */
export interface IpcEvent {
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
  readonly sender: unknown;
}
export interface IpcMain {
  handle(channel: string, handler: (event: IpcEvent, ...values: unknown[]) => unknown): void;
  removeHandler(channel: string): void;
}
export interface IpcWindow {
  readonly webContents: { isDestroyed(): boolean; send(channel: string, message: string): void };
}

export interface IpcOptions {
  readonly ipcMain: IpcMain;
  readonly server: BridgeServer;
  readonly events: EventHub;
  /** The app's open windows: only they may call, and all of them hear events. */
  readonly windows: () => readonly IpcWindow[];
}

function failure(code: string, message: string, hint: string): string {
  const reply: Reply = { ok: false, error: { code, message, hint, where: '' } };
  return JSON.stringify(reply);
}

/** Starts answering; the returned function stops it. */
export function registerIpc({ ipcMain, server, events, windows }: IpcOptions): () => void {
  const isOurs = ({ sender, senderFrame }: IpcEvent) =>
    senderFrame !== null &&
    senderFrame.parent === null &&
    isAppUrl(senderFrame.url) &&
    windows().some(({ webContents }) => webContents === sender);

  ipcMain.handle(CALL_CHANNEL, async (event, method, params, ...rest) => {
    if (!isOurs(event)) return failure(BRIDGE_CODES.refused, 'This page may not use Flopsheet.', '');
    if (typeof method !== 'string' || typeof params !== 'string' || rest.length > 0) {
      return failure(BRIDGE_CODES.badRequest, 'A call is a method and its arguments as text.', 'Use the client.');
    }
    return (await server.answer(method, params)).text;
  });

  const stop = events.listen((message) => {
    const text = JSON.stringify(message);
    for (const { webContents } of windows()) if (!webContents.isDestroyed()) webContents.send(EVENT_CHANNEL, text);
  });

  return () => {
    stop();
    ipcMain.removeHandler(CALL_CHANNEL);
  };
}
