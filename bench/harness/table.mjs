const columns = [
  ['case', (row) => row.case],
  ['contestant', (row) => row.contestant],
  ['median', (row) => `${number(row.median, row.digits)} ${row.unit}`],
  ['p50 ms', (row) => milliseconds(row.p50)],
  ['p99 ms', (row) => milliseconds(row.p99)],
  ['CPU µs', (row) => microseconds(row.cpuUs)],
  ['other CPU µs', (row) => microseconds(row.otherUs)],
  ['ratio', (row) => share(row.ratio)],
  ['CPU ratio', (row) => share(row.cpuRatio)],
  ['spread', (row) => `±${Math.round(row.spread * 50)} %`],
  ['others', (row) => (row.disturbed === undefined ? '' : `${Math.round(row.disturbed * 100)} %`)],
]
const left = new Set(['case', 'contestant'])

/** The rows of a result as a Markdown table, which a terminal shows well enough. */
export function table(rows) {
  const used = columns.filter(([, cell]) => rows.some((row) => cell(row) !== ''))
  const cells = [used.map(([name]) => name), ...rows.map((row) => used.map(([, cell]) => cell(row)))]
  const widths = used.map((_, i) => Math.max(...cells.map((row) => row[i].length)))
  const pad = (text, i) => (left.has(used[i][0]) ? text.padEnd(widths[i]) : text.padStart(widths[i]))
  const line = (row) => `| ${row.map(pad).join(' | ')} |`
  const rule = widths.map((width, i) =>
    left.has(used[i][0]) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  return [line(cells[0]), `| ${rule.join(' | ')} |`, ...cells.slice(1).map(line)].join('\n')
}

/** What the columns mean; printed below every table. */
export const legend = `median: of the rounds. CPU µs: this process, per operation; other CPU µs: the processes it works with (PostgreSQL,
the HTTP server). ratio: median of each round's ratio of rates to \`limit\`, the hand-written code, in the same round (to
\`alone\`, where there is one); CPU ratio: the same of all CPU per operation, so below 1 is better. spread: half of highest
minus lowest round. others: cores taken meanwhile by processes that are not ours; with more than a few percent, trust the
CPU columns, not the rates.`

function share(value) {
  return value === null || Number.isNaN(value) ? '' : value.toFixed(2)
}

function number(value, digits) {
  if (digits !== undefined) return value.toFixed(digits)
  return Math.round(value).toLocaleString('en')
}

function milliseconds(value) {
  return value === null || value === undefined ? '' : value.toFixed(value < 1 ? 3 : 1)
}

function microseconds(value) {
  return value === null || value === undefined ? '' : value.toFixed(value < 100 ? 1 : 0)
}
