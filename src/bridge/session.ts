/**
 * One open plan in the host: its evaluated sheets (base and scenarios), and the way of every change: checked against what
 * the client saw, written to the journal, then applied. The database is the plan; sheets can always be rebuilt from it.
 */
import { applyCommands, invertCommands, scenarioPlan } from '../core/document/apply.ts';
import type { Change, Command, Plan, Scenario } from '../core/document/plan.ts';
import { FlopsheetError } from '../core/errors.ts';
import type { Answers } from '../core/formula/answers.ts';
import { confidentialCells } from '../core/plan/confidential.ts';
import { BUILT_IN_COLUMNS, REGISTRY } from '../core/plan/planner.ts';
import type { Catalog } from '../core/sheet/catalog.ts';
import { percentileOf } from '../core/sheet/percentile.ts';
import { Sheet } from '../core/sheet/sheet.ts';
import { Spreads } from '../core/sheet/spreads.ts';
import type { ReadableDb, WritableDb } from '../store/database.ts';
import { entriesAfter, entryAt, nextUndoState, type UndoState } from '../store/journal.ts';
import { findStoredLaw, lawKeys } from '../store/laws.ts';
import { appendChange, loadPlan } from '../store/plans.ts';
import { adoptLaws } from './adopt-laws.ts';
import type { ChangeResult } from './contract.ts';

export interface OpenSheet {
  readonly sheet: Sheet;
  readonly spreads: Spreads;
  recalculatedCells: number;
  recalculationMs: number;
}

export interface SessionHost {
  /** Null when the store is read-only. */
  readonly writable: WritableDb | null;
  readonly db: ReadableDb;
  readonly catalog: Catalog;
  readonly author: string;
  /** Who computes what takes long; at once when left out. */
  readonly answers?: Answers;
  now(): number;
  /** Milliseconds for measuring. */
  clock(): number;
}

/** A sheet of a plan, evaluated with the built-in planner. Without `answers` nothing is left to be computed later. */
export function openSheet(plan: Plan, catalog: Catalog, clock: () => number, answers?: Answers): OpenSheet {
  const start = clock();
  const options = { columns: BUILT_IN_COLUMNS, registry: REGISTRY, catalog };
  const sheet = new Sheet(plan, answers ? { ...options, answers } : options);
  sheet.percentile = percentileOf;
  const recalculatedCells = sheet.recalculate();
  return { sheet, spreads: new Spreads(sheet), recalculatedCells, recalculationMs: clock() - start };
}

/** The one thing a command sets, so that a later command replaces an earlier one; null for rows and columns. */
function placeOf(command: Command): string | null {
  if ('set' in command) return `cell ${command.set.join('\n')}`;
  return 'correlation' in command ? `correlation ${[...command.correlation].sort().join('\n')}` : null;
}

/** A scenario's edit with what stands below it: a later edit there is then seen as a conflict. */
function stamped(below: Plan, command: Command): Command {
  if (!('set' in command)) return command;
  const [table, key, column] = command.set;
  const row = below.tables[table].find((own) => own.key === key);
  const { from: _from, ...rest } = command;
  return row ? { ...rest, from: row.cells[column] ?? null } : rest;
}

/** Rank correlation the plan sets between two names; null when it sets none. */
function rankOf(plan: Plan, [a, b]: readonly [string, string]): number | null {
  const found = plan.correlations?.find((own) => (own.a === a && own.b === b) || (own.a === b && own.b === a));
  return found?.rank ?? null;
}

/** A sheet that leaves out what is confidential, for everything that is exported. Totals are those of the full plan. */
export function redactedSheet(plan: Plan, catalog: Catalog): Sheet {
  const { sheet } = openSheet(plan, catalog, () => 0);
  sheet.hidden = confidentialCells(sheet);
  return sheet;
}

export class PlanSession {
  readonly id: string;
  private readonly host: SessionHost;
  private readonly sheets = new Map<string, OpenSheet>();
  plan: Plan;
  revision: number;
  /** Followed along: reading the whole journal for every edit would make a long history slow. */
  private history: UndoState;

  constructor(id: string, host: SessionHost) {
    this.id = id;
    this.host = host;
    const loaded = loadPlan(host.db, id);
    this.plan = loaded.plan;
    this.revision = loaded.revision;
    this.history = loaded.history;
  }

  /** Whether there is something to take back or to repeat. */
  get steps(): { readonly canUndo: boolean; readonly canRedo: boolean } {
    return { canUndo: this.history.undo.length > 0, canRedo: this.history.redo.length > 0 };
  }

  /** The evaluated sheet of the base plan or a scenario. */
  open(scenario: string): OpenSheet {
    let open = this.sheets.get(scenario);
    if (!open) {
      const { host } = this;
      open = openSheet(scenarioPlan(this.plan, scenario), host.catalog, () => host.clock(), host.answers);
      this.sheets.set(scenario, open);
    }
    return open;
  }

  /** The sheet with nothing left to be computed: for totals that are compared, exported or solved for. */
  settled(scenario: string): Sheet {
    const { sheet } = this.open(scenario);
    sheet.atOnce(() => undefined);
    return sheet;
  }

  /** Takes in answers that came; true when a value or a spread may have changed. */
  answersArrived(): boolean {
    return [...this.sheets.values()].map(({ sheet }) => sheet.answersArrived()).includes(true);
  }

