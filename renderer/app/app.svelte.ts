import { createContext } from 'svelte';
import type { AppInfo, FileResult, PlanFileView } from '../../src/bridge/contract.ts';
import { failureOf, saveFile, type Client, type Failure } from '../lib/client.ts';
import type { Connection } from '../../src/bridge/client.ts';
import type { RawTable } from '../../src/core/exchange/raw-table.ts';
import { readPref, writePref } from '../lib/prefs.svelte.ts';
import type { DroppedLog } from '../labs/calibrate/read-file.ts';
import { helpAt, type HelpTab } from '../help/where.svelte.ts';
import { OpenPlan } from './plan.svelte.ts';
import { goToContent } from '../shell/regions.ts';
import { SCREENS, type Screen } from './screens.ts';

export type DialogName =
  | 'palette'
  | 'keys'
  | 'column'
  | 'columns'
  | 'scenario'
  | 'new-scenario'
  | 'goal'
  | 'data-table'
  | 'largest'
  | 'correlations'
  | 'why'
  | 'log'
  | 'import'
  | 'plan-file'
  | null;

/** A plan file is read whole; a larger JSON file is a model's index. */
const LARGEST_PLAN = 60_000_000;

/** Work that takes long enough to be shown, and how to stop it where it can be stopped. */
export interface Progress {
  readonly label: string;
  /** 0..1 */
  readonly fraction: number;
  readonly stop?: () => void;
}

