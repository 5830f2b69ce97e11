import type { ChangeResult, PlanInfo, TableInfo } from '../../src/bridge/contract.ts';
import type { Command, TableId } from '../../src/core/document/plan.ts';
import { failureOf, type Client, type Failure } from '../lib/client.ts';
import { neverArrived } from '../grid/pending.ts';
import { SheetState } from '../grid/sheet.svelte.ts';

export type SaveState = 'saved' | 'saving' | 'failed' | 'offline';

/** What the client may send; scenarios have methods of their own. */
export type ClientCommand = Exclude<Command, { scenario: string }>;

/** The open plan as the screen knows it: its outline, where we are in it, and the one way to change it. */
export class OpenPlan {
  readonly client: Client;
  readonly id: string;
  info = $state.raw<PlanInfo>(undefined as never);
  scenario = $state('base');
  table = $state<TableId>('runs');
  save = $state<SaveState>('saved');
  /** Why the next change is made: goes into the journal with it. */
  why = $state('');
  savedAt = $state<number | null>(null);
  failure = $state.raw<Failure | null>(null);
  readonly tableInfo = $derived<TableInfo | undefined>(this.info.tables.find((table) => table.id === this.table));
  readonly scenarioInfo = $derived(this.info.scenarios.find((scenario) => scenario.key === this.scenario));
  readonly sheet: SheetState;
  private readonly stop: readonly (() => void)[];
  private queue: Promise<unknown> = Promise.resolve();
  /** The outline is being read after a change. */
  private outline: Promise<unknown> = Promise.resolve();

  constructor(client: Client, info: PlanInfo) {
    this.client = client;
    this.id = info.id;
    this.info = info;
    this.sheet = new SheetState(this);
    this.stop = [
      client.on('plan.changed', (event) => {
        // A change of our own that is on its way reads everything again when it is answered.
        if (event.plan === this.id && event.revision > this.info.revision && this.save !== 'saving') void this.reload();
      }),
      client.on('sheet.ready', (event) => {
        if (event.plan === this.id && event.revision === this.info.revision) void this.reload();
      }),
      client.onConnection((connection) => {
        if (connection === 'connected') this.sheet.sendAgain();
      }),
    ];
  }

  dispose(): void {
    for (const stop of this.stop) stop();
    this.sheet.dispose();
  }

  /** Reads the outline again (columns, scenarios, undo state) and then what is on screen. */
  async reload(): Promise<void> {
    this.info = await this.client.call('plans.open', { plan: this.id });
    if (!this.info.scenarios.some((scenario) => scenario.key === this.scenario)) this.scenario = 'base';
    this.sheet.refresh();
  }

  goTable(table: TableId): void {
    if (this.table === table) return;
    this.sheet.commit();
    this.table = table;
    this.sheet.reset();
  }

  goScenario(scenario: string): void {
    if (this.scenario === scenario) return;
    this.sheet.commit();
    this.scenario = scenario;
    this.sheet.outdate();
  }

  /** Next or previous scenario, without wrapping. */
  stepScenario(by: number): void {
    const at = this.info.scenarios.findIndex((scenario) => scenario.key === this.scenario);
    const next = this.info.scenarios[at + by];
    if (next) this.goScenario(next.key);
  }

  /** Applies commands in order after those already on their way. Rejects with the host's error; the caller keeps what was typed. */
  change(
    commands: readonly ClientCommand[],
    note?: string,
    // The scenario on screen when the change was made; another may be by the time it is sent.
    scenario = this.scenario,
  ): Promise<ChangeResult> {
    return this.send(this.changing(commands, note, scenario));
  }

  /** A change as it will be sent; its reason is that of now, its base that of then. */
  private changing(
    commands: readonly ClientCommand[],
    note: string | undefined,
    scenario: string,
  ): () => Promise<ChangeResult> {
    const said = [this.why, note ?? ''].filter(Boolean).join('; ');
    this.why = '';
    return () =>
      this.client.call('plan.change', {
        plan: this.id,
        scenario,
        base: this.info.revision,
        commands: commands as never,
        ...(said === '' ? {} : { note: said }),
      });
  }

  /** Sets one cell: what is on screen is read first and the outline after it, so that results are painted at once. */
  setCell(scenario: string, command: ClientCommand): Promise<ChangeResult> {
    return this.post(this.changing([command], undefined, scenario), () => {
      this.sheet.refresh();
      this.outlineSoon();
    });
  }

  private outlineTimer: ReturnType<typeof setTimeout> | undefined;

  /** Reads the outline when typing pauses. */
  private outlineSoon(): void {
    clearTimeout(this.outlineTimer);
    this.outlineTimer = setTimeout(() => {
      void this.settled()
        .then(() => this.client.call('plans.open', { plan: this.id }))
        .then((info) => {
          if (info.revision >= this.info.revision) this.info = info;
        })
        .catch(() => undefined);
    }, 400);
  }

  undo(): Promise<unknown> {
    return this.quietly(() => this.client.call('plan.undo', { plan: this.id }));
  }

  redo(): Promise<unknown> {
    return this.quietly(() => this.client.call('plan.redo', { plan: this.id }));
  }

  async addScenario(name: string, on: string): Promise<void> {
    const added = await this.client.call('scenario.add', { plan: this.id, name, on });
    await this.reload();
    this.goScenario(added.scenario);
  }

  renameScenario(scenario: string, name: string): Promise<unknown> {
    return this.send(() => this.client.call('scenario.rename', { plan: this.id, scenario, name }));
  }

  async removeScenario(scenario: string): Promise<void> {
    if (this.scenario === scenario) this.scenario = 'base';
    await this.send(() => this.client.call('scenario.remove', { plan: this.id, scenario }));
  }

  /** For gestures without an editor to keep the error in: it goes to the notice line instead. */
  async quietly(work: () => Promise<ChangeResult>): Promise<ChangeResult | null> {
    try {
      return await this.send(work);
    } catch {
      return null;
    }
  }

  /** Resolves when every change made so far has been answered and is on screen: only then is a cell sure to exist. */
  async settled(): Promise<void> {
    await this.queue;
    await this.outline;
    await this.sheet.refreshed;
  }

  /** Sends a change and reads everything again; resolves when the outline is that of after the change. */
  private async send(work: () => Promise<ChangeResult>): Promise<ChangeResult> {
    const result = await this.post(work, () => (this.outline = this.reload().catch(() => undefined)));
    await this.outline;
    return result;
  }

  /** Sends a change after those already on their way; the next one does not wait for what is read after it. */
  private post(work: () => Promise<ChangeResult>, readAgain: () => void): Promise<ChangeResult> {
    const run = this.queue.then(async () => {
      this.save = 'saving';
      try {
        const result = await work();
        this.info = { ...this.info, ...result };
        this.save = 'saved';
        this.savedAt = Date.now();
        this.failure = null;
        readAgain();
        return result;
      } catch (error) {
        const failure = failureOf(error);
        this.save = neverArrived(failure) ? 'offline' : 'failed';
        this.failure = failure;
        throw error;
      }
    });
    this.queue = run.catch(() => undefined);
    return run;
  }
}
