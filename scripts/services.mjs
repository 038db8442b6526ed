#!/usr/bin/env node
// `npm run services -- up|down|status|restart [name …]`: the real servers that `npm run test:services` needs.
// Everything they write lies under .services/, and `down` leaves neither a process nor data behind.
import { Complaint } from './bootstrap/complaint.mjs'
import { services } from './services/all.mjs'
import { forgetEnv, rememberEnv } from './services/env-file.mjs'

const verbs = {
  async up(service) {
    const env = (await service.running()) ?? (await service.up((line) => say(service, line)))
    rememberEnv(env)
    say(service, `up, ${Object.values(env).join(' ')}`)
  },
  async down(service) {
    await service.down((line) => say(service, line))
    forgetEnv(service.envNames)
    say(service, 'down')
  },
  async restart(service) {
    const env = await service.restart((line) => say(service, line))
    rememberEnv(env)
    say(service, `up again, ${Object.values(env).join(' ')}`)
  },
  async status(service) {
    const env = await service.running()
    say(service, env ? `up, ${Object.values(env).join(' ')}` : 'down')
    if (!env) process.exitCode = 3
  },
}

function say(service, line) {
  console.log(`${service.name}: ${line}`)
}

const [verb, ...names] = process.argv.slice(2)
const unknown = names.filter((name) => !services.some((service) => service.name === name))
if (!Object.hasOwn(verbs, verb ?? '') || unknown.length > 0) {
  console.error(`usage: npm run services -- ${Object.keys(verbs).join('|')} [name …]`)
  console.error(`services: ${services.map((service) => `${service.name} (${service.about})`).join(', ')}`)
  process.exit(2)
}

for (const service of services) {
  if (names.length > 0 && !names.includes(service.name)) continue
  try {
    await verbs[verb](service)
  } catch (error) {
    console.error(error instanceof Complaint ? error.message : error)
    process.exitCode = 1
  }
}
