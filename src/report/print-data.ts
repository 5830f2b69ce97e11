/** A report as the template reads it: every optional field filled, charts drawn, words made to fit. */
import type { ChartView } from '../core/charts/chart.ts';
import { FlopsheetError } from '../core/errors.ts';
import { chartSvg } from './charts.ts';
import type { OpenPoint, ReportCell, ReportModel, ReportTable } from './model.ts';

/** Open points printed on the first page; all of them stand in their own section. */
const OPEN_SHOWN = 4;
/** A report longer than about five pages has a table of contents. */
const CONTENTS_LINES = 160;
const DEEPEST_INDENT = 14;
const HEADER_CHARACTERS = 90;
const FULL_WIDTH = 680;
const HALF_WIDTH = 370;

/** Plain data for the template. Throws FlopsheetError `ARG` when the report's date is no date. */
export function printData(model: ReportModel): unknown {
  if (!/^\d{4}-\d\d-\d\d$/.test(model.date) || !Number.isFinite(Date.parse(`${model.date}T00:00:00Z`)))
    throw new FlopsheetError('ARG', `"${model.date}" is not a date`, { where: 'date', hint: 'write it as 2026-11-25' });
  const [year, month, day] = model.date.split('-').map(Number);
  const more = model.openPoints.length - OPEN_SHOWN;
  return {
    title: cleaned(model.title),
    header: clipped([model.title, model.scenario].filter(Boolean).join(' · '), HEADER_CHARACTERS),
    footer: `Plan ${model.hash.slice(0, 12)}, revision ${model.revision} · ${model.date} · catalog ${model.catalogAsOf} · seed ${model.seed}, ${model.samples} samples · Flopsheet ${model.version}`,
    day: { year, month, day },
    hash: model.hash,
    answer: model.answer.map(breakable),
    decision: model.decision.map(breakable),
    risks: model.risks.map(breakable),
    figures: model.figures.map((figure) => ({
      ...figure,
      value: breakable(figure.value),
      detail: breakable(figure.detail),
    })),
    charts: model.charts.map((chart) => picture(chart, model.charts.length > 1 ? HALF_WIDTH : FULL_WIDTH)),
    scenarios: model.scenarios ? printTable(model.scenarios) : null,
    largest: printTable(model.largest),
    open: model.openPoints.slice(0, OPEN_SHOWN).map(printPoint),
    more: more > 0 ? `${more} more in the section on open points.` : '',
    contents: lineCount(model) > CONTENTS_LINES,
    sections: model.sections.map((section) => ({
      id: section.id,
      title: section.title,
      paragraphs: section.paragraphs.map(breakable),
      charts: section.charts.map((chart) => picture(chart, FULL_WIDTH)),
      tables: section.tables.map(printTable),
    })),
  };
}

/** Lines of all sections, to tell a long report before it is laid out. */
function lineCount(model: ReportModel): number {
  const tables = model.sections.flatMap((section) => section.tables);
  return tables.reduce((sum, table) => sum + table.rows.length + 4, 0);
}

function picture(chart: ChartView, width: number): { title: string; summary: string; svg: string } {
  return { title: chart.title, summary: cleaned(chart.summary), svg: chartSvg(chart, width, chartHeight(chart)) };
}

/** Charts with lying bars are as high as they have bars. */
function chartHeight(chart: ChartView): number {
  const lying = chart.config.options && 'indexAxis' in chart.config.options && chart.config.options.indexAxis === 'y';
  return lying ? 56 + (chart.config.data.labels?.length ?? 0) * 19 : 175;
}

function printPoint(point: OpenPoint): unknown {
  return {
    kind: point.kind,
    where: breakable(point.where),
    message: breakable(point.message),
    hint: breakable(point.hint),
  };
}

function printTable(table: ReportTable): unknown {
  return {
    title: breakable(table.title),
    columns: table.columns.map((column) => ({ ...column, label: breakable(column.label) })),
    rows: table.rows.map((row) => row.map(printCell)),
    totals: table.totals?.map(printCell) ?? null,
    note: breakable(table.note),
  };
}

function printCell(cell: ReportCell): unknown {
  const indent = Math.min(cell.indent ?? 0, DEEPEST_INDENT);
  return {
    text: breakable(cell.text),
    plain: !cell.tone && !cell.mono && indent === 0,
    tone: cell.tone ?? '',
    mono: cell.mono ?? false,
    indent,
  };
}

/** Control characters become spaces, halves of surrogate pairs the replacement character. */
function cleaned(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
}

/** Words longer than a column may break anywhere, after punctuation first. */
export function breakable(text: string): string {
  return cleaned(text).replace(/\S{32,}/gu, (word) =>
    word.replace(/([._/\-:,)(])(?=\S)/g, '$1\u200b').replace(/[^\s\u200b]{14}(?=[^\s\u200b])/gu, '$&\u200b'),
  );
}

function clipped(text: string, length: number): string {
  const characters = [...cleaned(text)];
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : characters.join('');
}
