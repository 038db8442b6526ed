import { catalogue, type ErrorCode } from '../../kernel/errors/catalogue.ts'
import type { ErrorEntry } from '../../kernel/errors/entry.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { DureError, FaultKind } from '../../kernel/error.ts'
import { statusOf } from '../../http/problem.ts'
import { nearest } from '../../model/check/nearest.ts'
import { exits, jsonOption, type Command } from '../command.ts'

/** How each kind of failure is met. */
const families: Readonly<Record<FaultKind, string>> = {
  misuse: 'the program is wrong',
  invalid: 'the input is refused',
  unauthenticated: 'nobody knows who asks',
  forbidden: 'who asks may not',
  missing: 'what was named does not exist',
  conflict: 'somebody else was first',
  stale: 'a precondition does not hold',
  'too-large': 'the request is too large',
  'media-type': 'the request is of another type',
  unavailable: 'nothing was done, try again later',
  corrupt: 'what is stored cannot be understood',
}

const codes = Object.keys(catalogue) as readonly ErrorCode[]

interface Explained {
  readonly code: ErrorCode
  readonly kind: FaultKind
  readonly family: string
  /** Of the answer to a request that meets it. */
  readonly httpStatus: number
  readonly about: string
  readonly message: string
  readonly hint: string
}

export const explain: Command = {
  name: 'explain',
  about: 'Explains an error or a finding by its code',
  takes: '[CODE]',
  most: 1,
  options: { json: jsonOption },
  details: 'Without a code it lists all of them.',
  async run({ arguments: [wanted], options }, { out, paint }) {
    const found = wanted === undefined ? codes : [codeNamed(wanted)]
    const explained = found.map(explanationOf)
    if (options['json'] === true)
      out(`${JSON.stringify(wanted === undefined ? explained : explained[0], null, 2)}\n`)
    else if (wanted === undefined) {
      const width = Math.max(...codes.map((it) => it.length))
      for (const { code, about } of explained)
        out(`${paint('bold', code.padEnd(width))}  ${firstSentence(about)}\n`)
    } else for (const it of explained) out(textOf(it, (text) => paint('bold', text)))
    return exits.ok
  },
}

function codeNamed(wanted: string): ErrorCode {
  const upper = wanted.toUpperCase().replaceAll('-', '_')
  const code = codes.find((it) => it === upper || it === `DURE_${upper}`)
  if (code !== undefined) return code
  const near = nearest(upper, codes)
  const usage = near === undefined ? '`dure explain` lists all codes.' : `Did you mean ${near}?`
  throw fault('DURE_CLI_USAGE', { problem: `There is no code ${wanted}.`, usage })
}

function explanationOf(code: ErrorCode): Explained {
  const it = catalogue[code] as unknown as ErrorEntry
  return {
    code,
    kind: it.kind,
    family: families[it.kind],
    httpStatus: statusOf({ code, kind: it.kind } as DureError),
    about: it.about,
    message: template(it.message.bind(it)),
    hint: template(it.hint.bind(it)),
  }
}

/** The sentence with `<name>` in place of each detail. */
function template(say: ErrorEntry['message']): string {
  try {
    return say(placeholders() as never)
  } catch {
    return '(depends on its details)'
  }
}

// Entries print details, quote them, join and count them: a list of one text can do all of it.
function placeholders(): object {
  return new Proxy(
    {},
    { get: (_, name) => (typeof name === 'string' ? placeholder(`<${name}>`) : undefined) },
  )
}

function placeholder(text: string): unknown {
  return text === '<issues>'
    ? [{ path: '<path>', message: '<problem>' }]
    : Object.assign([text], { toJSON: () => text })
}

function textOf(it: Explained, bold: (text: string) => string): string {
  const rows = [
    ['kind', `${it.kind}: ${it.family} (HTTP ${it.httpStatus})`],
    ['message', it.message],
    ['hint', it.hint],
  ] as const
  const lines = rows.map(([name, text]) => `${bold(name.padEnd(8))} ${text}`)
  return `${bold(it.code)}\n\n${it.about}\n\n${lines.join('\n')}\n`
}

function firstSentence(text: string): string {
  return /^.*?[.:;](?=\s|$)/.exec(text)?.[0].replace(/[:;]$/, '.') ?? text
}
