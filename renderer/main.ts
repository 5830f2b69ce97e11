import './ui/tokens.css';
import './ui/base.css';
import { mount } from 'svelte';
import { connectToHost } from '../src/bridge/client.ts';
import { App } from './app/app.svelte.ts';
import Root from './App.svelte';
import './lib/theme.svelte.ts';

const client = await connectToHost();
const app = new App(client);
mount(Root, { target: document.getElementById('app') as HTMLElement, props: { app } });
await app.start();
