import { exits, type Command, type Option } from './command.ts'
import type { Paint } from './paint.ts'

const common: Readonly<Record<string, Option>> = {
  help: { type: 'boolean', short: 'h', about: 'print this' },
  verbose: { type: 'boolean', about: 'print the stack of an error; so does DEBUG' },
}

/** All options of a command, those of every command included. */
export function optionsOf(command: Command): Readonly<Record<string, Option>> {
  return { ...command.options, ...common }
}

/** `dure check [entry] [options]`. */
export function usageOf({ name, takes }: Command): string {
  return `dure ${[name, takes, '[options]'].filter((it) => it !== '').join(' ')}`
}

/** The text of `dure <command> --help`. */
export function helpOf(command: Command, paint: Paint): string {
  const rows = Object.entries(optionsOf(command)).map(([name, { short, value, about }]) => {
    const long = `--${name}${value === undefined ? '' : ` <${value}>`}`
    return [short === undefined ? long : `-${short}, ${long}`, about] as const
  })
  return [
    `${command.about}.`,
    '',
    `${paint('bold', 'Usage')}  ${usageOf(command)}`,
    '',
    ...(command.details === '' ? [] : [command.details.trim(), '']),
    paint('bold', 'Options'),
    ...table(rows),
    '',
  ].join('\n')
}

/** The text of `dure --help`. */
export function generalHelp(commands: readonly Command[], paint: Paint): string {
  return [
    'Domain-driven microservices in TypeScript.',
    '',
    `${paint('bold', 'Usage')}  dure <command> [options]`,
    '',
    paint('bold', 'Commands'),
    ...table(commands.map((it) => [`${it.name} ${it.takes}`.trim(), it.about])),
    '',
    paint('bold', 'Options'),
    ...table([
      ['-h, --help', 'print this, or the help of a command'],
      ['-v, --version', 'print the version'],
    ]),
    '',
    `Exit codes: ${exits.ok} all well, ${exits.failed} something was found or failed, ${exits.usage} the command line was not understood.`,
    'NO_COLOR=1 prints without colours, FORCE_COLOR=1 with them.',
    '',
  ].join('\n')
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
