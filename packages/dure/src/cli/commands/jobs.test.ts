import { cron, job } from 'dure'
import { describe, expect, it } from 'vitest'
import { deskWith, Note } from '../../../test/fixtures/office.ts'
import type { JobStatus, PollerStatus } from '../../engine/jobs/status.ts'
import { checkSchedules } from '../jobs/check-schedules.ts'
import { runText, taskText } from '../jobs/told.ts'
import { runCli } from '../run-cli.ts'

const plain = (_: unknown, text: string): string => text

async function dure(...args: readonly string[]) {
  let err = ''
  const around = { cwd: '/nowhere', env: {}, out: () => undefined, paint: plain, paintError: plain }
  const code = await runCli(args, { ...around, err: (text) => (err += text) })
  return { code, err }
}

describe('dure jobs', () => {
  it.each([
    [[], 'It is not said what to do.'],
    [['stop'], 'There is no dure jobs stop.'],
    [['list', 'nightly'], 'list takes no name.'],
    [['run'], 'It is not said which job to run.'],
    [['show', 'nightly', '--wait'], '--wait goes with run.'],
    [['run', 'nightly', '--item', 'x'], '--item goes with skip.'],
    [['run', 'nightly', '--input', '{}', '--resume', 'last'], 'A run that goes on has its input already.'],
  ])('is not %j', async (args, problem) => {
    expect(await dure('jobs', ...args)).toMatchObject({
      code: 2,
      err: expect.stringContaining(problem) as string,
    })
  })
})

const at = (time: string): Date => new Date(`2026-03-02T${time}Z`)
const run = {
  run: '2026-03-02T03:00:00.000Z',
  due: at('03:00:00'),
  asked: false,
  state: 'running',
  begun: at('03:00:01'),
  ended: null,
  done: 1200,
  total: 5000,
  tries: 0,
  again: null,
  error: null,
  since: null,
} as const
const idle: JobStatus = {
  kind: 'job',
  context: 'Ordering',
  name: 'cancel old orders',
  schedule: 'daily 03:00 UTC',
  state: 'idle',
  next: at('03:00:00'),
  run: null,
  last: null,
  waiting: 0,
  holder: null,
}

describe('what is told', () => {
  it('of a job: when it is due, how far it is, why it does not get on', () => {
    expect(taskText(idle, plain)).toBe(
      'Ordering job cancel old orders  idle  daily 03:00 UTC, next 2026-03-02T03:00:00.000Z\n',
    )
    expect(taskText({ ...idle, state: 'running', run, next: null, waiting: 2 }, plain)).toBe(
      'Ordering job cancel old orders  running  daily 03:00 UTC, 1200 of 5000 (24 %), 2 asked for\n',
    )
    const error = { code: 'DURE_JOB_REJECTED', reason: 'it issued cancel, which was rejected', item: 'o-1' }
    expect(
      taskText(
        { ...idle, schedule: null, state: 'failed', next: null, last: { ...run, state: 'failed', error } },
        plain,
      ),
    ).toBe(
      'Ordering job cancel old orders  failed  when asked for, last failed 1200 of 5000 (24 %)\n' +
        '  DURE_JOB_REJECTED item "o-1" it issued cancel, which was rejected\n',
    )
  })

  it('of a poller: how much it brought, and since when its source fails', () => {
    const poller: PollerStatus = {
      kind: 'poller',
      context: 'Banking',
      name: 'statements',
      schedule: 'every 1m',
      state: 'failing',
      next: at('03:10:00'),
      polled: at('03:05:00'),
      handled: 17,
      tries: 3,
      error: { code: 'DURE_JOB_FAILED', reason: 'the bank is closed' },
      since: at('03:00:00'),
      holder: null,
    }
    expect(taskText(poller, plain)).toBe(
      'Banking poller statements  failing  every 1m, 17 handled, asked 2026-03-02T03:05:00.000Z, ' +
        'fails since 2026-03-02T03:00:00.000Z (3 times), next 2026-03-02T03:10:00.000Z\n' +
        '  DURE_JOB_FAILED the bank is closed\n',
    )
  })

  it('of a run: from when to when, and which missed times it stands for', () => {
    const ended = at('03:00:09')
    expect(runText({ ...run, state: 'done', total: null, ended, since: at('01:00:00') }, plain)).toBe(
      '  2026-03-02T03:00:00.000Z  done  1200 done  2026-03-02T03:00:01.000Z to 2026-03-02T03:00:09.000Z, ' +
        'for all that was due since 2026-03-02T01:00:00.000Z\n',
    )
  })
})

it('dure check finds a schedule that never comes', () => {
  const never = job('leap', { on: cron('0 0 30 2 *', 'UTC') })
    .reads(() => ({ items: ['a'] }), { key: String })
    .issues({ write: Note.commands.write })
    .do(() => [])
  expect(checkSchedules(deskWith(never))).toMatchObject([
    { code: 'DURE_JOB_SCHEDULE', level: 'error', where: 'Desk, job "leap"' },
  ])
})
