import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliProject, twoContexts, type CliProject, type Ran } from '../../../test/fixtures/cli-project.ts'

interface Report {
  readonly system: string
  readonly contexts: number
  readonly files: number
  readonly findings: readonly {
    readonly code: string
    readonly level: string
    readonly where: string
    readonly fix: string
  }[]
}

const reportOf = ({ out }: Ran): Report => JSON.parse(out) as Report
const found = async (more: Readonly<Record<string, string>>) => {
  const ran = await cliProject({ ...twoContexts, ...more }).dure(['check', '--json'])
  expect(ran.err).toBe('')
  return { code: ran.code, findings: reportOf(ran).findings.map((it) => `${it.code} ${it.where}`) }
}
const mapped = (map: string): Readonly<Record<string, string>> => ({
  'src/system.ts': (twoContexts['src/system.ts'] as string).replace(/map: \[.*\]/, `map: [${map}]`),
})
const related = (as: string): string => `{ upstream: Ordering, downstream: Billing, as: '${as}' }`

it('finds nothing wrong in a system that is right, and says what it has read', async () => {
  const project = cliProject(twoContexts)
  const text = await project.dure(['check'])
  expect(text).toEqual({ code: 0, out: 'Tiny: no errors in 2 contexts, 7 files\n', err: '' })
  expect(reportOf(await project.dure(['check', '--json']))).toMatchObject({
    system: 'Tiny',
    contexts: 2,
    files: 7,
    findings: [],
  })
})

const lines = (rows: readonly (readonly [line: string, code?: string])[]) =>
  rows.map(([line]) => line).join('\n')
const expected = (file: string, rows: readonly (readonly [line: string, code?: string])[]) =>
  rows.flatMap(([, code], i) => (code === undefined ? [] : [`DURE_SOURCE_${code} ${file}:${i + 1}`]))

describe('the domain', () => {
  it('imports what is pure, and nothing else', async () => {
    const rows = [
      ['// 도메인'],
      [`import { event } from 'dure'`],
      [`import * as z from 'zod/mini'`],
      [`import { Bill } from './bill.ts'`],
      [`import { Billing } from '../contract.ts'`],
      [`import { readFileSync } from 'node:fs'`, 'DOMAIN'],
      [`import fs from 'fs'`, 'DOMAIN'],
      [`import { memoryStorage } from 'dure/memory'`, 'DOMAIN'],
      [`import type { Storage } from 'dure/ports'`, 'DOMAIN'],
      [`import pg from 'pg'`, 'DOMAIN'],
      [`export const later = () => import('node:fs')`, 'DOMAIN'],
      [`import { owed } from '../app/send-bills.ts'`, 'DOMAIN'],
      [`import { billing } from '../billing.context.ts'`, 'DOMAIN'],
      [`import { Ordering } from '../../ordering/contract.ts'`, 'DOMAIN'],
      [`import type { Ordering as O } from '../../ordering/contract.ts'`, 'DOMAIN'],
      [`import { Order } from '../../ordering/domain/order.ts'`, 'INSIDE'],
      [`type I = typeof import('../../ordering/domain/order.ts')`, 'INSIDE'],
      [`import { Money } from '../../kernel/money.ts'`, 'DOMAIN'],
    ] as const
    const file = 'src/billing/domain/planted.ts'
    const kernel = { 'src/kernel/money.ts': 'export class Money {}' }
    expect(await found({ [file]: lines(rows), ...kernel })).toEqual({
      code: 1,
      findings: expected(file, rows),
    })
  })

  it('may import what the package says is pure', async () => {
    const planted = { 'src/billing/domain/planted.ts': `import pg from 'pg'` }
    const config = { 'package.json': '{ "name": "tiny", "type": "module", "dure": { "pure": ["pg"] } }' }
    expect(await found({ ...planted, ...config })).toEqual({ code: 0, findings: [] })
  })

  it.each(['conformist', 'open-host'])('may use an upstream contract where it is %s', async (as) => {
    const planted = {
      'src/billing/domain/planted.ts': `import type { Ordering } from '../../ordering/contract.ts'`,
    }
    expect(await found({ ...planted, ...mapped(related(as)) })).toEqual({ code: 0, findings: [] })
  })
})

const shared = (...between: readonly string[]) =>
  mapped(`${related('anti-corruption')}, { sharedKernel: './src/kernel', between: [${between.join(', ')}] }`)

describe('a shared kernel', () => {
  const planted = {
    'src/billing/domain/planted.ts': `import { Money } from '../../kernel/money.ts'`,
    'src/kernel/money.ts': 'export class Money {}',
  }

  it('is open to those who share it', async () => {
    expect(await found({ ...planted, ...shared('Ordering', 'Billing') })).toEqual({ code: 0, findings: [] })
  })

  it('is closed to others', async () => {
    const { findings } = await found({ ...planted, ...shared('Ordering', 'Ordering') })
    expect(findings).toContain('DURE_SOURCE_KERNEL src/billing/domain/planted.ts:1')
  })
})

