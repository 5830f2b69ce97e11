/** The text formats a table leaves in, as people know them. */
export const TEXT_FORMATS = [
  { id: 'csv', label: 'CSV' },
  { id: 'tsv', label: 'TSV' },
  { id: 'json', label: 'JSON' },
  { id: 'markdown', label: 'Markdown' },
] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number]['id'];