  /** Makes a change on top of revision `base`. Throws `CONFLICT` when a cell it sets was changed since by somebody else. */
  change(scenario: string, base: number, commands: readonly Command[], note: string): ChangeResult {
    if (base < this.revision) this.refuseConflicts(scenario, base, commands);
    if (scenario !== 'base' && commands.some((command) => 'scenario' in command))
      throw new FlopsheetError('ARG', 'a scenario cannot hold another scenario', {
        hint: 'change scenarios on the base plan',
      });
    const own = scenario === 'base' ? commands : [this.onScenario(scenario, commands)];
    const { db } = this.host;
    const adopted = adoptLaws(this.plan, own, this.host.writable ? lawKeys(db) : [], (key) => findStoredLaw(db, key));
    return this.append({
      commands: [...adopted, ...own],
      kind: 'edit',
      author: this.host.author,
      note,
    });
  }

  /** Takes back the newest change that was not taken back yet. */
  undo(): ChangeResult {
    const of = this.history.undo.at(-1);
    if (of === undefined) throw new FlopsheetError('NOTHING', 'there is nothing to undo');
    return this.append({
      commands: invertCommands(this.entry(of)),
      kind: 'undo',
      of,
      author: this.host.author,
      note: '',
    });
  }

  /** Repeats the change that was taken back last. */
  redo(): ChangeResult {
    const of = this.history.redo.at(-1);
    if (of === undefined) throw new FlopsheetError('NOTHING', 'there is nothing to redo');
    return this.append({
      commands: this.entry(of).map((command) => ({ ...command, from: undefined }) as Command),
      kind: 'redo',
      of,
      author: this.host.author,
      note: '',
    });
  }

  private entry(revision: number): readonly Command[] {
    const entry = entryAt(this.host.db, this.id, revision);
    if (!entry) throw new FlopsheetError('NOT_FOUND', `revision ${revision} is not in the history`);
    return entry.commands;
  }

  private append(change: Change): ChangeResult {
    const { writable } = this.host;
    if (!writable)
      throw new FlopsheetError('READ_ONLY', 'this store is open for reading only', {
        hint: 'close the other Flopsheet, or start with --db on a folder you may write',
      });
    const appended = appendChange(writable, this.id, this.revision, change, this.host.now());
    this.plan = appended.plan;
    this.revision = appended.revision;
    this.updateSheets(appended.entry.commands);
    this.history = nextUndoState(this.history, appended.entry);
    return { revision: this.revision, ...this.steps };
  }

  /** Open sheets follow the change: the base by its commands, scenarios by what became of their plan. */
  private updateSheets(commands: readonly Command[]): void {
    for (const [key, open] of this.sheets) {
      const start = this.host.clock();
      if (key === 'base') open.sheet.apply(commands);
      else if (this.plan.scenarios.some((scenario) => scenario.key === key))
        open.sheet.follow(scenarioPlan(this.plan, key));
      else this.sheets.delete(key);
      open.recalculatedCells = open.sheet.recalculate();
      open.recalculationMs = this.host.clock() - start;
    }
  }

  /** Edits seen in a scenario become commands of the scenario; a later edit of a cell replaces the earlier one. */
  private onScenario(key: string, commands: readonly Command[]): Command {
    const at = this.plan.scenarios.findIndex((scenario) => scenario.key === key);
    const scenario = this.plan.scenarios[at];
    if (!scenario) throw new FlopsheetError('NOT_FOUND', `there is no scenario "${key}"`);
    const below = scenarioPlan(this.plan, scenario.on);
    const places = new Set(commands.map(placeOf));
    const kept = scenario.commands.filter((own) => placeOf(own) === null || !places.has(placeOf(own)));
    const added = commands.filter((command) => {
      if ('set' in command)
        return (
          command.to !==
          (below.tables[command.set[0]].find((row) => row.key === command.set[1])?.cells[command.set[2]] ?? null)
        );
      return !('correlation' in command) || command.to !== rankOf(below, command.correlation);
    });
    const others = (commands: readonly Command[]): Plan => ({
      ...this.plan,
      scenarios: this.plan.scenarios.map((own) => (own === scenario ? { ...scenario, commands } : own)),
    });
    applyCommands(scenarioPlan(others(kept), key), added);
    const next: Scenario = { ...scenario, commands: [...kept, ...added.map((command) => stamped(below, command))] };
    return { scenario: key, to: { at, scenario: next } };
  }

  private refuseConflicts(scenario: string, base: number, commands: readonly Command[]): void {
    const changed = new Map<string, string>();
    for (const entry of entriesAfter(this.host.db, this.id, base))
      for (const command of entry.commands) if ('set' in command) changed.set(command.set.join('.'), entry.author);
    for (const command of commands) {
      if (!('set' in command)) continue;
      const address = command.set.join('.');
      const author = scenario === 'base' ? changed.get(address) : undefined;
      if (author === undefined) continue;
      const theirs =
        this.plan.tables[command.set[0]].find((row) => row.key === command.set[1])?.cells[command.set[2]] ?? '';
      if (theirs === (command.to ?? '')) continue;
      throw new FlopsheetError('CONFLICT', `${address} was changed meanwhile to "${theirs}" by ${author}`, {
        where: address,
        hint: 'look at the new value, then type yours again if it should stand',
      });
    }
  }
}
