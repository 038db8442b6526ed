import { expect, it } from 'vitest'
import { cliProject } from '../../../test/fixtures/cli-project.ts'

const project = () =>
  cliProject({
    'package.json': '{ "type": "module" }',
    '.env': 'MAIL_FROM=dev@example.com\nSMTP_URL=smtp://u:tops3cret@localhost\n',
    'src/system.ts': `import { config, context, contract, resource, system } from 'dure'
const mail = config({
  SMTP_URL: { about: 'the server that mail is sent by', read: config.url('smtp'), secret: true },
  MAIL_FROM: { about: 'who it is from', read: config.text(), default: 'shop@example.com' },
})
const rates = resource.cache('rates', {})
const selling = context(contract('Selling', {}), [mail, rates]).implements({})
export const shop = system('Shop', { contexts: [selling] })
`,
  })

const timeout = 20_000

it('shows every variable, where it comes from and what it is for, and no secret', { timeout }, async () => {
  const { code, out } = await project().dure(['config'], { PORT: '80' })
  const cells = out.split('\n').map((it) => it.split(/ {2,}/))
  const row = (name: string) => cells.find(([first]) => first === name)
  expect(code).toBe(0)
  expect(cells[0]).toEqual(['variable', 'value', 'from', 'default', 'about'])
  expect(row('PORT')).toEqual([
    'PORT',
    '80',
    'environment',
    '3000',
    'the port to listen on; 0 takes a free one',
  ])
  expect(row('SMTP_URL')).toEqual(['SMTP_URL', '•••', '.env', '-', 'the server that mail is sent by'])
  expect(row('MAIL_FROM')).toEqual([
    'MAIL_FROM',
    'dev@example.com',
    '.env',
    'shop@example.com',
    'who it is from',
  ])
  expect(row('RATES_URL')?.slice(0, 3)).toEqual(['RATES_URL', '-', 'not set'])
  expect(out).not.toContain('tops3cret')
})

it('says what is wrong, as the program would find it in production', { timeout }, async () => {
  const { code, out } = await project().dure(['config', '--json'], { NODE_ENV: 'production', PORT: 'x' })
  const found = JSON.parse(out) as { problems: string[]; variables: { name: string; wrong?: string }[] }
  expect(code).toBe(1)
  expect(found.problems.map((it) => it.split(':')[0])).toEqual(['PORT', 'SMTP_URL', 'RATES_URL'])
  expect(found.variables.find((it) => it.name === 'SMTP_URL')?.wrong).toBe('it is not set')
})

it('checks without printing values, and finds names that nothing reads', { timeout }, async () => {
  const [well, odd] = await Promise.all([
    project().dure(['config', '--check']),
    project().dure(['config', '--check'], { DURE_LOGG: 'debug' }),
  ])
  expect([well.code, well.out]).toEqual([
    0,
    expect.stringMatching(/^\d+ variables, all as they should be\.\n$/),
  ])
  expect([odd.code, odd.out]).toEqual([
    1,
    'unknown  DURE_LOGG is set, and nothing reads it: did you mean DURE_LOG?\n',
  ])
})
