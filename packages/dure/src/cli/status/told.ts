import { isTaskWell } from '../../engine/jobs/status.ts'
import { taskLines } from '../jobs/told.ts'
import type { Paint } from '../paint.ts'
import type { ConsumerStatus } from './consumers.ts'
import type { ContextStatus, SystemStatus } from './gather.ts'
import type { TopicStatus } from './topics.ts'

/** Where a system stands, for people. */
export function statusText(it: SystemStatus, paint: Paint): string {
  const { system, at, store, broker, contexts } = it
  const bus = broker === null ? 'no broker' : `broker ${broker.name}`
  return [
    `${paint('bold', system)}  store ${store.name}, ${bus}`,
    ...(broker?.error ? [`  ${paint('red', broker.error.code)} ${broker.error.message}`] : []),
    ...warningLines(it, paint),
    ...processLines(it, paint),
    ...contexts.flatMap((context) => ['', ...contextLines(context, at, paint)]),
    ...hints(contexts).map((hint) => `\n${paint('gray', hint)}`),
    '',
  ].join('\n')
}

function processLines({ processes, contexts, at }: SystemStatus, paint: Paint): readonly string[] {
  if (processes.length === 0) return ['', `  ${paint('yellow', 'no process runs')}`]
  const rows = processes.map((it) => [
    it.host === '' ? it.id : `${it.host} ${it.pid}`,
    it.contexts.length === contexts.length ? 'all' : it.contexts.join(', '),
    it.roles.join(', '),
    it.release || '-',
    ageText(at.getTime() - it.since.getTime()),
  ])
  const table = columns([['process', 'contexts', 'roles', 'release', 'since'], ...rows])
  return [
    '',
    ...table.map((row, i) => headed(`  ${row.trimEnd()}`, i, paint)),
    ...missing(processes, contexts).map((text) => `  ${paint('yellow', text)}`),
  ]
}

/** What nobody does, of what has to be done by somebody. */
function missing(
  processes: SystemStatus['processes'],
  contexts: readonly ContextStatus[],
): readonly string[] {
  return contexts.flatMap(({ context }) => {
    const own = processes.filter((it) => it.contexts.includes(context))
    if (own.length === 0) return [`${context} runs nowhere`]
    return own.some((it) => it.roles.includes('worker'))
      ? []
      : [`${context} has no worker: nothing of it gets on`]
  })
}

/** What many topics have in common is told once. */
function warningLines({ store, contexts }: SystemStatus, paint: Paint): readonly string[] {
  const topics = contexts.flatMap(({ topic }) => (topic === null ? [] : [topic]))
  const all = [
    ...store.warnings.map((warning) => ({ ...warning, of: 'store' })),
    ...topics.flatMap(({ topic, warnings }) => warnings.map((warning) => ({ ...warning, of: topic }))),
  ]
  const alike = Map.groupBy(all, ({ setting, found, advice }) => `${setting} = ${found}\0${advice}`)
  return [...alike].map(([key, warnings]) => {
    const [what = '', advice] = key.split('\0')
    return `  ${paint('yellow', what)} (${warnings.map((it) => it.of).join(', ')}): ${advice}`
  })
}

function contextLines(it: ContextStatus, at: Date, paint: Paint): readonly string[] {
  const { context, settled, epoch, consumers, relay, topic, jobs } = it
  const rows = consumers.map((consumer) => [
    consumer.consumer,
    consumer.source,
    numberText(consumer.through),
    numberText(consumer.lag),
    consumer.oldest === null ? '-' : ageText(at.getTime() - consumer.oldest.at.getTime()),
  ])
  const states = ['state', ...consumers.map((consumer) => stateText(consumer, paint))]
  const table = columns([['consumer', 'source', 'through', 'lag', 'oldest'], ...rows])
  return [
    `${paint('bold', context)}  settled ${settled}${paint('gray', `, epoch ${epoch}`)}`,
    ...(topic === null ? [] : topicLines(topic, at, paint)),
    ...(topic === null && relay === null ? [] : [`  ${relayText(relay, paint)}`]),
    ...(rows.length === 0 ? [] : table.map((row, i) => headed(`  ${row}  ${states[i] ?? ''}`, i, paint))),
    ...jobs.flatMap((job) => taskLines(job, paint)).map((line) => `  ${line}`),
  ]
}

function topicLines({ topic, state, error, ...it }: TopicStatus, at: Date, paint: Paint): readonly string[] {
  if (error !== null) return [`  topic ${topic}  ${paint('red', error.code)} ${error.message}`]
  const oldest = it.oldest && `, oldest ${ageText(at.getTime() - it.oldest.at.getTime())}`
  const place = state === 'missing' ? 'not made yet' : `published ${numberText(it.published)}`
  const lag = `lag ${numberText(it.lag)}${oldest ?? ''}`
  return [`  topic ${topic}  ${place}, ${it.lag === 0 ? lag : paint('yellow', lag)}`]
}

function relayText(relay: ContextStatus['relay'], paint: Paint): string {
  if (relay === null) return paint('yellow', 'nobody publishes: no process holds the lease of the relay')
  return `relay ${relay.holder}${paint('gray', `, until ${relay.until.toISOString()}`)}`
}

function stateText({ state, parked, held }: ConsumerStatus, paint: Paint): string {
  const counts = [
    ...(parked > 0 ? [`parked ${aggregates(parked)}`] : []),
    ...(held > 0 ? [`held ${aggregates(held)}`] : []),
  ]
  if (state === 'ok') return paint('green', state)
  if (state === 'elsewhere') return paint('gray', 'heard from another repository')
  if (state === 'behind') return paint('yellow', state)
  if (state === 'held') return paint('yellow', counts.join(', '))
  if (state === 'parked') return paint('red', counts.join(', '))
  return paint('red', [state === 'gone' ? 'not in the model' : state, ...counts].join(', '))
}

function hints(contexts: readonly ContextStatus[]): readonly string[] {
  const all = contexts.flatMap(({ consumers }) => consumers)
  const waits = all.some(({ state }) => state === 'waiting for epoch')
  return [
    ...(all.some(({ parked }) => parked > 0) ? ['dure parked list says why.'] : []),
    ...(contexts.some(({ jobs }) => !jobs.every(isTaskWell)) ? ['dure jobs list says more.'] : []),
    ...(waits ? ['dure explain DURE_CONSUMER_EPOCH says what to do.'] : []),
  ]
}

const aggregates = (count: number): string => `${count} aggregate${count === 1 ? '' : 's'}`
const numberText = (value: number | null): string => (value === null ? '-' : String(value))
const headed = (row: string, i: number, paint: Paint): string => (i === 0 ? paint('gray', row) : row)

/** `40 s`, `12 min`, `3 h`, `9 d`. */
function ageText(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) => row.map((text, i) => text.padEnd(widths[i] ?? 0)).join('  '))
}
