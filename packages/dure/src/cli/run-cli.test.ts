import { describe, expect, it } from 'vitest'
import { cliProject } from '../../test/fixtures/cli-project.ts'
import { commands } from './commands.ts'
import { helpOf } from './help.ts'
import { reportError, runCli } from './run-cli.ts'
import { fault } from '../kernel/errors/fault.ts'

const plain = (_: unknown, text: string): string => text

function report(error: unknown, verbose: boolean): string {
  let text = ''
  reportError(error, verbose, { err: (it: string) => (text += it), paintError: plain } as never)
  return text
}

async function run(...args: readonly string[]) {
  let [out, err] = ['', '']
  const code = await runCli(args, {
    cwd: '/nowhere',
    env: {},
    out: (text) => (out += text),
    err: (text) => (err += text),
    paint: plain,
    paintError: plain,
  })
  return { code, out, err }
}

describe('the command line', () => {
  it('says what there is', async () => {
    const { code, out } = await run('--help')
    expect(code).toBe(0)
    expect(out).toMatchInlineSnapshot(`
      "Domain-driven microservices in TypeScript.

      Usage  dure <command> [options]

      Commands
        dev [entry]                               Runs the program, and runs it again when one of its files changes
        start [entry] [context…]                  Runs the program, or some of its contexts, as it runs in production
        check [system]                            Checks the model, and the files of its contexts against their layers and the context map
        config [system]                           Shows every variable that the program reads: its value, where it comes from, and what it is for
        model [system]                            Prints the model: contexts, aggregates, what follows what
        events [stream]                           Prints what happened to one aggregate, from the store, or checks that all of it can be read
        status                                    Shows what runs where, and how far policies, views and topics have come
        parked <list|show|retry|drop> [stream]    Shows the events that a policy or view could not handle, tries them again or takes them out
        jobs <list|show|run|cancel|skip> [name]   Shows the jobs and pollers, asks for runs, cancels them or lets them pass over an item
        migrate <plan|apply|verify> [aggregate…]  Shows and makes the changes of tables and data that the model and its persistence ask for
        admin <migrate|restored|log> [context]    Runs an administrative process of the program: migrate, restored, log archive, log restore
        explain [CODE]                            Explains an error or a finding by its code

      Options
        -h, --help     print this, or the help of a command
        -v, --version  print the version

      Exit codes: 0 all well, 1 something was found or failed, 2 the command line was not understood.
      NO_COLOR=1 prints without colours, FORCE_COLOR=1 with them.
      "
    `)
    expect(await run()).toEqual({ code: 2, out, err: '' })
  })

  it.each(commands.map((it) => it.name))('explains dure %s', async (name) => {
    const { code, out } = await run(name, '--help')
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^Usage {2}dure ${name}`, 'm'))
    expect(await run('help', name)).toEqual({ code, out, err: '' })
  })

  it('explains a command in full', () => {
    const [, , check] = commands
    expect(helpOf(check as never, (_, text) => text)).toMatchInlineSnapshot(`
      "Checks the model, and the files of its contexts against their layers and the context map.

      Usage  dure check [system] [options]

      The module that exports the system is package.json's "dure": { "system" }, else src/system.ts. How aggregates are kept
      is checked against it: "dure": { "persistence" }, else src/persistence.ts.

      Files below domain/ import only dure, pure packages, their own domain and contract, and the kernels that
      the context map shares; app/ also domain/; api/ also app/. No file of a context imports anything of another
      but its contract. "dure": { "pure": ["…"] } in package.json names more packages that only compute.
      A policy, view, job, poller, translator or aggregate that a context's file exports and no context lists is a warning.

      As soon as one command or query says by allow who may use it, all have to. --routes lists what each says.

      dure.shapes.json beside package.json holds what events looked like, release by release. Where it is there, every
      recorded version of every event must still be read. --record adds what is new, if the check finds no error; what
      is recorded is never changed. Commit the file.

      A contract in a package of its own holds shapes only, and keeps what dure.contract.json beside its package.json says
      that it has promised; --record writes what it promises now. --with joins the models of other repositories: each context
      has one owner, who keeps the contract that the others were written against, and the context maps agree.
      dure explain <CODE> says more about a finding.

      Options
        --json               print JSON instead of text
        --routes             list every route, with who may use it
        --strict             let warnings fail too
        --record             add to dure.shapes.json what events look like in this release; to dure.contract.json what contracts promise
        --release <version>  with --record: the release; else of package.json
        --with <file>        the model of another repository, as dure model --json prints it; may be given more than once
        -h, --help           print this
        --verbose            print the stack of an error; so does DEBUG
      "
    `)
  })

  it('says its version', async () => {
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(await run('-v')).toEqual(await run('--version'))
  })

  it.each([
    [['chekc'], 'There is no command "chekc".\nhint Did you mean dure check?'],
    [
      ['nonsense'],
      'There is no command "nonsense".\nhint Commands are dev, start, check, config, model, events, status, parked, jobs, migrate, admin, explain.',
    ],
    [
      ['check', '--jsno'],
      `Unknown option '--jsno'.\nhint Did you mean --json? Usage: dure check [system] [options]`,
    ],
    [['model', 'a', 'b'], 'dure model does not take "b".\nhint Usage: dure model [system] [options]'],
    [
      ['events', '--context'],
      `Option '--context <value>' argument missing.\nhint Usage: dure events [stream]`,
    ],
    [['events'], 'No stream is named.\nhint dure events Order/0198…'],
  ])('refuses %j', async (args, words) => {
    const { code, out, err } = await run(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`DURE_CLI_USAGE ${words}`)
  })
})

describe('an error', () => {
  it('is its code, its message and its hint', () => {
    expect(report(fault('DURE_PORT_IN_USE', { host: '::', port: 80 }), false)).toBe(
      'DURE_PORT_IN_USE Port 80 on :: is in use.\nhint Stop the other process, or set PORT to a free one.\n',
    )
    expect(report(new TypeError('x is not y'), false)).toBe(
      'error TypeError: x is not y\nhint --verbose prints where it happened.\n',
    )
  })

  it('shows its stack and its causes to those who ask', () => {
    const text = report(fault('DURE_CLI_LOAD', { file: 'a.ts', reason: 'no' }, new RangeError('far')), true)
    expect(text).toMatch(/DureError: a\.ts cannot be loaded.*\n\s+at /)
    expect(text).toMatch(/RangeError: far\n\s+at /)
  })
})

describe('colours', () => {
  const escape = '\u001b['

  it('are for terminals, and for those who ask', async () => {
    const project = cliProject({ 'package.json': '{}' })
    expect((await project.dure(['--help'], { NO_COLOR: '' })).out).not.toContain(escape)
    expect((await project.dure(['--help'], { NO_COLOR: '1' })).out).not.toContain(escape)
    const asked = await project.dure(['check'], { NO_COLOR: '', FORCE_COLOR: '1' })
    expect(asked.err).toContain(escape)
    expect(asked.code).toBe(1)
  })
})
