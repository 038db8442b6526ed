const USAGE = `npm run bench -- NAME [--json] [--rounds N] [--case TEXT] [--help]

  NAME      which benchmark; without one, the names are listed
  --json    one JSON object on stdout instead of the table
  --rounds  rounds per case, at least 1 (default 7); contestants alternate their order within each
  --case    only the cases whose name contains TEXT; may be given several times`

/** What was asked for on the command line; throws a `UsageError` on anything unknown. */
export function readOptions(args) {
  const options = { name: undefined, json: false, help: false, rounds: 7, cases: [] }
  const rest = [...args]
  while (rest.length > 0) {
    const [word, inline] = splitOnce(rest.shift())
    const value = () => inline ?? rest.shift() ?? fail(`${word} needs a value`)
    if (word === '--json') options.json = true
    else if (word === '--help' || word === '-h') options.help = true
    else if (word === '--rounds') options.rounds = rounds(value())
    else if (word === '--case') options.cases.push(value())
    else if (word.startsWith('-')) fail(`there is no option ${word}`)
    else if (options.name === undefined) options.name = word
    else fail(`one benchmark at a time; ${word} is one more`)
  }
  return options
}

export class UsageError extends Error {
  name = 'UsageError'
}

export function usage(benchmarks) {
  const lines = Object.entries(benchmarks).map(([name, it]) => `  ${name.padEnd(11)} ${it.about}`)
  return `${USAGE}\n\nBenchmarks:\n${lines.join('\n')}`
}

function splitOnce(word) {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

function rounds(text) {
  const value = Number(text)
  return Number.isInteger(value) && value >= 1 ? value : fail(`--rounds ${text} is not a whole number from 1`)
}

function fail(message) {
  throw new UsageError(message)
}
