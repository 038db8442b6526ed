#!/usr/bin/env node
// `npm run services -- up|down|status|restart [name …]`: the real servers that `npm run test:services` needs.
// What they write lies under .services/, and `down` leaves neither a process nor data behind.
import { Complaint } from './bootstrap/complaint.mjs'
import { services } from './services/all.mjs'
import { forgetEnv, rememberEnv } from './services/env-file.mjs'
import { tableOf } from './services/table.mjs'
import { takeTurn } from './services/turn.mjs'

const interruption = new AbortController()
const { signal } = interruption

const verbs = {
  up: (chosen) => eachAfterItsNeeds(withNeeds(chosen), (service) => begin(service, 'up')),
  restart: (chosen) => eachAfterItsNeeds(chosen, (service) => begin(service, 'restart')),
  down: (chosen) =>
    settle(chosen, async (service) => {
      await service.down()
      forgetEnv([service.variable])
      say(service, 'down')
    }),
  async status(chosen, options) {
    const standings = await Promise.all(
      chosen.map(async (service) => ({ name: service.name, found: await service.look() })),
    )
    if (standings.some(({ found }) => !found)) process.exitCode = 3
    if (options.includes('--json')) {
      const flat = standings.map(({ name, found }) => ({ name, up: found !== undefined, ...found }))
      console.log(JSON.stringify(flat, null, 2))
    } else {
      for (const line of tableOf(standings)) console.log(line)
    }
  },
}

const begun = new Set()

async function begin(service, how) {
  const isNew = (await service.look()) === undefined
  if (isNew) begun.add(service)
  const found = await service[how]({ say: (line) => say(service, line), signal })
  rememberEnv({ [service.variable]: found.url })
  say(service, `${isNew || how === 'restart' ? 'up' : 'is up already'}, ${found.version}, ${found.url}`)
}

function withNeeds(chosen) {
  const names = new Set(chosen.flatMap((service) => [service.name, ...service.needs]))
  return services.filter((service) => names.has(service.name))
}

function eachAfterItsNeeds(chosen, work) {
  const works = new Map()
  return settle(chosen, (service) => {
    // A service stands behind those that it needs.
    const done = Promise.all(service.needs.map((name) => works.get(name))).then(() => work(service))
    works.set(service.name, done)
    return done
  })
}

/** All at once; one that fails does not keep the others from it. */
async function settle(chosen, work) {
  const outcomes = await Promise.allSettled(chosen.map(async (service) => work(service)))
  const told = new Set()
  for (const { reason } of outcomes) {
    if (reason === undefined || signal.aborted || told.has(reason)) continue
    told.add(reason)
    console.error(reason instanceof Complaint ? reason.message : reason)
    process.exitCode = 1
  }
}

/** Whoever interrupts a start is left with what there was before it. */
function cleanUpOn(name, exitCode) {
  process.once(name, () => {
    process.exitCode = exitCode
    console.error('interrupted: stopping what has been started …')
    interruption.abort()
  })
}

function say(service, line) {
  console.log(`${service.name}: ${line}`)
}

const [verb, ...args] = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('--'))
const names = args.filter((arg) => !arg.startsWith('--'))
const unknown = [
  ...names.filter((name) => !services.some((service) => service.name === name)),
  ...options.filter((option) => verb !== 'status' || option !== '--json'),
]
if (!Object.hasOwn(verbs, verb ?? '') || unknown.length > 0) {
  if (unknown.length > 0) console.error(`there is no ${unknown.join(', ')}`)
  console.error(`usage: npm run services -- ${Object.keys(verbs).join('|')} [name …], status with --json`)
  for (const { name, about } of services) console.error(`  ${name.padEnd(12)} ${about}`)
  process.exit(2)
}

const chosen = services.filter(({ name }) => names.length === 0 || names.includes(name))
cleanUpOn('SIGINT', 130)
cleanUpOn('SIGTERM', 143)
try {
  if (verb !== 'status') await takeTurn((line) => console.log(line), signal)
  await verbs[verb](chosen, options)
} catch (error) {
  if (!signal.aborted) throw error
}
if (signal.aborted) await verbs.down(services.filter((service) => begun.has(service)))