/** Where the whole app stands: which screen, which plan, which dialog, what to tell the user. */
export class App {
  readonly client: Client;
  info = $state.raw<AppInfo | null>(null);
  screen = $state<Screen>('start');
  plan = $state.raw<OpenPlan | null>(null);
  dialog = $state<DialogName>(null);
  /** Below this width it lies over the sheet: then it waits to be asked for. */
  inspector = $state(readPref('inspector', innerWidth >= 1280));
  notice = $state.raw<{ readonly text: string; readonly tone: 'info' | 'error' } | null>(null);
  connection = $state<Connection>('connected');
  exporting = $state(false);
  /** Catalog keys of models just brought, for the models lab to show. */
  added = $state.raw<readonly string[]>([]);
  /** The log the dialog is about. */
  log = $state.raw<DroppedLog | null>(null);
  /** The plan file that is here already. */
  planFile = $state.raw<{ readonly text: string; readonly view: PlanFileView } | null>(null);
  /** The tables of the file that the import dialog is about. */
  table = $state.raw<{ readonly name: string; readonly tables: readonly RawTable[] } | null>(null);
  progress = $state.raw<Progress | null>(null);
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.client = client;
    client.on('progress', (event) => {
      this.progress = event.fraction >= 1 ? null : { label: event.label, fraction: event.fraction };
    });
    client.onConnection((connection) => {
      this.connection = connection;
      if (connection === 'connected') void this.plan?.reload().catch(() => undefined);
    });
    client.on('store.notice', (event) => this.say(event.message, 'error'));
  }

  async start(): Promise<void> {
    try {
      this.info = await this.client.call('app.info', {});
      const last = new URLSearchParams(location.search).get('plan');
      if (last !== null) await this.open(last);
    } catch (error) {
      this.fail(error);
    }
  }

  async open(id: string): Promise<void> {
    try {
      const info = await this.client.call('plans.open', { plan: id });
      this.plan?.dispose();
      this.plan = new OpenPlan(this.client, info);
      this.screen = 'sheet';
      goToContent();
      for (const note of info.notes) this.say(note);
    } catch (error) {
      this.fail(error);
    }
  }

  async create(from: { readonly name?: string; readonly template?: string; readonly file?: string }): Promise<void> {
    try {
      const made = await this.client.call('plans.create', from);
      await this.open(made.plan);
      if (made.notes.length > 0) this.say(made.notes.join(' '));
    } catch (error) {
      this.fail(error);
    }
  }

  /**
   * Opens what a person drops: a plan file, a model (config.json, weights, a graph, a layer table), or a log or profile of a run.
   * Files dropped together are one model: an index, its parts, the configuration.
   */
  async openFiles(files: readonly File[]): Promise<void> {
    try {
      const { isModelFile, mainFile } = await import('../models/read-models.ts');
      const file = mainFile(files);
      if (!file) return;
      await assertReadable(file);
      const { isTableFile } = await import('../report/read-table.ts');
      if (this.plan && isTableFile(file) && !(await isModelFile(file))) return await this.openTable(file);
      if (await isModelFile(file)) return await this.openModel(file, files);
      if (!(await isJson(file))) return await this.openLog(file);
      if (file.size < LARGEST_PLAN) {
        const text = await file.text();
        if (/"format"\s*:\s*"flopsheet-plan"/.test(text)) return await this.openPlanFile(text);
      }
      await this.openModel(file, files);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Opens a plan file; one that is known here is compared first, and people choose. */
  private async openPlanFile(text: string): Promise<void> {
    const view = await this.client.call('plans.inspect', { file: text });
    if (!view.known) return await this.create({ file: text });
    this.planFile = { text, view };
    this.dialog = 'plan-file';
  }

  /** Reads a table and asks what its rows mean and where they go. */
  async openTable(file: File): Promise<void> {
    const { readTable } = await import('../report/read-table.ts');
    try {
      this.table = { name: file.name, tables: await readTable(file) };
      this.dialog = 'import';
    } catch (error) {
      this.fail(error);
    }
  }

  /** Puts the models of a file into the catalog: a single language model becomes a run of a plan, others open in the models lab. */
  private async openModel(file: File, files: readonly File[]): Promise<void> {
    const { readModels, nameOfModel } = await import('../models/read-models.ts');
    const read = await readModels(file, files);
    const added: { key: string; name: string; paramsTotal: number }[] = [];
    for (const model of read.models) {
      const name = nameOfModel(model, file.name);
      const { approximate, notes } = read;
      const row = { name, model: { ...model }, approximate, notes: [...notes], file: file.name };
      added.push({ name, ...(await this.client.call('model.add', row)) });
    }
    const [first] = added;
    if (!first) return;
    if (added.length === 1 && read.models[0]?.kind === 'transformer' && this.screen !== 'models') {
      await this.create({ name: first.name });
      await this.plan?.change(
        [{ row: ['runs', 'r1'], to: { at: 0, cells: { name: first.name, model: first.key } } }],
        `from ${file.name}`,
      );
    } else {
      this.added = added.map(({ key }) => key);
      this.screen = 'models';
    }
    const found =
      added.length === 1
        ? `${first.name}: ${first.paramsTotal.toLocaleString('en-US')} parameters`
        : `${added.length} models from ${file.name}`;
    this.say(
      read.approximate
        ? `${found}, approximate. ${read.notes.join(' ')}`
        : `${found}. ${added.length === 1 ? `It is in the catalog as ${first.key}.` : 'They are in the catalog.'}`,
    );
  }

  /** Reads a training log or a profile, says what it holds and asks which run takes its MFU. */
  async openLog(file: File): Promise<void> {
    const { readDropped } = await import('../labs/calibrate/read-file.ts');
    try {
      const stopping = new AbortController();
      const tell = (fraction: number): void => {
        this.progress = { label: `Reading ${file.name}`, fraction, stop: () => stopping.abort() };
      };
      this.log = await readDropped(file, tell, undefined, stopping.signal);
      this.dialog = 'log';
    } finally {
      this.progress = null;
    }
  }

  /** Saves the open plan as a plan file. */
  async exportFile(redact = false): Promise<void> {
    if (!this.plan) return;
    try {
      const file = await this.client.call('plans.export', { plan: this.plan.id, redact });
      saveFile(file.name, 'application/json', file.text);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Saves the open scenario as a PDF report, or as a workbook with live formulas. */
  async exportReport(method: 'report.pdf' | 'report.xlsx'): Promise<void> {
    const { plan } = this;
    if (plan) await this.saveMade(() => this.client.call(method, { plan: plan.id, scenario: plan.scenario }));
  }

  /** Saves what the host makes; one file at a time. */
  async saveMade(make: () => Promise<FileResult>): Promise<void> {
    if (this.exporting) return;
    this.exporting = true;
    try {
      const file = await make();
      saveFile(
        file.name,
        file.mediaType,
        Uint8Array.from(atob(file.data), (character) => character.charCodeAt(0)),
      );
      this.say(`${file.name} is saved.`);
    } catch (error) {
      this.fail(error);
    } finally {
      this.exporting = false;
    }
  }

  go(screen: Screen): void {
    this.screen = SCREENS[screen].needsPlan && this.plan === null ? 'start' : screen;
  }

  /** Opens the help at a column, the one under the cursor when none is named. */
  help(tab: HelpTab = 'columns'): void {
    const ref = this.screen === 'sheet' ? this.plan?.sheet.activeRef : null;
    helpAt.tab = tab;
    helpAt.table = ref?.table ?? helpAt.table;
    helpAt.column = ref?.column ?? null;
    this.go('help');
  }

  toggleInspector(open = !this.inspector): void {
    this.inspector = open;
    writePref('inspector', open);
  }

  say(text: string, tone: 'info' | 'error' = 'info'): void {
    this.notice = { text, tone };
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => (this.notice = null), tone === 'error' ? 12_000 : 6_000);
  }

  fail(error: unknown): Failure {
    const failure = failureOf(error);
    this.say(failure.hint === '' ? failure.message : `${failure.message} ${failure.hint}`, 'error');
    return failure;
  }
}

/** A folder looks like a file until it is read. */
async function assertReadable(file: File): Promise<void> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw Object.assign(new Error(`"${file.name}" cannot be read: it is a folder, or it was moved.`), {
      hint: 'Drop the files inside it together, for example config.json with the .safetensors files.',
    });
  }
}

/** Whether a file is one JSON document, by its first characters: a log may have gigabytes, and a Trainer's lines open with a brace too. */
/** A plan or a model; traces of a profiler are JSON too and are none. */
async function isJson(file: File): Promise<boolean> {
  const head = (await file.slice(0, 4096).text()).trimStart();
  if (/"traceEvents"|"deviceProperties"|"baseTimeNanoseconds"/.test(head)) return false;
  return /\.json$/i.test(file.name) || /^\{\s*"/.test(head);
}

export const [useApp, provideApp] = createContext<App>();