const manifest = (name: string, exports: object) => JSON.stringify({ name, type: 'module', exports })

function packaged(): CliProject {
  const moved = Object.entries(twoContexts).map(([path, text]) => [
    path.replace(/^src\/(ordering|billing)\//, 'packages/$1/'),
    text.replace(/'(?:\.\.?\/)+(ordering|billing)\/(?:\1\.)?(context|contract)\.ts'/g, "'@t/$1/$2'"),
  ])
  const project = cliProject({
    ...(Object.fromEntries(moved) as Record<string, string>),
    'packages/kernel/index.ts': `export const one = 1`,
    'packages/kernel/package.json': manifest('@t/kernel', { '.': './index.ts' }),
    ...Object.fromEntries(
      ['ordering', 'billing'].map((it) => [
        `packages/${it}/package.json`,
        manifest(`@t/${it}`, {
          './contract': './contract.ts',
          './context': { import: `./${it}.context.ts` },
        }),
      ]),
    ),
  })
  for (const place of ['packages', 'src']) {
    mkdirSync(join(project.folder, place, 'node_modules/@t'), { recursive: true })
    for (const it of ['ordering', 'billing', 'kernel']) {
      symlinkSync(
        join(project.folder, 'packages', it),
        join(project.folder, place, 'node_modules/@t', it),
        'dir',
      )
    }
  }
  return project
}

describe('contexts in packages', () => {
  it('are found by their packages, and held against the same rules', async () => {
    const project = packaged()
    expect(await project.dure(['check'])).toEqual({
      code: 0,
      out: 'Tiny: no errors in 2 contexts, 7 files\n',
      err: '',
    })
    project.write(
      'packages/billing/domain/planted.ts',
      `import type { Ordering } from '@t/ordering/contract'`,
    )
    project.write(
      'packages/billing/app/planted.ts',
      `import { ordering } from '@t/ordering/context'\nimport '@t/kernel'`,
    )
    project.write(
      'packages/ordering/app/planted.ts',
      `import { Billing } from '@t/billing/contract'\nimport '@t/kernel'`,
    )
    project.write(
      'packages/kernel/index.ts',
      `import 'node:fs'\nimport { Ordering } from '@t/ordering/contract'`,
    )
    project.write(
      'src/system.ts',
      (
        mapped(`${related('anti-corruption')}, { sharedKernel: '@t/kernel', between: [Ordering, Ordering] }`)[
          'src/system.ts'
        ] as string
      ).replace(/'\.\/(ordering|billing)\/(?:\1\.)?(context|contract)\.ts'/g, "'@t/$1/$2'"),
    )
    const { findings } = reportOf(await project.dure(['check', '--json']))
    expect(findings.map((it) => `${it.code} ${it.where}`)).toEqual([
      'DURE_CHECK_MAP system Tiny, shared kernel @t/kernel',
      'DURE_SOURCE_EDGE packages/ordering/app/planted.ts:1',
      'DURE_SOURCE_INSIDE packages/billing/app/planted.ts:1',
      'DURE_SOURCE_KERNEL packages/billing/app/planted.ts:2',
      'DURE_SOURCE_DOMAIN packages/billing/domain/planted.ts:1',
      'DURE_SOURCE_DOMAIN packages/kernel/index.ts:1',
      'DURE_SOURCE_DOMAIN packages/kernel/index.ts:2',
    ])
  })
})

describe('a context', () => {
  it('imports no inside of another, not in a test either', async () => {
    const planted = `import { Order } from '../../ordering/domain/order.ts'`
    const files = [
      'src/billing/app/planted.test.ts',
      'src/billing/app/planted.ts',
      'src/billing/other/planted.ts',
    ]
    const { findings } = await found(Object.fromEntries(files.map((it) => [it, planted])))
    expect(findings).toEqual(files.map((it) => `DURE_SOURCE_INSIDE ${it}:1`))
  })

  it('imports no contract without an edge', async () => {
    const more = { 'src/ordering/app/planted.ts': `import type { Billing } from '../../billing/contract.ts'` }
    expect((await found(more)).findings).toEqual(['DURE_SOURCE_EDGE src/ordering/app/planted.ts:1'])
  })

  it('keeps its contract pure, and its inside out of it', async () => {
    const more = {
      'src/billing/contract.ts': `${twoContexts['src/billing/contract.ts']}export type { BillSent } from './domain/bill.ts'\nimport 'node:os'\n`,
    }
    expect((await found(more)).findings).toEqual([
      'DURE_SOURCE_CONTRACT src/billing/contract.ts:3',
      'DURE_SOURCE_DOMAIN src/billing/contract.ts:4',
    ])
  })
})

const loading = (text: string) => ({
  'src/billing/billing.context.ts': `${text}\n${twoContexts['src/billing/billing.context.ts']}`,
})

describe('a part that no context lists', () => {
  const forgotten = {
    'src/billing/app/forgotten.ts': `import * as z from 'zod'
import { event, policy, translate, view } from 'dure'
import { Ordering } from '../../ordering/contract.ts'
import { Bill, BillSent } from '../domain/bill.ts'
const Told = event('Told', { total: z.int() })
export const told = translate(Ordering.events.OrderPlaced).into(Told, (e) => e)
export const bills: object = view('Bills', 'id', { id: z.string() }).on(BillSent, (e, m) => m.subject, (row) => row)
const again = policy('send it again').on(BillSent).issues({ send: Bill.commands.send }).do(() => [])
export { again }
// export const gone = policy('gone')
export const view2 = view
`,
    'src/billing/domain/reminder.ts': `import * as z from 'zod'
import { aggregate, event } from 'dure'
export const Sent = event('Sent', { total: z.int() })
export const Reminder = aggregate('Reminder', { state: { total: z.int() }, events: { Sent } }).starts({ Sent: (e) => e }).evolves({})
`,
  }
  const places = [
    'DURE_SOURCE_UNUSED_PART src/billing/app/forgotten.ts:6',
    'DURE_SOURCE_UNUSED_PART src/billing/app/forgotten.ts:7',
    'DURE_SOURCE_UNUSED_PART src/billing/app/forgotten.ts:9',
    'DURE_SOURCE_UNUSED_PART src/billing/domain/reminder.ts:4',
  ]

  it('is a warning, where nothing imports its file', async () => {
    expect(await found(forgotten)).toEqual({ code: 0, findings: places })
  })

  it('is a warning, where its file is loaded', async () => {
    const context = loading(
      `import './app/forgotten.ts'\nexport { Reminder as R } from './domain/reminder.ts'`,
    )
    const { code, findings } = await found({ ...forgotten, ...context })
    expect({ code, findings: findings.toSorted() }).toEqual({ code: 0, findings: places })
  })

  it('is named with what to do', async () => {
    const { out } = await cliProject({
      ...twoContexts,
      'src/billing/billing.context.ts': (twoContexts['src/billing/billing.context.ts'] as string).replace(
        '[Bill, owed, sendBills]',
        '[Bill, owed]',
      ),
    }).dure(['check'])
    expect(out).toBe(`DURE_SOURCE_UNUSED_PART src/billing/app/send-bills.ts:7
  The policy sendBills is listed in no context, so nothing runs it.
  fix: Add sendBills to the parts of context(Billing, […]), or delete it.

Tiny: no errors, 1 warning in 2 contexts, 7 files
`)
  })

  it('is not one that is exported twice, on the way to one that is listed, or in a test', async () => {
    const { findings } = await found({
      'src/billing/domain/index.ts': `export * from './bill.ts'\nexport { Bill as Invoice } from './bill.ts'`,
      'src/billing/domain/more.ts': `import { Bill } from './bill.ts'\nexport const Wide = Bill.command('touch', {}, () => [])`,
      'src/billing/app/forgotten.test.ts': forgotten['src/billing/app/forgotten.ts'],
      'src/billing/test/reminder.ts': forgotten['src/billing/domain/reminder.ts'],
      ...loading(`import './domain/index.ts'\nimport './domain/more.ts'`),
    })
    expect(findings).toEqual([])
  })

  it('is found without running the file', async () => {
    const planted = `${forgotten['src/billing/domain/reminder.ts']}process.exit(9)`
    const { code, findings } = await found({ 'src/billing/domain/reminder.ts': planted })
    expect({ code, findings }).toEqual({ code: 0, findings: places.slice(-1) })
  })
})

it('lets arrows between layers point inward only', async () => {
  const imports = {
    api: '../api/page.ts',
    app: '../app/send-bills.ts',
    infrastructure: '../infrastructure/mail.ts',
  }
  const planted = (name: keyof typeof imports) => `import '${imports[name]}'`
  const { findings } = await found({
    'src/billing/api/page.ts': `import { owed } from '../app/send-bills.ts'\nimport '../domain/bill.ts'`,
    'src/billing/infrastructure/mail.ts': `import { Bill } from '../domain/bill.ts'\nimport '../app/send-bills.ts'`,
    'src/billing/api/planted.ts': planted('infrastructure'),
    'src/billing/app/planted.ts': [planted('api'), planted('infrastructure')].join('\n'),
    'src/billing/infrastructure/planted.ts': planted('api'),
  })
  expect(findings).toEqual([
    'DURE_SOURCE_LAYER src/billing/api/planted.ts:1',
    'DURE_SOURCE_LAYER src/billing/app/planted.ts:1',
    'DURE_SOURCE_LAYER src/billing/app/planted.ts:2',
    'DURE_SOURCE_LAYER src/billing/infrastructure/planted.ts:1',
  ])
})

describe('a customer and its supplier', () => {
  const customer = mapped(related('customer-supplier'))
  const expectations = { 'src/billing/expectations/ordering.ts': `export const expected = 1` }

  it('need the expectations in the suite of the supplier', async () => {
    expect((await found(customer)).findings).toEqual(['DURE_SOURCE_EXPECTATIONS src/ordering'])
    expect((await found({ ...customer, ...expectations })).findings).toEqual([
      'DURE_SOURCE_EXPECTATIONS src/ordering',
    ])
  })

  it.each([
    [
      'a test of its name',
      { 'src/ordering/expectations/billing.test.ts': `import { Ordering } from '../contract.ts'` },
    ],
    [
      'a test that runs them',
      {
        ...expectations,
        'src/ordering/test/billing.test.ts': `import { expected } from '../../billing/expectations/ordering.ts'`,
      },
    ],
  ])('are held by %s', async (_, more) => {
    expect(await found({ ...customer, ...more })).toEqual({ code: 0, findings: [] })
  })
})

describe('what cannot be checked', () => {
  it('is a file with a syntax error', async () => {
    const { findings } = await found({ 'src/billing/app/planted.ts': 'enum A { B }' })
    expect(findings).toEqual(['DURE_SOURCE_UNREADABLE src/billing/app/planted.ts:1'])
  })

  it('is a context without a folder of its own', async () => {
    const together = {
      'src/contracts.ts': `import { contract } from 'dure'\nexport const A = contract('A', {})\nexport const B = contract('B', {})`,
      'src/system.ts': `import { context, system } from 'dure'
import { A, B } from './contracts.ts'
export const s = system('S', { contexts: [context(A, []).implements({}), context(B, []).implements({})] })`,
    }
    expect((await found(together)).findings).toEqual([
      'DURE_SOURCE_HOME src/contracts.ts:1',
      'DURE_SOURCE_HOME src/contracts.ts:1',
    ])
  })

  it('is a folder without a system', async () => {
    const ran = await cliProject({ 'package.json': '{}' }).dure(['check'])
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toBe(
      'DURE_CLI_NO_ENTRY There is no system: looked at src/system.ts.\n' +
        'hint Name the file on the command line, or in package.json: "dure": { "system": "src/system.ts" }.\n',
    )
  })

  it.each([
    ['export const a = 1', 'DURE_CLI_NO_SYSTEM src/system.ts exports no system.'],
    ['throw new Error("no")', 'DURE_CLI_LOAD src/system.ts cannot be loaded: no'],
    [
      `import { system } from 'dure'\nexport default system('1', { contexts: [] })`,
      'DURE_MODEL_NAME A system cannot be named "1".',
    ],
    [
      `import { system } from 'dure'\nexport default system('S', { contexts: [] })`,
      'DURE_CLI_NOTHING_READ Not one source file',
    ],
  ])('is the system %j', async (text, message) => {
    const ran = await cliProject({ 'package.json': '{ "type": "module" }', 'src/system.ts': text }).dure([
      'check',
    ])
    expect(ran.code).toBe(1)
    expect(ran.err).toContain(message)
    expect(ran.err).not.toContain('    at ')
  })

  it('is a wrong configuration', async () => {
    const ran = await cliProject({
      ...twoContexts,
      'package.json': '{ "type": "module", "dure": { "pur": [] } }',
    }).dure(['check'])
    expect(ran.err).toContain('it has an unknown key "pur".')
  })
})

describe('findings in the model', () => {
  it('are reported with those in the files, and warnings fail only when asked', async () => {
    const project = cliProject({
      ...twoContexts,
      'src/billing/domain/bill.ts': (twoContexts['src/billing/domain/bill.ts'] as string)
        .replace('state: {', `state: { customer: ref('Customer'),`)
        .replace('{ BillSent: (e) => e }', `{ BillSent: (e) => ({ ...e, customer: 'c' as never }) }`)
        .replace('event }', 'event, ref }'),
    })
    const ran = await project.dure(['check'])
    expect(ran.code).toBe(0)
    expect(ran.out).toBe(`DURE_CHECK_REF Billing, aggregate Bill, field customer
  No context has an aggregate Customer.
  fix: Add the context that has Customer; keep the ref if Customer lives outside the system.

Tiny: no errors, 1 warning in 2 contexts, 7 files
`)
    expect(await project.dure(['check', '--strict'])).toMatchObject({ code: 1 })
  })
})
