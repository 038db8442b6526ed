import { expect, it } from 'vitest'
import * as z from 'zod'
import { aggregate, context, contract, event, system, type System } from 'dure'
import { createHost, type Host } from 'dure/host'
import type { Storage } from 'dure/ports'
import { eachStore } from '../../fixtures/each-way.ts'
import { codeOf, keptOpen } from '../../fixtures/running.ts'

const fields = { phone: z.string(), mobile: z.string() }
const Joined = event('Joined', fields)
const Changed = event('Changed', fields)

const bare = aggregate('Member', {
  state: fields,
  events: { Joined, Changed },
  rejections: { Taken: {} },
})
  .starts({ Joined: (e) => e })
  .evolves({ Changed: (_, e) => e })

const byPhone = bare
  .unique('Taken', (it) => it.phone)
  .factory('join', fields, (input, { emit }) => emit.Joined(input))
  .command('change', fields, (_, input, { emit }) => emit.Changed(input))
const byMobile = bare
  .unique('Taken', (it) => it.mobile)
  .factory('join', fields, (input, { emit }) => emit.Joined(input))
  .command('change', fields, (_, input, { emit }) => emit.Changed(input))

const clubOf = (member: typeof byPhone): System =>
  system('Club', { contexts: [context(contract('Members', {}), [member]).implements({})] })

const start = (member: typeof byPhone, storage: Storage) => createHost(clubOf(member), { storage })

async function join(host: Host, member: typeof byPhone, input: { phone: string; mobile: string }) {
  const all = host.repository(member, { actor: 'x' })
  const made = all.create.join(input)
  if (!made.ok) throw new Error('rejected')
  await all.save(made.next)
  return made.next.id
}

eachStore('a rule of uniqueness over another value than before, by the same name', (_, open) => {
  it('takes the new values of those that exist, and frees the old', async () => {
    const storage = keptOpen(open())
    const before = await start(byPhone, storage)
    await join(before, byPhone, { phone: '1', mobile: '10' })
    await before.close()
    const now = await start(byMobile, storage)
    expect(await codeOf(join(now, byMobile, { phone: '2', mobile: '10' }))).toBe('DURE_UNIQUE_TAKEN')
    expect(await codeOf(join(now, byMobile, { phone: '3', mobile: '1' }))).not.toBe('DURE_UNIQUE_TAKEN')
    await now.close()
  })

  it('comes into force also where each value is the old one of the next', async () => {
    const storage = keptOpen(open())
    const before = await start(byPhone, storage)
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8])
      await join(before, byPhone, { phone: `${n}`, mobile: `${(n % 8) + 1}` })
    await before.close()
    const now = await start(byMobile, storage)
    expect(await codeOf(join(now, byMobile, { phone: '9', mobile: '8' }))).toBe('DURE_UNIQUE_TAKEN')
    await now.close()
  })

  it('that cannot come into force leaves the one before to be taken again', async () => {
    const storage = keptOpen(open())
    const before = await start(byPhone, storage)
    await join(before, byPhone, { phone: '1', mobile: '10' })
    await join(before, byPhone, { phone: '2', mobile: '10' })
    await before.close()
    expect(await codeOf(start(byMobile, storage))).toBe('DURE_UNIQUE_VIOLATED')
    const again = await start(byPhone, storage)
    for (const phone of ['1', '2'])
      expect(await codeOf(join(again, byPhone, { phone, mobile: '11' }))).toBe('DURE_UNIQUE_TAKEN')
    await again.close()
  })
})
