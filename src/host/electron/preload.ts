/** All the page can reach of its host: text in, text out, on two named channels. */
import { contextBridge, ipcRenderer } from 'electron';
import type { IpcBridge } from '../../bridge/ipc-client.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from './channels.ts';

const bridge: IpcBridge = {
  invoke: (method, params) => ipcRenderer.invoke(CALL_CHANNEL, method, params) as Promise<string>,
  listen(listener) {
    const own = (_event: unknown, message: string) => listener(message); // the event object stays here
    ipcRenderer.on(EVENT_CHANNEL, own);
    return () => void ipcRenderer.off(EVENT_CHANNEL, own);
  },
};

contextBridge.exposeInMainWorld('flopsheet', bridge);
