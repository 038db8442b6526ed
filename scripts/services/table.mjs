const COLUMNS = ['name', 'version', 'port', 'pid', 'up since', 'data folder']

/** Lines of a table of what `look` found of each service; a service that is down has `found` undefined. */
export function tableOf(standings) {
  const rows = standings.map(({ name, found }) =>
    found
      ? [name, found.version, found.port, found.pid, found.since, found.data ?? found.url].map(cellOf)
      : [name, 'down', '', '', '', ''],
  )
  const all = [COLUMNS, ...rows]
  const widths = COLUMNS.map((_, column) => Math.max(...all.map((row) => row[column].length)))
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
}

const cellOf = (value) => (value === undefined ? '' : String(value))
