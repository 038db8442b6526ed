import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isDureError } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { nearest } from '../model/check/nearest.ts'
import { exits, type Command, type Given, type Surroundings } from './command.ts'
import { commands } from './commands.ts'
import { generalHelp, helpOf, optionsOf, usageOf } from './help.ts'

/** Runs a command line; resolves to the exit code, or to undefined when the process belongs to the program now. */
export async function runCli(args: readonly string[], around: Surroundings): Promise<number | undefined> {
  try {
    return await dispatch(args, around)
  } catch (error) {
    const verbose = args.includes('--verbose') || (around.env['DEBUG'] ?? '') !== ''
    reportError(error, verbose, around)
    return isDureError(error, 'DURE_CLI_USAGE') ? exits.usage : exits.failed
  }
}

async function dispatch(
  [name, ...args]: readonly string[],
  around: Surroundings,
): Promise<number | undefined> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const wanted = name === 'help' && args[0] !== undefined ? commandNamed(args[0]) : undefined
    around.out(wanted === undefined ? generalHelp(commands, around.paint) : helpOf(wanted, around.paint))
    return name === undefined ? exits.usage : exits.ok
  }
  if (name === '--version' || name === '-v') {
    around.out(`${version()}\n`)
    return exits.ok
  }
  const command = commandNamed(name)
  const given = parse(command, args)
  if (given.options['help'] === true) {
    around.out(helpOf(command, around.paint))
    return exits.ok
  }
  return command.run(given, around)
}

function commandNamed(name: string): Command {
  const found = commands.find((it) => it.name === name)
  if (found !== undefined) return found
  const names = commands.map((it) => it.name)
  const near = nearest(name, names)
  const usage = near === undefined ? `Commands are ${names.join(', ')}.` : `Did you mean dure ${near}?`
  throw fault('DURE_CLI_USAGE', { problem: `There is no command ${JSON.stringify(name)}.`, usage })
}

function parse(command: Command, args: readonly string[]): Given {
  const end = args.indexOf('--')
  const [own, rest] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)]
  const usage = `Usage: ${usageOf(command)}; dure ${command.name} --help says more.`
  const options = Object.fromEntries(
    Object.entries(optionsOf(command)).map(([name, { type, short, multiple = false }]) => [
      name,
      { type, multiple, ...(short !== undefined && { short }) },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true })
    if (positionals.length <= command.most) {
      const [options, lists] = [{ ...values } as Record<string, never>, {} as Record<string, string[]>]
      for (const [name, value] of Object.entries(values)) {
        if (!Array.isArray(value)) continue
        lists[name] = value.map(String)
        delete options[name]
      }
      return { options, lists, arguments: positionals, rest }
    }
    const problem = `dure ${command.name} does not take ${JSON.stringify(positionals[command.most])}.`
    throw fault('DURE_CLI_USAGE', { problem, usage })
  } catch (error) {
    if (isDureError(error)) throw error
    const [problem = ''] = (error as Error).message.split(/\. |\n/)
    const unknown = /^Unknown option '--?([^']+)'/.exec(problem)?.[1]
    const near = unknown === undefined ? undefined : nearest(unknown, Object.keys(options))
    const hint = near === undefined ? usage : `Did you mean --${near}? ${usage}`
    throw fault('DURE_CLI_USAGE', { problem: `${problem.replace(/\.$/, '')}.`, usage: hint }, error)
  }
}

/** Prints an error: its code, what failed, what to do. The stack is for those who ask for it. */
export function reportError(
  error: unknown,
  verbose: boolean,
  { err, paintError: paint }: Surroundings,
): void {
  if (isDureError(error)) {
    err(`${paint('red', error.code)} ${error.message}\n${paint('gray', 'hint')} ${error.hint}\n`)
  } else {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    err(`${paint('red', 'error')} ${message}\n${paint('gray', 'hint')} --verbose prints where it happened.\n`)
  }
  if (!verbose) return
  for (let it: unknown = error; it instanceof Error; it = it.cause) err(`${paint('gray', it.stack ?? '')}\n`)
}

/** The version of this package: package.json stands two folders above, in src as in dist. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
