import { conflictText, scenarioConflicts } from '../../core/document/scenario-conflicts.ts';
import { priceConcerns, pricesInUse } from '../../core/plan/price-use.ts';
import { planMistakes, planResult, planTotals, programmeSpread, type PlanResult } from '../../core/plan/result.ts';
import { programmeCost } from '../../core/sheet/compare.ts';
import { formatFixed, formatCount, formatScientific, formatSignificant } from '../../core/format/number.ts';
import { planHash } from '../../store/plan-hash.ts';
import { errorText, textFlag, type Command } from '../command.ts';
import { openScenario, readPlanArgument } from '../plans.ts';
import { withCatalog } from '../store.ts';
import { table } from '../table.ts';

export const planCommand: Command = {
  name: 'plan',
  usage: 'PLAN [--scenario KEY]',
  summary: 'evaluates a plan file or a stored plan',
  flags: { scenario: { type: 'string' } },
  minPositionals: 1,
  run: (invocation) =>
    withCatalog(invocation, (catalog, store) => {
      const { plan, notes: fileNotes } = readPlanArgument(invocation.positionals[0] ?? '', store);
      const scenario = textFlag(invocation, 'scenario') ?? 'base';
      const { sheet, spreads } = openScenario(plan, scenario, catalog);
      const result = planResult(sheet, spreads);
      const today = new Date().toISOString().slice(0, 10);
      const notes = [
        ...plan.scenarios.flatMap(({ key }) =>
          scenarioConflicts(plan, key).map((conflict) => `scenario ${key}: ${conflictText(conflict)}`),
        ),
        ...fileNotes,
        ...priceConcerns(pricesInUse(sheet), today).map(
          (concern) => `${concern.message} It prices ${concern.runs.join(', ')}.`,
        ),
      ];
      const scenarios = plan.scenarios.map(({ key, name, on }) => {
        const open = openScenario(plan, key, catalog);
        const cost = programmeCost(open.sheet);
        return {
          key,
          name,
          on,
          totals: planTotals(open.sheet, open.spreads),
          programme_cost: Number.isFinite(cost) ? cost : null,
          programme_cost_uncertainty: programmeSpread(open.sheet, open.spreads),
        };
      });
      const hash = planHash(plan);
      if (invocation.json)
        invocation.print(JSON.stringify({ ...result, scenario, scenarios, hash, notes: [...notes, ...result.notes] }));
      else invocation.print(readable(result, scenarios, hash, [...notes, ...result.notes]));
      const mistakes = planMistakes(sheet);
      for (const { message, root, hint } of mistakes) invocation.warn(errorText(message, root, hint));
      return mistakes.length > 0 ? 2 : 0;
    }),
};

const SHOWN: readonly (readonly [id: string, label: string, format: (value: number) => string])[] = [
  ['params_active', 'Active params', (value) => formatCount(value, 4)],
  ['tokens_seen', 'Tokens', (value) => formatCount(value, 4)],
  ['train_flop', 'FLOP', (value) => formatScientific(value, 4)],
  ['chips', 'Chips', (value) => formatSignificant(value, 7)],
  ['mfu', 'MFU', (value) => formatSignificant(value, 3)],
  ['chip_hours', 'Chip-hours', (value) => formatCount(value, 4)],
  ['train_days', 'Days', (value) => formatSignificant(value, 4)],
  ['energy_mwh', 'MWh', (value) => formatSignificant(value, 4)],
  ['total_cost', 'Total cost', (value) => formatFixed(value, 2)],
];

const NOTES_SHOWN = 20;

function readable(
  result: PlanResult,
  scenarios: readonly { name: string; programme_cost: number | null }[],
  hash: string,
  notes: readonly string[],
): string {
  const cell = (value: unknown, format: (value: number) => string): string =>
    typeof value === 'number' ? format(value) : value === null || value === undefined ? 'unknown' : String(value);
  const rows = result.runs.map((run) => [
    String(run['name'] ?? run['key']),
    String(run['hardware'] ?? ''),
    ...SHOWN.map(([id, , format]) => cell(run[id], format)),
  ]);
  const totals = [
    'Total',
    '',
    ...SHOWN.map(([id, , format]) => (Object.hasOwn(result.totals, id) ? cell(result.totals[id], format) : '')),
  ];
  const uncertainty = result.totals['uncertainty'] as Record<string, { p10: number; p50: number; p90: number }>;
  const cost = uncertainty['total_cost'];
  return [
    result.name,
    '',
    table(
      ['Run', 'Chip', ...SHOWN.map(([id, label]) => (id === 'total_cost' ? `${label} ${result.currency}` : label))],
      [...rows, totals],
    ),
    ...(cost
      ? [
          '',
          `Total cost: P10 ${formatFixed(cost.p10, 0)}, P50 ${formatFixed(cost.p50, 0)}, P90 ${formatFixed(cost.p90, 0)} ${result.currency} (${result.samples} samples, seed ${result.seed})`,
        ]
      : []),
    ...(scenarios.length > 0
      ? [
          '',
          ...scenarios.map(
            (scenario) =>
              `Scenario ${scenario.name}: ${scenario.programme_cost === null ? 'unknown' : `${formatFixed(scenario.programme_cost, 2)} ${result.currency}`}`,
          ),
        ]
      : []),
    ...cashLines(result),
    '',
    `hash ${hash}`,
    ...notes.slice(0, NOTES_SHOWN).map((note) => `note: ${note}`),
    ...(notes.length > NOTES_SHOWN ? [`… and ${notes.length - NOTES_SHOWN} more notes; --json shows all`] : []),
  ].join('\n');
}

/** Cost and cash by fiscal year, present value and headroom; nothing where no amount has a date. */
function cashLines({ cash, currency }: PlanResult): string[] {
  if (cash.months.length === 0) return [];
  const money = (value: unknown): string => (typeof value === 'number' ? formatFixed(value, 2) : 'unknown');
  return [
    '',
    table(
      ['Fiscal year', `Cost ${currency}`, `Cash ${currency}`],
      cash.years.map((year) => [
        `${year['period']}${year['partial'] ? ` (${year['from']} to ${year['to']})` : ''}`,
        money(year['cost']),
        money(year['cash']),
      ]),
    ),
    ...(cash.undated === 0 ? [] : [`Without dates: ${money(cash.undated)} ${currency}`]),
    ...(cash.npv === null ? [] : [`Net present value of cash: ${money(cash.npv)} ${currency}`]),
    ...(cash.budget
      ? [
          `Headroom under the cap of ${money(cash.budget['cap'])}: ${money(cash.budget['headroom'])} ${currency}${
            typeof cash.budget['probability_over'] === 'number'
              ? `, probability of exceeding it ${formatSignificant(cash.budget['probability_over'] * 100, 3)} %`
              : ''
          }`,
        ]
      : []),
  ];
}
